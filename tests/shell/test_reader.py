from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.dockerfile import DockerfileError, read_fragment
from service.dockerfile import read as read_dockerfile
from service.shell import read
from service.shell.edit import append_command, keep, keep_source
from service.shell.values import constant_with
from tests.shared import needs_corpus, rows

SHFMT = shutil.which("shfmt", path=str(Path(sys.executable).parent)) or shutil.which("shfmt")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b 'c d'", [("", ["a", "b", "c d"])]),
        ("a && b || c; d", [("", ["a"]), ("&&", ["b"]), ("||", ["c"]), (";", ["d"])]),
        ("a && b 2>&1 | c", [("", ["a"]), ("&&", ["b"]), ("|", ["c"])]),
        ("X=1 a", [("", ["a"])]),
        ("sudo -E -u me a b", [("", ["a", "b"])]),
        ("env A=1 a", [("", ["a"])]),
        ("sh -c 'a && b'", [("", ["a"]), ("&&", ["b"])]),
        ('bash -lc "a"', [("", ["a"])]),
        ("a $X \"$Y\" `z` *.c ~/x {a,b} '*'", [("", ["a", None, None, None, None, None, None, "*"]), (";", ["z"])]),
        ("set -eux; a", [("", ["set", "-eux"]), (";", ["a"])]),
        ("if x; then y; else z; fi", [("", ["x"]), (";", ["y"]), (";", ["z"])]),
        ("(cd x && make)", [("", ["cd", "x"]), ("&&", ["make"])]),
        ("export A=1 && a", [("", ["export", "A=1"]), ("&&", ["a"])]),
        ("a \\\n  b", [("", ["a", "b"])]),
        ("a\nb", [("", ["a"]), (";", ["b"])]),
        ("cat <<EOF\nx && y\nEOF\nb", [("", ["cat"]), (";", ["b"])]),
        ("for i in 1 2; do a; done", [(";", ["a"])]),
        ("a & b", [("", ["a"]), ("&", ["b"])]),
        ("! a", [("", ["a"])]),
        ("exec a b", [("", ["a", "b"])]),
    ],
)
def test_commands(text: str, expected: list[tuple[str, list[str | None]]]) -> None:
    script = read(text)
    assert script.opaque is None
    assert [(command.operator, [word.value for word in command.words]) for command in script.commands] == expected


@pytest.mark.parametrize(
    ("text", "words", "assigned", "targets"),
    [
        # tree-sitter cuts such a word in front of its last name.
        ("wget a/$V/b/a-$V-bin -O x", ["wget", "a/$V/b/a-$V-bin", "-O", "x"], [], []),
        ("A=a/$V/b/a-$V-bin", [], ["a/$V/b/a-$V-bin"], []),
        ("A=a/$V/b/a-$V-bin B=2 x", ["x"], ["a/$V/b/a-$V-bin", "2"], []),
        ("export A=a/$V/b/a-$V-bin B=1", ["export", "A=a/$V/b/a-$V-bin", "B=1"], [], []),
        ("ls >a/$V/b/a-$V-bin", ["ls"], [], ["a/$V/b/a-$V-bin"]),
        # and takes the words behind a redirect for more targets.
        ("apt-get install >/dev/null -y a b", ["apt-get", "install", "-y", "a", "b"], [], ["/dev/null"]),
        ("curl 2>&1 a", ["curl", "a"], [], ["1"]),
        ("a >b >>c d", ["a", "d"], [], ["b", "c"]),
        (">b a c", ["a", "c"], [], ["b"]),
        ("cat <<EOF >f\nx\nEOF\n", ["cat"], [], ["EOF", "f"]),
        ("tee <<EOF -a f\nx\nEOF\n", ["tee", "-a", "f"], [], ["EOF"]),
        # Blanks still part words, and a redirect that touches one is none.
        ("wget a/$V/b/a- $V-bin", ["wget", "a/$V/b/a-", "$V-bin"], [], []),
        ("A=a/$V/b/a- $V-bin", ["$V-bin"], ["a/$V/b/a-"], []),
        ("a>b", ["a"], [], ["b"]),
        ("a B=1", ["a", "B=1"], [], []),
    ],
)
def test_words_that_tree_sitter_takes_apart(text: str, words: list[str], assigned: list[str], targets: list[str]) -> None:
    (command,) = read(text).commands
    assert [word.raw for word in command.words] == words
    assert [word.raw for _, word in command.assignments] == assigned
    assert [redirect.target.raw for redirect in command.redirects] == targets
    for word in (*command.words, *(value for _, value in command.assignments)):
        assert text[word.start : word.end] == word.raw


def test_nesting_and_redirects() -> None:
    script = read("(a > /x) && if b; then c >> y; fi")
    assert [command.nesting for command in script.commands] == [("(",), ("if",), ("if",)]
    assert [[redirect.target.value for redirect in command.redirects] for command in script.commands] == [["/x"], [], ["y"]]


@pytest.mark.parametrize("text", ["if", "a (", "'", "case x in", "((a))", "$(" * 300 + "a" + ")" * 300])
def test_what_cannot_be_read_is_opaque(text: str) -> None:
    script = read(text)
    assert script.opaque is not None and script.commands == ()


@given(st.text(alphabet="ab &|;()'\"\\$`{}<>\n#=[]!~*é", max_size=60))
def test_any_text_ends(text: str) -> None:
    script = read(text)
    assert all(0 <= command.start <= command.end <= len(text) for command in script.commands)
    assert [command.start for command in script.commands] == sorted(command.start for command in script.commands)


@pytest.mark.parametrize("text", ["(" * 5_000, "$(" * 3_000, "a && " * 20_000 + "a", "x" * 60_000, "\x00", "é" * 1_000])
def test_hostile_text_ends(text: str) -> None:
    read(text)


@given(st.lists(st.sampled_from(["a b", "c > d", "cd /x", "X=1", "'q' \"w\""]), min_size=1, max_size=6))
def test_keeping_everything_changes_nothing(parts: list[str]) -> None:
    text = " && ".join(parts)
    assert keep(read(text), range(len(parts))) == text


def test_values_with_a_scope() -> None:
    script = read('a $X ${Y}/z "${Z:-d}" $U $S')
    words = script.commands[0].words
    assert [constant_with(word, {"X": "1", "Y": "/y", "S": "a b"}) for word in words] == ["a", "1", "/y/z", "d", None, None]


SOURCE = "RUN apt-get update \\\n    # compile\n    && apt-get install -y gcc \\\n    && useradd app \\\n    && npm ci\n"


@pytest.mark.parametrize(
    ("indexes", "expected"),
    [
        ({2}, "RUN useradd app\n"),
        ({0, 2}, "RUN apt-get update \\\n    && useradd app\n"),
        ({0, 1, 2, 3}, SOURCE),
    ],
)
def test_cutting_keeps_the_layout(indexes: set[int], expected: str) -> None:
    (item,) = read_fragment(SOURCE)
    assert keep_source(item.text, item.offsets, read(item.rest), indexes) == expected


@pytest.mark.parametrize(
    "text",
    [
        "RUN a || b\n",
        "RUN a; b\n",
        "RUN a & b\n",
        "RUN (a && b)\n",
        "RUN if a; then b; fi\n",
        "RUN a && b &\n",
        "RUN f() { x; } && b\n",
        "RUN sudo set -e; b; c\n",
    ],
)
def test_what_hangs_together_is_not_cut(text: str) -> None:
    (item,) = read_fragment(text)
    assert keep_source(item.text, item.offsets, read(item.rest), {1}) is None


def test_a_folder_of_a_subshell_stays_in_it() -> None:
    (item,) = read_fragment("RUN a && (cd /x && b) && c\n")
    assert keep_source(item.text, item.offsets, read(item.rest), {3}) == "RUN c\n"


def test_cutting_long_chains_takes_time_in_proportion() -> None:
    """Counted in a ratio of one run: ten times the commands, well under a hundred times the time."""
    times = []
    for count in (400, 4_000):
        (item,) = read_fragment("RUN " + " && ".join(["a"] * count) + "\n")
        script = read(item.rest)
        start = time.process_time()
        assert keep_source(item.text, item.offsets, script, set(range(1, count))) is not None
        times.append(time.process_time() - start)
    assert times[1] < 40 * max(times[0], 0.001)


def test_state_comes_along() -> None:
    (item,) = read_fragment("RUN set -e; cd /x; a; b\n")
    assert keep_source(item.text, item.offsets, read(item.rest), {3}) == "RUN set -e && cd /x && b\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RUN a && b\n", "RUN a && b && c\n"),
        ("RUN a \\\n  && b\n", "RUN a \\\n  && b \\\n  && c\n"),
        ("RUN a &&\\\n    b\r\n", "RUN a &&\\\n    b &&\\\n    c\r\n"),
        ("RUN a\n", "RUN a && c\n"),
        ("RUN a &\n", None),
        ("RUN a # a comment\n", None),
        ("RUN a \\\n    b\n", "RUN a \\\n    b \\\n    && c\n"),
    ],
)
def test_appending(text: str, expected: str | None) -> None:
    (item,) = read_fragment(text)
    assert append_command(item.text, item.offsets, read(item.rest), "c") == expected


def _shfmt_calls(text: str) -> int | None:
    done = subprocess.run([str(SHFMT), "--to-json"], input=text.encode(), capture_output=True, timeout=20)
    if done.returncode:
        return None
    count, stack = 0, [json.loads(done.stdout)]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if node.get("Type") == "CallExpr" and node.get("Args"):
                count += 1
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return count


OURS_ONLY = ("export", "[", "[[", "unset", "local", "declare")


@needs_corpus
@pytest.mark.skipif(SHFMT is None, reason="shfmt is absent")
def test_counts_commands_as_shfmt_does() -> None:
    """Wrappers and `sh -c` are looked through here and not there; declarations and tests are commands here only."""
    compared, differing = 0, []
    for row in rows("dev.jsonl.gz"):
        if compared >= 150:
            break
        try:
            items = read_dockerfile(row["dockerfile"]).instructions
        except DockerfileError:
            continue
        for item in items[:12]:
            script = read(item.rest)
            if item.keyword != "RUN" or item.json is not None or item.heredocs or script.opaque or len(item.rest) < 60:
                continue
            ours = [command for command in script.commands if command.words]
            if any(
                command.wrappers or "sh -c" in command.nesting or command.name in ("export", "[", "[[", "unset", "local", "declare")
                for command in ours
            ):
                continue
            theirs = _shfmt_calls(item.rest)
            if theirs is not None:
                compared += 1
                differing += [] if theirs == len(ours) else [item.rest[:80]]
    assert compared > 50
    assert len(differing) <= compared // 50


@pytest.mark.parametrize(
    ("text", "indexes", "expected"),
    [
        ("RUN cd /x && make && cd / && mkdir y\n", {3}, "RUN cd / && mkdir y\n"),
        ("RUN cd /x && make && cd y && mkdir z\n", {3}, "RUN cd /x && cd y && mkdir z\n"),
        ("RUN cd /x && ls && cd / && mkdir y\n", {1, 3}, "RUN cd /x && ls && cd / && mkdir y\n"),
        ("RUN cd /x && export A=$PWD && cd / && mkdir $A\n", {3}, "RUN cd /x && export A=$PWD && cd / && mkdir $A\n"),
    ],
)
def test_a_folder_that_is_left_before_anything_runs_in_it(text: str, indexes: set[int], expected: str) -> None:
    (item,) = read_fragment(text)
    assert keep_source(item.text, item.offsets, read(item.rest), indexes) == expected


def test_commands_that_are_the_same_from_any_folder() -> None:
    (item,) = read_fragment("RUN cd /x && make && mkdir /y\n")
    assert keep_source(item.text, item.offsets, read(item.rest), {2}, anywhere=True) == "RUN mkdir /y\n"
