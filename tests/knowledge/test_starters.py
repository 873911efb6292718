"""What a program starts, as its words say."""

from __future__ import annotations

import pytest

from service.image.mentions import BUILD_TOOLS
from service.knowledge.starters import CONFIGURED, SERVING, STARTERS


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("tini -g -- web --port 80", "web"),
        ("gosu app web", "web"),
        ("env -u HOME A=b web", "web"),
        ("sudo -u app -E web", "web"),
        ("timeout -s KILL 30 web", "web"),
        ("runuser -u app -- web", "web"),
        ("dockerize -wait tcp://db:5432 -timeout 9s web", "web"),
        ("wait-for-it db:5432 -t 30 -- web", "web"),
        ("poetry run web", "web"),
        ("uv run --with rich web", "web"),
        ("poetry install", None),
        ("bundle install", None),
        ("su app -c web", None),
        ("su app web", "web"),
        ("tini --", None),
        ("socat TCP-LISTEN:1 EXEC:web", None),
    ],
)
def test_the_command_behind(words: str, expected: str | None) -> None:
    found = words.split()
    place = STARTERS[found[0]].command(found)
    assert (None if place is None else found[place]) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["socat", "TCP-L:1,fork", "EXEC:python3 a.py,stderr"], ("python3 a.py",)),
        (["socat", "TCP-L:1", "system:'a, b' c,pty"], ("'a, b' c",)),
        (["socat", "TCP-L:1", "EXEC:a\\,b,pty"], ("a\\,b",)),
        (["socat", "TCP-L:1", "TCP:other:2"], ()),
        (["su", "-", "app", "-c", "web --port 80"], ("web --port 80",)),
        (["ncat", "-lk", "7000", "--sh-exec", "web"], ("web",)),
        (["concurrently", "-n", "one,two", "web", "work --all"], ("web", "work --all")),
        (["concurrently", None, "web"], ("web",)),
    ],
)
def test_commands_in_one_word(words: list[str | None], expected: tuple[str, ...]) -> None:
    assert STARTERS[words[0] or ""].commands(words) == expected


def test_a_word_that_is_not_constant_ends_the_search() -> None:
    assert STARTERS["gosu"].command(["gosu", "app", None, "web"]) is None


def test_no_program_is_in_two_tables() -> None:
    assert not CONFIGURED & SERVING
    assert not (STARTERS.keys() | CONFIGURED | SERVING) & BUILD_TOOLS
