"""Both layer stacks drawn to scale as SVG, each layer with the range that its size lies in. The figures are the report's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any
from xml.sax.saxutils import escape

from service.report.numbers import between, size

_WIDTH, _TOP, _HEIGHT, _BOTTOM = 960, 84, 460, 44
_BAR, _COLUMNS = 120, (24, 504)
_LABEL = 14
_SHOWN = 46
_CLASSES = {"catalogue": "known", "package-index": "known", "lockfile": "known", "context": "known", "ratio": "guess", "default": "guess"}
_STYLE = (
    "text{font:12px ui-sans-serif,system-ui,sans-serif;fill:#24292f}.h{font-size:14px;font-weight:600}.s{fill:#57606a}"
    ".base{fill:#8c959f}.known{fill:#0969da}.guess{fill:#bf8700}.range{stroke:#24292f;stroke-width:1.5;fill:none}.lead{stroke:#8c959f;stroke-width:.75;fill:none}"
    "rect{stroke:#fff;stroke-width:.5}.bg{fill:#fff;stroke:none}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.s{fill:#9198a1}.bg{fill:#0d1117}rect{stroke:#0d1117}.range{stroke:#e6edf3}}"
)


@dataclass(frozen=True, slots=True)
class _Block:
    """A layer as drawn, or all those too thin to be seen by themselves."""

    text: str
    bytes: int
    low: int
    high: int
    kind: str


def as_svg(report: Mapping[str, Any]) -> str:
    """The picture of a report (`as_json(...)["report"]`): before on the left, after on the right, one scale for both."""
    images = [("before", report["before"]), ("after", report["after"])]
    return "".join(_drawn(images, _saving(report["savings"])))


def stacks_svg(images: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """One or two images' stacks with their own names."""
    return "".join(_drawn(list(images[: len(_COLUMNS)]), ""))


def _drawn(images: list[tuple[str, Mapping[str, Any]]], note: str) -> Iterator[str]:
    tallest = max([1, *(image["bytes"] for _, image in images)])
    height = _TOP + _HEIGHT + _BOTTOM
    label = "; ".join(f"{name}: {size(image['bytes'])} in {image['layer_count']} layers" for name, image in images)
    frame = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {frame} role="img" aria-label="{_text(label, 400)}">'
    yield f"<title>{_text(label, 400)}</title><style>{_STYLE}</style>"
    yield f'<rect class="bg" width="{_WIDTH}" height="{height}"/>'
    for left, (name, image) in zip(_COLUMNS, images, strict=False):
        yield from _stack(left, name, image, _HEIGHT / tallest)
    if note:
        yield f'<text class="h" x="{_COLUMNS[0]}" y="20">{_text(note, 200)}</text>'
    yield from _legend(height)
    yield "</svg>\n"


def _saving(savings: Mapping[str, Any]) -> str:
    if savings["bytes"] <= 0:
        return ""
    less = f"{size(savings['bytes'])} ({between(savings['low'], savings['high'])}), {savings['percent']:.0f} %"
    return f"saves {less}; a pull moves {size(savings['compressed_bytes'])} less"


def _stack(left: int, name: str, image: Mapping[str, Any], scale: float) -> Iterator[str]:
    total = f"{size(image['bytes'])} ({between(image['low'], image['high'])}), {size(image['compressed_bytes'])} compressed"
    yield f'<text class="h" x="{left}" y="44">{_text(name, 60)}: {image["layer_count"]} layers</text>'
    yield f'<text class="s" x="{left}" y="62">{_text(total, 90)}</text>'
    blocks = _blocks(image["layers"], scale)
    edges = list(accumulate((block.bytes * scale for block in blocks), initial=0.0))
    middles = [_TOP + _HEIGHT - (low + high) / 2 for low, high in pairwise(edges)]
    for block, low, middle, label in zip(blocks, edges, middles, _apart(middles), strict=False):
        tall = block.bytes * scale
        top = _TOP + _HEIGHT - low - tall
        frame = f'x="{left}" y="{top:.2f}" width="{_BAR}" height="{tall:.2f}"'
        yield f'<rect class="{block.kind}" {frame}><title>{_text(_told(block), 300)}</title></rect>'
        yield from _range(left, top, tall, block, scale)
        yield f'<path class="lead" d="M{left + _BAR + 2} {middle:.2f}L{left + _BAR + 14} {label:.2f}"/>'
        yield f'<text x="{left + _BAR + 18}" y="{label + 4:.2f}">{_text(_told(block), _SHOWN)}</text>'


def _apart(middles: Sequence[float]) -> list[float]:
    """Where labels stand, from the lowest block up: as near to their blocks as they can without touching each other, all inside the picture."""
    found: list[float] = []
    for middle in middles:
        found.append(min(middle, found[-1] - _LABEL) if found else middle)
    highest = float(_TOP + _LABEL // 2)
    for place in range(len(found) - 1, -1, -1):
        found[place] = max(found[place], highest)
        highest = found[place] + _LABEL
    return found


def _range(left: int, top: float, tall: float, block: _Block, scale: float) -> Iterator[str]:
    """A whisker at the block's upper edge, from the least to the most, cut where the picture ends."""
    if block.high - block.low <= 0.02 * max(1, block.bytes):
        return
    base = top + tall
    upper, lower = max(float(_TOP) - 6, base - block.high * scale), base - block.low * scale
    middle = left + _BAR - 10
    yield f'<path class="range" d="M{middle} {upper:.2f}V{lower:.2f}M{middle - 4} {upper:.2f}h8M{middle - 4} {lower:.2f}h8"/>'


def _blocks(layers: Sequence[Mapping[str, Any]], scale: float) -> list[_Block]:
    """Layers from the base up; neighbours that would be thinner than two pixels are drawn as one. Never more than fit beside their labels."""
    thinnest = 2.0 / scale
    found: list[_Block] = []
    for layer in layers:
        kind = _CLASSES.get(layer["basis"], "guess") if found else "base"
        block = _Block(str(layer["instruction"]), layer["bytes"], layer["low"], layer["high"], kind)
        if len(found) > 1 and block.bytes < thinnest and found[-1].bytes < thinnest:
            found[-1] = _joined(found[-1], block)
        else:
            found.append(block)
    most = _HEIGHT // _LABEL
    if len(found) <= most:
        return found
    # The largest keep a label of their own; what lies between two of them becomes one block.
    large = set(sorted(range(len(found)), key=lambda index: -found[index].bytes)[: most // 2])
    kept: list[_Block] = []
    apart = True
    for index, block in enumerate(found):
        if index in large or apart or not kept:
            kept.append(block)
        else:
            kept[-1] = _joined(kept[-1], block)
        apart = index in large
    return kept


def _joined(one: _Block, other: _Block) -> _Block:
    lead = one if one.bytes >= other.bytes else other
    count = sum(int(block.text.partition("\0")[2] or "0") for block in (one, other)) + 1
    return _Block(f"{lead.text.partition(chr(0))[0]}\0{count}", one.bytes + other.bytes, one.low + other.low, one.high + other.high, lead.kind)


def _told(block: _Block) -> str:
    text, _, more = block.text.partition("\0")
    room = _SHOWN - 12 - (12 if more else 0)
    return f"{size(block.bytes)}  {text[:room]}{'...' if len(text) > room else ''}{f' and {more} more' if more else ''}"


def _legend(height: int) -> Iterator[str]:
    rows = (("base", "base image"), ("known", "from package tables, locks or the context"), ("guess", "a range only"))
    left = _COLUMNS[0]
    for kind, text in rows:
        yield f'<rect class="{kind}" x="{left}" y="{height - 26}" width="12" height="12"/>'
        yield f'<text class="s" x="{left + 18}" y="{height - 16}">{text}</text>'
        left += 40 + 7 * len(text)


def _text(text: str, most: int) -> str:
    """Escaped, on one line, without characters that XML does not allow."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text[:most])
    return escape(clean, {'"': "&quot;"})
