"""Globs as regular expressions say what the matcher says."""

from __future__ import annotations

import random
import re

from service.dockerfile.patterns import expression, glob_matches

_PIECES = ("a", "b", "*", "?", "[ab]", "[^a]", "[a-b]", "\\*", ".", "[b-a]", "[", " ", "-")


def test_expressions_match_what_globs_match() -> None:
    source = random.Random(7)
    matched = 0
    for _ in range(3_000):
        parts = ("".join(source.choice(_PIECES) for _ in range(source.randint(1, 4))) for _ in range(source.randint(1, 5)))
        pattern = "/".join(source.choice(("**", "*", "a", part)) for part in parts)
        compiled = re.compile(expression(pattern))
        for _ in range(5):
            name = "/".join("".join(source.choice("aabb.*-\n") for _ in range(source.randint(1, 3))) for _ in range(source.randint(1, 5)))
            matched += glob_matches(pattern, name)
            assert (compiled.fullmatch(name + "/") is not None) == glob_matches(pattern, name), (pattern, name)
    assert matched > 500
