"""Caches that nobody can fill the memory with: least recently used entries go, and what was made from long texts is not kept, or by its length."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache, wraps
from threading import Lock
from typing import Generic, ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")
_LONGEST = 200


class _TooLong(Exception):
    """An argument that is not kept."""


def remembered(most: int) -> Callable[[Callable[_Given, _Made]], Callable[_Given, _Made]]:
    """`lru_cache` for a function of words (names, versions, patterns): a call with one longer than 200 characters is made anew each time."""

    def decorate(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
        @lru_cache(maxsize=most)
        def cached(*args: _Given.args, **kwargs: _Given.kwargs) -> _Made:
            # Looked at on a miss alone, since the cache is asked far more often than it has to make anything; what raises is not kept.
            for argument in args:
                if argument.__class__ is str and len(argument) > _LONGEST:
                    raise _TooLong
            return function(*args, **kwargs)

        @wraps(function)
        def call(*args: _Given.args, **kwargs: _Given.kwargs) -> _Made:
            try:
                return cached(*args, **kwargs)  # type: ignore[arg-type]
            except _TooLong:
                return function(*args, **kwargs)

        return call

    return decorate


class ByLength(Generic[_Made]):
    """What was made of texts, the most recently asked for first to stay, as long as all texts together have at most `characters`."""

    def __init__(self, make: Callable[[str], _Made], characters: int) -> None:
        self._make, self._characters = make, characters
        self._known: OrderedDict[str, _Made] = OrderedDict()
        self._length = 0
        self._lock = Lock()

    def __call__(self, text: str) -> _Made:
        found = self._known.get(text)
        if found is not None:
            try:  # noqa: SIM105 (`suppress` takes as long as all the rest of this)
                self._known.move_to_end(text)
            except KeyError:
                # Another thread may have let go of it by now.
                pass
            return found
        made = self._make(text)
        with self._lock:
            if text not in self._known:
                self._length += len(text)
            self._known[text] = made
            while self._length > self._characters and len(self._known) > 1:
                self._length -= len(self._known.popitem(last=False)[0])
        return made
