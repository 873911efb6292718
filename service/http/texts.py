"""The contents of an upload's text files, within a bound."""

from __future__ import annotations

from collections.abc import Collection
from time import thread_time

from service.deadline import DeadlineExceeded, within
from service.dockerfile.ignore import visible
from service.http.paths import check_ignore
from service.listing import text_of

_ENTRY = 256
"""Bytes that an entry costs besides its content, about: with it, empty files have an end, too."""


class Texts:
    """Texts by path. Where they are more than `most` bytes, ignored files go first, then those that lie deepest: an archive is read once, in
    an order of its own, and what is nearest to the root says most about a build. Raises DeadlineExceeded where choosing takes more than half of
    `seconds` on a processor altogether: an archive of small files that packs well may ask for it hundreds of times."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._found: dict[str, str] = {}
        self._bytes = 0
        self._ignore = ""
        self._ignored: dict[str, bool] = {}
        self._spent = 0.0

    @property
    def ignore(self) -> str:
        return self._ignore

    @ignore.setter
    def ignore(self, text: str) -> None:
        self._ignore, self._ignored = text, {}

    def add(self, path: str, content: bytes) -> None:
        """Nothing for what is no text."""
        text = text_of(content)
        if text is None:
            return
        self._found[path] = text
        self._bytes += _cost(text)
        if self._bytes > self._most:
            self._shrink()

    def drop(self, path: str) -> None:
        text = self._found.pop(path, None)
        self._bytes -= 0 if text is None else _cost(text)

    def get(self, path: str) -> str | None:
        return self._found.get(path)

    def _shrink(self) -> None:
        """To three quarters, so that it is seldom done."""
        begun = thread_time()
        with within(self._seconds):
            self._judge([path for path in self._found if path not in self._ignored])
        order = sorted(self._found, key=lambda path: (self._ignored[path], path.count("/"), path))
        while order and self._bytes > self._most * 3 // 4:
            self.drop(order.pop())
        self._spent += thread_time() - begun
        if self._spent > self._seconds / 2:
            raise DeadlineExceeded

    def _judge(self, paths: Collection[str]) -> None:
        check_ignore(paths, self._ignore)
        seen = visible(paths, self._ignore)
        self._ignored |= {path: path not in seen for path in paths}


def _cost(text: str) -> int:
    return len(text) + _ENTRY
