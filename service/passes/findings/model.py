"""What a finding is: an observation about a file that no pass repairs by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from service.refactoring.facts import Facts


@dataclass(frozen=True, slots=True)
class Found:
    """The place among the file's instructions, and why it is worth a word. It never quotes a value that could be a secret."""

    index: int
    because: str


@dataclass(frozen=True, slots=True)
class Finding:
    """`worth` orders findings, the highest first. `hadolint` and `checks` are the rules of hadolint and BuildKit with which a file's own
    comments turn it off. `find` yields places in order; its docstring is the finding's page."""

    code: str
    summary: str
    worth: int
    find: Callable[[Facts], Iterator[Found]]
    hadolint: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
