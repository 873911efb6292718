"""Versions of Python distributions, as far as choosing a size needs them (PEP 440 without epochs and local parts)."""

from __future__ import annotations

from service.remembering import remembered

Version = tuple[int, ...]
_MOST_PARTS, _MOST_DIGITS = 6, 12


@remembered(8_000)
def parse_version(text: str) -> Version:
    """The release numbers without trailing zeros, then -1 for a pre-release and 0 for any other: `1.20.0rc1` is (1, 20, -1)."""
    numbers: list[int] = []
    early = False
    for part in text.strip().removeprefix("v").partition("+")[0].rpartition("!")[2].split(".", _MOST_PARTS)[:_MOST_PARTS]:
        digits = _leading_digits(part)
        if digits:
            numbers.append(int(digits[:_MOST_DIGITS]))
        if len(digits) < len(part):
            early = part[len(digits) :].lower().startswith(("a", "b", "c", "rc", "dev", "alpha", "beta", "pre"))
            break
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return (*numbers, -1 if early else 0)


def _leading_digits(text: str) -> str:
    end = next((index for index, letter in enumerate(text) if letter not in "0123456789"), len(text))
    return text[:end]


def admits(operator: str, version: str, candidate: Version) -> bool:
    """Whether a version satisfies one clause of a specifier; an operator that is not known admits all."""
    if version.endswith(".*"):
        prefix = _padded(version[:-2])
        same = (*candidate, *[0] * len(prefix))[: len(prefix)] == prefix
        return same if operator == "==" else not same if operator == "!=" else True
    wanted = parse_version(version)
    if operator == "~=":
        prefix = _padded(version)[:-1]
        return candidate >= wanted and (*candidate, *[0] * len(prefix))[: len(prefix)] == prefix
    return {
        "<": candidate < wanted,
        "<=": candidate <= wanted,
        ">": candidate > wanted,
        ">=": candidate >= wanted,
        "==": candidate == wanted,
        "===": candidate == wanted,
        "!=": candidate != wanted,
    }.get(operator, True)


def _padded(version: str) -> Version:
    """The release numbers with their zeros: `~=2.0` bounds the first number."""
    return tuple(int(digits[:_MOST_DIGITS]) for part in version.split(".", _MOST_PARTS)[:_MOST_PARTS] if (digits := _leading_digits(part)))
