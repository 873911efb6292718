from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.dockerfile.words import ExpansionError, expand, expand_words, references
from tests.shared import SHARED, needs_buildkit

SCOPE = {"HOME": "/home", "PWD": "/home", "SHELL": "bash", "KOREAN": "한국어", "NULL": ""}


@needs_buildkit
def test_buildkits_own_expansions() -> None:
    wrong = []
    for line in (SHARED / "buildkit" / "envVarTest").read_text().splitlines():
        parts = line.split("|")
        if line.startswith("#") or len(parts) < 3 or parts[0].strip() == "W":
            continue
        word, expected = parts[1].strip(), parts[2].strip()
        try:
            found = expand(word, SCOPE)
        except ExpansionError:
            found = "error"
        wrong += [] if found == expected else [(word, found, expected)]
    assert wrong == []


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("${A:-x}", "x"),
        ("${HOME#/}", "home"),
        ("${SHELL%h}", "bas"),
        ("${SHELL/as/AS}", "bASh"),
        ("'$HOME'", "$HOME"),
        ('"$HOME"', "/home"),
        ("\\$HOME", "$HOME"),
        ("${NULL:-${HOME}}", "/home"),
        ("${HOME##*/}", "home"),
    ],
)
def test_expansion(word: str, expected: str) -> None:
    assert expand(word, SCOPE) == expected


def test_words_split_at_blanks_that_are_not_quoted() -> None:
    assert expand_words("a 'b c' $X", {"X": "d e"}) == ["a", "b c", "d", "e"]


def test_references() -> None:
    assert references("$A-${B:-$C}") == {"A", "B", "C"}


@pytest.mark.parametrize("word", ["${a##*a*a*a*ab}", "${a//*a*b/}", "${a%%*a*a*b}"])
def test_patterns_over_long_values_end(word: str) -> None:
    """Both reference lexers backtrack here for seconds."""
    assert expand(word, {"a": "a" * 2_000}) == "a" * 2_000


def test_doubling_is_bounded() -> None:
    scope = {"x": "y" * 40_000}
    with pytest.raises(ExpansionError):
        expand("$x$x", scope)


def test_nesting_is_bounded() -> None:
    with pytest.raises(ExpansionError):
        expand("${a:-" * 500 + "x" + "}" * 500, {})


@given(st.text(alphabet="ab$ {}:-+?#%/'\"\\*", max_size=30))
def test_any_word_is_expanded_or_refused(word: str) -> None:
    with contextlib.suppress(ExpansionError):
        assert isinstance(expand(word, {"a": "1", "b": "*"}), str)
