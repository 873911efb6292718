"""The report as a pull request would show it. Everything that comes from the caller stands in code spans or is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from service.report.numbers import ranged, size

_SPECIAL = frozenset("\\`*_{}[]()<>#+-!|~@&")
_MOST_ROWS = 60
_SHOWN = 80
_OUTCOMES = {"split": "Split into a build and a runtime stage", "improved": "Improved, not split", "unchanged": "Nothing to change"}


def as_markdown(document: Mapping[str, Any]) -> str:
    """From the JSON answer (`as_json`)."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    report = document["report"]
    yield f"## {_OUTCOMES[document['outcome']]}"
    yield ""
    yield from sizes_table(report)
    yield from _remarks(document["remarks"])
    yield from _verdict(document["verdict"], document["outcome"])
    if document["diff"]:
        yield from _folded("The change", [*_fenced(document["diff"], "diff")])
    yield from _folded("Layers before", layers_table(report["before"]))
    if document["outcome"] != "unchanged":
        yield from _folded("Layers after", layers_table(report["after"]))
    engine = document["engine"]
    made = f"restage {escaped(engine['version'])}, figures of {escaped(engine['data'])}"
    yield f"<sub>{made}; estimates, nothing was built. {code(document['prove'])} builds both.</sub>"


def sizes_table(report: Mapping[str, Any]) -> Iterator[str]:
    """Totals, waste and rebuilds, before and after."""
    before, after = report["before"], report["after"]
    yield "| | before | after |"
    yield "|---|---|---|"
    yield f"| size | {ranged(before)} | {ranged(after)} |"
    yield f"| compressed (pull) | {ranged(before, 'compressed_')} | {ranged(after, 'compressed_')} |"
    yield f"| layers | {before['layer_count']} | {after['layer_count']} |"
    yield f"| stored for nothing | {size(before['waste_bytes'])} | {size(after['waste_bytes'])} |"
    yield f"| removable caches | {size(before['removable_bytes'])} | {size(after['removable_bytes'])} |"
    for row in report["rebuild"]:
        yield f"| {row['when']} | {_rebuilt(row['before'])} | {_rebuilt(row['after'])} |"
    yield ""


def _rebuilt(row: Mapping[str, Any]) -> str:
    steps = f"{row['steps']} step{'' if row['steps'] == 1 else 's'}"
    return f"{steps}, pull {size(row['compressed_bytes'])}"


def layers_table(image: Mapping[str, Any]) -> Iterator[str]:
    """A row for each layer, largest ranges and sources included."""
    yield "| line | instruction | size | compressed | from |"
    yield "|---:|---|---:|---:|---|"
    layers: Sequence[Mapping[str, Any]] = image["layers"]
    for layer in layers[:_MOST_ROWS]:
        yield f"| {layer['line']} | {code(layer['instruction'])} | {ranged(layer)} | {ranged(layer, 'compressed_')} | {escaped(layer['basis'])} |"
    if len(layers) > _MOST_ROWS:
        yield f"| | and {len(layers) - _MOST_ROWS} more | | | |"
    for row in image["waste"][:10]:
        yield f"| {row['line']} | {row['cause']} by line {row['by_line']}: {code(row['path'])} | {ranged(row)} wasted | | |"
    for row in image["removable"][:10]:
        yield f"| {row['line']} | {escaped(row['cause'])} leaves | {ranged(row)} removable | | |"
    yield ""


def _remarks(remarks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    signs = {"passed": "", "missed": "not done: ", "reverted": "taken back: ", "analysis": ""}
    found = list(remarks)
    for remark in found[:_MOST_ROWS]:
        place = remark["after"] or remark["before"]
        where = f"line {place[0]}: " if place else ""
        yield f"- {where}{signs[remark['kind']]}{escaped(remark['because'])} ({escaped(remark['code'])})"
    if found:
        yield ""


def _verdict(verdict: Mapping[str, Any], outcome: str) -> Iterator[str]:
    if outcome == "unchanged":
        return
    yield f"**Verdict: {verdict['level']}.** Both files were interpreted and compared key by key and path by path."
    for text in verdict["assumptions"]:
        yield f"- assumed: {escaped(text)}"
    for one in verdict["differences"]:
        yield f"- differs: {escaped(one['key'])} ({escaped(one['because'])})"
    yield ""


def _folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield from lines
    yield ""
    yield "</details>"
    yield ""


def _fenced(text: str, language: str) -> Iterator[str]:
    """A fence longer than any run of backticks inside."""
    fence = "`" * max(3, _longest(text, "`") + 1)
    yield fence + language
    yield text.rstrip("\n")
    yield fence


def _longest(text: str, letter: str) -> int:
    longest = current = 0
    for character in text:
        current = current + 1 if character == letter else 0
        longest = max(longest, current)
    return longest


def code(text: str) -> str:
    """A code span of one line that holds in a table's cell."""
    short = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    clean = "".join(letter if letter.isprintable() else " " for letter in short).replace("|", "\\|").strip()
    fence = "`" * (_longest(clean, "`") + 1)
    pad = " " if fence != "`" or not clean else ""
    return f"{fence}{pad}{clean}{pad}{fence}"


def escaped(text: str) -> str:
    """Plain words: no markup, no mention and no line end comes out of the caller's text."""
    clean = (letter if letter.isprintable() else " " for letter in str(text)[:600])
    return "".join(
        f"&#{ord(letter)};" if letter in "<>&@" else "\\" + letter if letter in _SPECIAL and letter not in "-()+!#" else letter for letter in clean
    )
