"""Requests without files of a context share what lines do, and nothing of it depends on who asked before."""

from __future__ import annotations

from service.context import BuildContext
from service.dockerfile import read
from service.image.interpret import interpret

_TEXT = "FROM node:20\nARG V=1\nENV A=$V\nWORKDIR /srv/$A\nRUN npm install express@$V\nCOPY . .\n"


def test_build_arguments_of_another_request_are_not_seen() -> None:
    folders = [interpret(read(_TEXT), BuildContext.unknown(), build_args=given).config.workdir for given in ({}, {"V": "2"}, {}, {"V": "3"})]
    assert folders == ["/srv/1", "/srv/2", "/srv/1", "/srv/3"]


def test_a_context_with_files_gives_what_it_gives_by_itself() -> None:
    files = BuildContext({"package.json": "{}", "a.js": None}, True)
    first = interpret(read(_TEXT), files)
    interpret(read(_TEXT), BuildContext.unknown())
    assert interpret(read(_TEXT), files) == first
