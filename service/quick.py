"""Frozen values that are made by the thousand."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, TypeVar

_Value = TypeVar("_Value")


def quick(value: type[_Value]) -> type[_Value]:
    """The frozen dataclass with slots that it decorates, made in half the time: dataclasses' own `__init__` finds each slot anew by its name
    (`object.__setattr__`), this one sets it. It takes no default factory and no `__post_init__`."""
    made = [one.name for one in fields(value)]  # type: ignore[arg-type]
    if hasattr(value, "__post_init__") or any(one.default_factory is not MISSING or not one.init for one in fields(value)):  # type: ignore[arg-type]
        raise TypeError(f"{value.__name__} is made by more than its arguments")
    slots: dict[str, Any] = {f"_set_{name}": value.__dict__[name].__set__ for name in made}
    lines = "".join(f"    _set_{name}(self, {name})\n" for name in made)
    # As dataclasses does it, with the class's own field names.
    exec(f"def __init__(self, {', '.join(made)}):\n{lines}", slots)
    init = slots["__init__"]
    given: Any = value.__dict__["__init__"]
    init.__defaults__, init.__annotations__, init.__qualname__ = given.__defaults__, given.__annotations__, given.__qualname__
    setattr(value, "__init__", init)  # noqa: B010
    return value
