"""Markdown and SVG: the report's own figures, and nothing of the caller's text that could act."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from service import BuildContext, DockerfileError, refactor
from service.report.analysis import Question, analysis, analysis_markdown, analysis_text
from service.report.markdown import as_markdown, code, escaped
from service.report.numbers import between, ranged, size
from service.report.result import as_json
from service.report.svg import as_svg, stacks_svg

TEXT = 'FROM golang:1.22-bookworm\nWORKDIR /app\nCOPY . .\nRUN go build -o server .\nCMD ["./server"]\n'
HOSTILE = 'FROM debian:bookworm-slim\nRUN echo \'<script>alert(1)</script>\' "@everyone" `x` | tee /a\nLABEL "]]>"="<img>"\nCMD ["cat", "/a"]\n'


def document(text: str) -> dict[str, Any]:
    context = BuildContext.unknown()
    return as_json(refactor(text, context), context)


def test_figures_are_the_same_in_all_forms() -> None:
    found = document(TEXT)
    markdown, svg = as_markdown(found), as_svg(found["report"])
    for image in (found["report"]["before"], found["report"]["after"]):
        assert ranged(image) in markdown
        assert size(image["bytes"]) in svg and f"{image['layer_count']} layers" in svg


def test_the_picture_is_to_scale() -> None:
    svg = ElementTree.fromstring(as_svg(document(TEXT)["report"]))
    bars = [rect for rect in svg.iter("{http://www.w3.org/2000/svg}rect") if rect.find("{http://www.w3.org/2000/svg}title") is not None]
    report = document(TEXT)["report"]
    drawn = [sum(float(bar.get("height", "0")) for bar in bars if bar.get("x") == left) for left in ("24", "504")]
    assert abs(drawn[1] / drawn[0] - report["after"]["bytes"] / report["before"]["bytes"]) < 0.01


def test_nothing_of_the_text_acts() -> None:
    found = document(HOSTILE)
    markdown, svg = as_markdown(found), as_svg(found["report"])
    ElementTree.fromstring(svg)
    assert "<script" not in svg
    outside = [part for index, part in enumerate(markdown.split("```")) if index % 2 == 0]
    assert all("<script" not in line or line.lstrip().startswith("|") and "`" in line for part in outside for line in part.splitlines())


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_escaped_words_hold_no_markup(text: str) -> None:
    found = escaped(text)
    assert "\n" not in found and "<" not in found and "@" not in found


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=100))
def test_a_code_span_ends_where_it_began(text: str) -> None:
    found = code(text)
    fence = len(found) - len(found.lstrip("`"))
    assert fence and found.endswith("`" * fence) and "\n" not in found
    assert "`" * fence not in found[fence:-fence].strip("` ") or fence == 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["RUN x", "COPY a b", "RUN apt-get update", "RUN rm -rf /b", "WORKDIR /x"]), max_size=60))
def test_any_file_can_be_drawn(lines: list[str]) -> None:
    found = analysis([Question("FROM alpine\n" + "\n".join(lines) + "\n"), Question("FROM scratch\n")])
    ElementTree.fromstring(stacks_svg([(one["name"], one["report"]) for one in found["images"]]))
    assert analysis_markdown(found).count("## ") == 3
    assert analysis_text(found)


def test_a_very_long_file_is_drawn_small() -> None:
    try:
        svg = as_svg(document("FROM debian:bookworm\n" + "RUN make x\n" * 3_000)["report"])
    except DockerfileError:
        raise AssertionError from None
    assert len(svg) < 60_000


def test_sizes_for_people() -> None:
    assert [size(value) for value in (0, 999, 1_204, 8_200_000, 45_600_000, 175_000_000, 1_138_000_000, -2_000_000)] == [
        "0 B",
        "999 B",
        "1.20 kB",
        "8.20 MB",
        "45.6 MB",
        "175 MB",
        "1.14 GB",
        "-2.00 MB",
    ]
    assert between(95e6, 116e6) == "95.0-116 MB" and between(9e5, 2e6) == "900 kB - 2.00 MB"
    assert ranged({"bytes": 100, "low": 99, "high": 101}) == "100 B"
