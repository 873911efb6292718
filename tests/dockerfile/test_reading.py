from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.dockerfile import DockerfileError, read, read_fragment
from tests.shared import SHARED, needs_buildkit, needs_corpus, rows

LINES = st.lists(
    st.sampled_from(
        [
            "FROM alpine",
            "FROM a AS b",
            "run echo 1 \\",
            "  && echo 2",
            "# a comment",
            "",
            "   ",
            "\t# indented",
            "RUN <<EOF",
            "EOF",
            "COPY a b",
            'CMD ["x"]',
            "ENV A=1 \\",
            "\ufeffFROM x",
            "LABEL a=b",
            "  WORKDIR /x\u2028y",
            "\fRUN x",
            "RUN x \\ ",
            "RUN a\\",
            "\\",
            "`",
            "# escape=`",
            "# syntax=docker/dockerfile:1",
        ]
    ),
    max_size=12,
)
ENDS = st.sampled_from(["\n", "\r\n", "\n\n"])


@given(LINES, ENDS, st.booleans())
def test_printing_gives_the_source_back(lines: list[str], end: str, final: bool) -> None:
    text = end.join(["FROM scratch", *lines]) + (end if final else "")
    try:
        found = read(text)
    except DockerfileError as error:
        assert error.line >= 1 and error.column >= 1
        return
    assert str(found) == text


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert str(read(text)) == text
    except DockerfileError as error:
        assert error.line >= 1


@given(LINES, ENDS)
def test_offsets_map_the_arguments_to_the_source(lines: list[str], end: str) -> None:
    try:
        found = read(end.join(["FROM scratch", *lines]))
    except DockerfileError:
        return
    for item in found.instructions:
        assert len(item.offsets) == len(item.rest) + 1
        assert all(item.text[place] == letter for place, letter in zip(item.offsets, item.rest, strict=False))


CONTINUED = "FROM a\nRUN one \\\n  # a comment\n\n  && two\nCMD x\n"


def test_comments_and_blank_lines_inside_an_instruction_are_no_part_of_its_arguments() -> None:
    run = read(CONTINUED).instructions[1]
    assert run.rest == "one   && two"
    assert run.lines == (2, 5)


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        ("FROM a\nRUN <<EOF\nFROM b\nEOF\nCMD x", ["FROM", "RUN", "CMD"]),
        ("FROM a\nRUN <<-EOF\n\tx\n\tEOF\nCMD x", ["FROM", "RUN", "CMD"]),
        ("FROM a\nCOPY <<A <<B /x/\n1\nA\n2\nB\nCMD x", ["FROM", "COPY", "CMD"]),
        ('FROM a\nRUN ["echo", "<<EOF"]\nCMD x', ["FROM", "RUN", "CMD"]),
        ("# escape=`\nFROM a\nRUN x `\n y\nCMD c:\\", ["FROM", "RUN", "CMD"]),
        ("\ufeffFROM a\nCMD x", ["FROM", "CMD"]),
        ("FROM a\nRUN x \\", ["FROM", "RUN"]),
        ("from a\nrun\\\n x\n", ["FROM", "RUN"]),
    ],
)
def test_instructions_are_found(text: str, keywords: list[str]) -> None:
    found = read(text)
    assert [item.keyword for item in found.instructions] == keywords
    assert str(found) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("# only a comment\n", 1),
        ("FROM a\nCOPPY a b\n", 2),
        ("FROM a b\n", 1),
        ("FROM a AS 1x\n", 1),
        ("RUN x\nFROM a\n", 1),
        ("ARG A=1\n", 1),
        ("FROM a\nCOPY x\n", 2),
        ("FROM a\nENV A\n", 2),
        ("FROM a\nENV A=1 B\n", 2),
        ("FROM a\nSHELL /bin/sh -c\n", 2),
        ("FROM a\nRUN --oops=1 x\n", 2),
        ("FROM a\nRUN --mount=type=oops,target=/x x\n", 2),
        ("FROM a\n\nRUN <<EOF\nx\n", 3),
        ("FROM a\nONBUILD ONBUILD RUN x\n", 2),
        ("FROM a\nONBUILD FROM b\n", 2),
        ("FROM a\nHEALTHCHECK --interval=5 CMD x\n", 2),
        ("FROM a\nHEALTHCHECK OOPS\n", 2),
        ("FROM a\nCOPY --from=$x a b\n", 2),
        ("# escape=x\nFROM a\n", 1),
        ("# escape=`\n# escape=`\nFROM a\n", 2),
        ("FROM a\nRUN " + "x" * 70_000 + "\n", 2),
        ("FROM a\nUSER\n", 2),
        ("FROM a\nEXPOSE\n", 2),
        ("FROM a\nLABEL =x\n", 2),
    ],
)
def test_what_buildkit_rejects_is_an_error_with_its_line(text: str, line: int) -> None:
    with pytest.raises(DockerfileError) as caught:
        read(text)
    assert caught.value.line == line


def test_limits() -> None:
    with pytest.raises(DockerfileError):
        read("FROM a\n" + "#" * (1 << 20))
    with pytest.raises(DockerfileError):
        read("FROM a\n" + "RUN x\n" * 10_001)


def test_a_fragment_needs_no_from() -> None:
    (item,) = read_fragment("COPY --chown=a:b --link x y /z/\n")
    assert [(flag.name, flag.value) for flag in item.flags] == [("chown", "a:b"), ("link", None)]
    assert item.rest == "x y /z/"


@needs_corpus
def test_accepts_and_rejects_as_buildkit_does() -> None:
    wrong = []
    for row in rows("dev.jsonl.gz"):
        rejected = bool(row["buildkit"].get("parse_error") or row["buildkit"].get("instr_error"))
        try:
            found = read(row["dockerfile"])
        except DockerfileError:
            wrong += [] if rejected else [row["id"]]
            continue
        stages = [(len(stage.instructions) - 1) for stage in found.stages]
        same = stages == [stage["n_cmds"] for stage in row["buildkit"].get("stages") or []] or bool(row["buildkit"].get("lint_error"))
        wrong += [row["id"]] if rejected or not same or str(found) != row["dockerfile"] else []
    assert wrong == []


@needs_corpus
def test_ten_thousand_files_are_read_or_refused() -> None:
    refused = 0
    for row in rows("robustness.jsonl.gz"):
        try:
            assert str(read(row["dockerfile"])) == row["dockerfile"]
        except DockerfileError:
            refused += 1
    assert refused < 50


def _cases(folder: str) -> list[str]:
    return sorted(path.name for path in (SHARED / "buildkit" / folder).iterdir()) if (SHARED / "buildkit").is_dir() else []


@needs_buildkit
@pytest.mark.parametrize("case", _cases("testfiles"))
def test_buildkits_own_files(case: str) -> None:
    """The parser's tests hold files without FROM and with flags that only the instruction checks know: those may be refused for just that."""
    folder = SHARED / "buildkit" / "testfiles" / case
    text = (folder / "Dockerfile").read_bytes().decode()
    expected = [line for line in (folder / "result").read_text().splitlines() if line.startswith("(")]
    try:
        found = read(text)
    except DockerfileError as error:
        assert any(word in error.message for word in ("stands before FROM", "unknown flag", "HEALTHCHECK requires"))
        return
    assert str(found) == text
    assert [item.keyword.lower() for item in found.instructions] == [line[1:].split()[0].rstrip(")") for line in expected]


@needs_buildkit
@pytest.mark.parametrize("case", _cases("testfiles-negative"))
def test_buildkits_negative_files(case: str) -> None:
    with pytest.raises(DockerfileError):
        read((SHARED / "buildkit" / "testfiles-negative" / case / "Dockerfile").read_text())
