from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.ecosystems.makefiles import FILES, UNKNOWN, Call, Surroundings, command_line, recipes
from service.ecosystems.model import Invocation

MAKE = shutil.which("make")


def around(files: dict[str, str] | None = None, made: tuple[str, ...] = ()) -> Surroundings:
    there = {f"/src/{name}": text for name, text in (files or {}).items()}
    folders = {path.rpartition("/")[0] for path in there}

    def matching(pattern: str) -> tuple[str, ...]:
        start, _, end = pattern.partition("*")
        return tuple(path for path in there if path.startswith(start) and path.endswith(end) and "/" not in path[len(start) :])

    return Surroundings(
        object(), there.get, lambda path: path in there or path in folders, lambda path: path in {f"/src/{name}" for name in made}, matching
    )


def lines(text: str, *goals: str, files: str = "", made: tuple[str, ...] = (), **overrides: str | None) -> list[str] | None:
    found = recipes(text, Call("/src", goals=goals, overrides=tuple(overrides.items())), around(dict.fromkeys(files.split(), ""), made))
    return None if found is None else [" ".join(line.text.split()) for line in found.lines]


READ = [
    ("a:\n\tone\n\ttwo\nb:\n\tthree\n", ["one", "two"]),
    ("all: b c\nb:\n\tone\nc: b\n\ttwo\n", ["one", "two"]),
    ("X = 1\nY := $(X)\nX = 2\na:\n\techo $(X) $(Y)\n", ["echo 2 1"]),
    ("X ?= 1\nX ?= 2\na:\n\techo ${X}$X\n", ["echo 11"]),
    ("X = a\nX += b\na:\n\techo $(X)\n", ["echo a b"]),
    ("a:\n\t@one\n\t-two\n\t+@three\n", ["one", "two", "three"]),
    ("a:\n\tone \\\n\t  two\n", ["one \\ two"]),
    ("A = x \\\n  y\na: # why\n\techo $(A) # said\n", ["echo x y # said"]),
    ("a:\n\tfor i in 1 2; do echo $$i; done\n", ["for i in 1 2; do echo $i; done"]),
    ("a: ; one\n", ["one"]),
    ("a: b.o\n\tld -o $@ $^\n%.o: %.in h\n\tcc $< -o $@ # $*\n", ["cc b.in -o b.o # b", "ld -o a b.o"]),
    ("b: b.o\n.c.o:\n\tmycc -c $<\n", ["mycc -c b.c", "cc b.o -o b"]),
    ("b: b.o x.o\nb.o: b.c\nx.o:\n\tone\n", ["cc -c -o b.o b.c", "one", "cc b.o x.o -o b"]),
    ("O = x/b.o\na: $(O)\n$(O): x/%.o: %.c | x\n\tcc -o $@ $<\nx:\n\tmkdir -p $@\n", ["mkdir -p x", "cc -o x/b.o b.c"]),
    ("a:\n\techo $(@D) $(@F) $(dir p/q) $(notdir p/q) $(basename p.c) $(suffix p.c)\n", ["echo . a p/ q p .c"]),
    ("S = b.c d.c\na:\n\techo $(S:.c=.o) $(patsubst %.c,o/%.o,$(S)) $(addprefix x/,$(S))\n", ["echo b.o d.o o/b.o o/d.o x/b.c x/d.c"]),
    ("S = $(wildcard *.c)\na:\n\techo $(S)\n", ["echo b.c"]),
    ("a:\n\techo $(sort c b a b) $(filter %.c,b.c d.h) $(filter-out %.c,b.c d.h) $(firstword p q)\n", ["echo a b c b.c d.h p"]),
    ("ifeq ($(shell uname),Linux)\nX = l\nelse\nX = m\nendif\na:\n\techo $(X)\n", ["echo l"]),
    ('ifdef NO\nX = l\nelse ifneq "a" "b"\nX = m\nelse\nX = n\nendif\na:\n\techo $(X)\n', ["echo m"]),
    ("define help\n\tanything $(eval x)\nendef\na:\n\tone\n", ["one"]),
    ("-include b.d\n-include none.mk\na:\n\tone\n", ["one"]),
    ("CFLAGS += $(shell pkg-config --cflags x)\na:\n\tcc $(CFLAGS) -o a\n", [f"cc {UNKNOWN} -o a"]),
    ("a: $(shell find . -name '*.go')\n\tgo build\n", ["go build"]),
    ("a: *.c\n\tcat $^\n", ["cat b.c"]),
    (".PHONY: a\na:\n\t$(MAKE) -C sub b\n", ["make -C sub b"]),
    (".DEFAULT_GOAL := b\na:\n\tone\nb:\n\ttwo\n", ["two"]),
    ("./a: b.c\n\tcc ./b.c\n", ["cc ./b.c"]),
    ("a:\r\n\tone\r\n", ["one"]),
    ("$(info hello)\na:\n\tone\n", ["one"]),
]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_what_make_would_run(text: str, expected: list[str]) -> None:
    assert lines(text, files="b.c b.in h") == expected


@pytest.mark.skipif(MAKE is None, reason="make is absent")
@pytest.mark.parametrize(("text", "expected"), [pair for pair in READ if not any(mark in pair[0] for mark in ("$(MAKE)", "$(shell", "$(info", "+@"))])
def test_make_itself_says_so(text: str, expected: list[str], tmp_path: Path) -> None:
    assert MAKE is not None
    for name in ("b.c", "b.in", "h"):
        (tmp_path / name).write_text("")
    (tmp_path / "Makefile").write_bytes(text.encode())
    found = subprocess.run([MAKE, "-n", "-B"], cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True)
    assert " ".join(found.stdout.split()) == " ".join(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "include config.mk\na:\n\tone\n",
        "-include made.mk\na:\n\tone\n",
        "a: z\n\tone\n",
        "a: $(X)\n\tone\nX := $(shell cat list)\ninclude $(X)\n",
        "X := $(shell cat list)\na: $(X)\n\tone\n",
        "a::\n\tone\n",
        "a: X = 1\na:\n\tone\n",
        ".ONESHELL:\na:\n\tone\n",
        "$(eval a: b)\na:\n\tone\n",
        "$(foreach x,b c,$(eval $(x): ;one))\na:\n\tone\n",
        "X = $(X)\na:\n\t$(X)\n",
        "SHELL = /usr/bin/python3\na:\n\tone\n",
        "VPATH = src\na:\n\tone\n",
        "ifeq ($(shell git describe),v1)\na:\n\tone\nelse\na:\n\ttwo\nendif\n",
        "a: b.o\n%.o: %.y\n\tone\n",
        "a: b\n%: %.y\n\tone\n",
        "ifdef X\na:\n\tone\n",
        "X := $(shell make other)\na:\n\tone\n",
        "nonsense\na:\n\tone\n",
    ],
)
def test_what_cannot_be_read(text: str) -> None:
    assert lines(text, files="b.c", made=("made.mk",)) is None or "b.o" in text


def test_goals_and_variables_of_the_command_line() -> None:
    text = "PREFIX = /usr/local\nDESTDIR ?=\nall:\n\tone\ninstall: all\n\tinstall -D p $(DESTDIR)$(PREFIX)/bin/p\n.PHONY: install\n"
    assert lines(text, "install") == ["one", "install -D p /usr/local/bin/p"]
    assert lines(text, "install", PREFIX="/usr", DESTDIR="/x") == ["one", "install -D p /x/usr/bin/p"]
    assert lines(text, "install", PREFIX=None) == ["one", f"install -D p {UNKNOWN}/bin/p"]
    assert lines(text, "none") is None


def test_the_environment_gives_way_to_the_file() -> None:
    text = "A = 1\nB ?= 1\nexport B\na:\n\techo $(A) $(B) $(C)\n"
    found = recipes(text, Call("/src", environment=(("A", "2"), ("B", "2"), ("C", "$2"))), around())
    assert found is not None
    assert (found.lines[0].text, found.exports) == ("echo 1 2 $2", (("B", "2"),))


def test_a_file_that_is_there_is_up_to_date() -> None:
    assert lines("install:\n\tcp a /usr/local/bin\n", "install", files="install") == []
    assert lines("install:\n\tcp a /usr/local/bin\n.PHONY: install\n", "install", files="install") == ["cp a /usr/local/bin"]


def test_an_undecided_branch_is_not_known() -> None:
    text = "ifeq ($(shell which clang),)\nX = gcc\nelse\nX = clang\nendif\na:\n\t$(X) b\nc:\n\tone\n"
    assert lines(text) == [f"{UNKNOWN} b"]
    assert lines(text, "c") == ["one"]


def test_an_included_file_is_read() -> None:
    found = recipes("include x.mk\na:\n\techo $(X)\n", Call("/src"), around({"x.mk": "X = 1"}))
    assert found is not None
    assert found.lines[0].text == "echo 1"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("make", ("/src", (), (), True)),
        ("make -C sub -j install A=b", ("/src/sub", ("install",), (("A", "b"),), True)),
        ("make -j4 -sk -f x.mk all", ("/src", ("all",), (), True)),
        ("make -j 4 --directory=/x", ("/x", (), (), True)),
        ("make -n install", ("/src", ("install",), (), False)),
        ("make A+=b", ("/src", (), (("A", None),), True)),
    ],
)
def test_command_lines(words: str, expected: tuple[object, ...]) -> None:
    found = command_line(Invocation(tuple(words.split()), "/src"))
    assert (found.folder, found.goals, found.overrides, found.plain) == expected


PIECES = st.lists(
    st.sampled_from(
        [
            *("a", "b.o", "%", ".c", " ", "\n", "\n\t", ":", "=", ":=", "+=", "$", "$$", "$(", "${", ")", "}", "$(A)", "$@", "$<", "A", ",", "#"),
            "\\",
            *("\\\n", "ifeq (", "else", "endif", "define", "endef", "include ", "export ", "$(shell ", "$(wildcard *", "$(if ", ";"),
            *("$(patsubst %,%", "ifdef A\n", ".PHONY: ", "|", "\t", UNKNOWN, FILES, "é"),
        ]
    ),
    max_size=60,
)


@settings(max_examples=400, deadline=None)
@given(PIECES.map("".join))
def test_any_text_is_answered(text: str) -> None:
    began = time.monotonic()
    lines(text)
    lines(text, "a", files="b.c")
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"A{place} = $(A{place + 1})$(A{place + 1})\n" for place in range(200)) + "a:\n\t$(A0)\n",
        "".join(f"A{place} := $(A{place - 1})$(A{place - 1})\n" for place in range(1, 200)) + "a:\n\t$(A9)\n",
        "a: " + "$(if " * 5_000,
        "a: " + "$(if " * 2_000 + ")" * 2_000,
        "a: " + "(" * 40_000,
        "\\#" * 20_000,
        " ".join(f"t{place}" for place in range(5_000)) + ": " + " ".join(f"p{place}" for place in range(2_000)) + "\n\tone\n",
        "".join(f"%.{place}: %.{place + 1}\n\tone\n" for place in range(1_400)) + "a: x.1\n",
        "".join(f"t{place}: t{place + 1}\n\tone\n" for place in range(700)),
        "include Makefile\na:\n",
        "a:\n" + "\t$(sort " + "x " * 20_000 + ")\n",
    ],
    ids=range(11),
)
def test_hostile_files_end(text: str) -> None:
    began = time.monotonic()
    lines(text)
    assert time.monotonic() - began < 2
