"""Frozen values that set their slots themselves."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from service.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class _Pair:
    one: int
    other: str = "b"


def test_a_quick_value_is_what_the_dataclass_is() -> None:
    pair = _Pair(1)
    assert (pair, repr(pair), hash(pair)) == (_Pair(one=1, other="b"), "_Pair(one=1, other='b')", hash(_Pair(1, "b")))
    assert replace(pair, other="c") == _Pair(1, "c")
    with pytest.raises(FrozenInstanceError):
        pair.one = 2  # type: ignore[misc]


def test_what_needs_more_than_its_arguments_is_refused() -> None:
    with pytest.raises(TypeError):

        @quick
        @dataclass(frozen=True, slots=True)
        class _Listed:
            found: list[int] = field(default_factory=list)
