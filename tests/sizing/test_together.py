from __future__ import annotations

from typing import Any

from service import BuildContext
from service.report.analysis import Question, analysis

THREE = "FROM example.org/base\nRUN one\nRUN two\nRUN three\n"


def both(*texts: str, contexts: tuple[BuildContext, ...] = ()) -> Any:
    found = [Question(text, contexts[place] if contexts else BuildContext.unknown(), str(place)) for place, text in enumerate(texts)]
    return analysis(found)["together"]


BASE = 5
"""Layers that an unknown base is taken to have."""


def test_three_layers_and_two_more_are_five() -> None:
    found = both(THREE, THREE + "RUN four\nRUN five\n")
    assert found["layer_count"] - BASE == 5
    assert found["shared_layer_count"] - BASE == 3


def test_the_same_image_twice_is_one() -> None:
    found = both(THREE, THREE)
    assert found["layer_count"] == BASE + 3 and found["saved_bytes"] == found["bytes"]


def test_what_stands_on_another_layer_is_another_layer() -> None:
    found = both("FROM example.org/base\nRUN one\nRUN two\n", "FROM example.org/base\nRUN two\n")
    assert found["layer_count"] == BASE + 3 and found["shared_layer_count"] == BASE


def test_metadata_does_not_part_layers_and_values_do() -> None:
    assert both(THREE, THREE + "LABEL a=b\nCMD x\n")["layer_count"] == BASE + 3
    assert both("FROM example.org/base\nENV A=1\nRUN one\n", "FROM example.org/base\nENV A=2\nRUN one\n")["layer_count"] == BASE + 2


def test_copies_are_the_same_where_their_files_are() -> None:
    text = "FROM example.org/base\nCOPY a /a\n"
    one, same, other = (BuildContext({"a": content}, complete=True) for content in ("x", "x", "y"))
    assert both(text, text, contexts=(one, same))["layer_count"] == BASE + 1
    assert both(text, text, contexts=(one, other))["layer_count"] == BASE + 2


def test_a_copy_from_a_stage_is_the_same_where_the_stage_is() -> None:
    head = "FROM example.org/base AS b\nRUN {}\nFROM example.org/base\nCOPY --from=b /x /x\n"
    assert both(head.format("one"), head.format("one"))["layer_count"] == BASE + 1
    assert both(head.format("one"), head.format("two"))["layer_count"] == BASE + 2


def test_bases_share_the_layers_that_their_digests_show() -> None:
    """ruby:3.4 and rust:1 share the four layers of buildpack-deps (sizes.md, section 1)."""
    found = both("FROM ruby:3.4\n", "FROM rust:1\n")
    assert found["shared_layer_count"] == 4


def test_many_stages_that_copy_from_each_other() -> None:
    lines = ["FROM scratch AS s0\nCOPY a /a\n", *(f"FROM scratch AS s{n}\nCOPY --from=s{n - 1} /a /a\n" for n in range(1, 1_200))]
    assert both("".join(lines), "".join(lines))["layer_count"] == 1
