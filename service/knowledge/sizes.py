"""How large base images are: from the catalogue, for any reference, with a range that says how well it is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from service.knowledge import guesses
from service.knowledge.catalogue import Entry, Found, catalogue, family, find, kind
from service.knowledge.images import base_image
from service.knowledge.references import parse_reference
from service.knowledge.unpacking import Range, measured, years
from service.knowledge.variants import slimmer
from service.remembering import remembered

Layers = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ImageSize:
    """Bytes, unpacked and compressed, each as low, mid and high; the number of layers; where it comes from. `basis` is `registry` for a live
    answer, `catalogue` for a row of the tag itself or another name of it, `ratio` where a neighbour or a ratio had to serve, `default` where
    nothing is known. `layers` are (digest, compressed bytes), the base's first, empty where they are not known; `note` says what is assumed;
    `suite` is the release that the row's image stands on."""

    unpacked: tuple[int, int, int]
    compressed: tuple[int, int, int]
    n_layers: int
    basis: str
    source: str
    date: str
    layers: Layers = ()
    note: str = ""
    digest: str = ""
    suite: str = ""


_BUILDER = 1.5
"""How much larger a JDK's image is than its JRE's, at least: eclipse-temurin:21 in the catalogue, 447 MB to 318 MB, and the build tool on top."""
EMPTY = ImageSize((0, 0, 0), (0, 0, 0), 0, "catalogue", "FROM scratch", "")


@remembered(1_024)
def image_size(reference: str) -> ImageSize:
    """The size of an image; a wide range for one that nobody knows. `scratch` is empty."""
    name = parse_reference(reference)
    if name.repository == "scratch":
        return EMPTY
    found = find(reference)
    if found is None:
        return _not_below(_guessed(name.repository, name.tag), reference)
    if found.how == "near":
        return _near(found, name.tag)
    return _known(found, name.tag)


def with_overlay(rows: Mapping[str, Mapping[str, Any]]) -> Callable[[str], ImageSize]:
    """The look-up with rows of one's own (the catalogue's fields, `{reference: {"uncompressed_bytes": ...}}`) that go before the catalogue's
    and are taken as measured. A row without a compressed size has one by ratio."""

    def sized(reference: str) -> ImageSize:
        row = rows.get(reference)
        return image_size(reference) if row is None else _overlaid(row)

    return sized


def shared(one: str, other: str) -> tuple[int, int, str]:
    """(layers, compressed bytes, why) that two images begin with alike. `same digests`: an engine stores and pulls them once; `same lineage`:
    the same steps built at another time, which share nothing until both are built anew; empty where nothing says it."""
    first, second = image_size(one).layers, image_size(other).layers
    same = _common(first, second, lambda mine, its: mine[0] == its[0])
    if same:
        return len(same), sum(size for _, size in same), "same digests"
    alike = _common(first, second, lambda mine, its: abs(mine[1] - its[1]) <= 0.01 * max(mine[1], its[1]))
    lineage = alike and image_size(one).suite and image_size(one).suite == image_size(other).suite
    return (len(alike), sum(size for _, size in alike), "same lineage") if lineage else (0, 0, "")


def _common(one: Layers, other: Layers, alike: Callable[[tuple[str, int], tuple[str, int]], bool]) -> Layers:
    count = next((number for number, (mine, its) in enumerate(zip(one, other, strict=False)) if not alike(mine, its)), min(len(one), len(other)))
    return one[:count]


def _known(found: Found, tag: str) -> ImageSize:
    """A row of the image itself, wider the longer the tag may have moved since."""
    row, how = found.entry.row, found.how
    if how == "digest":
        return _made(found, *measured(found.entry, None))
    age = years(row, tag, catalogue().date)
    still = how == "alias" and len(kind(tag).version) > len(found.entry.kind.version)
    unpacked, compressed, basis, notes = measured(found.entry, 0.0 if how == "pinned" or still else max(0.0, age))
    if how != "tag":
        unpacked, compressed = guesses.among(found, tag, age, unpacked, compressed)
        notes.append(f"another build of {row['ref']} than the digest pins" if how == "pinned" else f"the row of {row['ref']}")
    return _made(found, unpacked, compressed, basis, notes)


def _near(found: Found, tag: str) -> ImageSize:
    unpacked, compressed, _, notes = measured(found.entry, 0.0)
    unpacked, compressed = guesses.among(found, tag, years(found.entry.row, tag, catalogue().date), unpacked, compressed)
    return _made(found, unpacked, compressed, "ratio", [f"nearest known: {found.entry.row['ref']}", *notes])


def _made(found: Found, unpacked: Range, compressed: Range, basis: str, notes: list[str]) -> ImageSize:
    entry = found.entry
    row = entry.row
    layers: Layers = tuple((layer["digest"], layer["compressed_bytes"]) for layer in row.get("layers", ()))
    count = int(row.get("n_layers") or 0) or next((int(one.row["n_layers"]) for one in found.pool if one.row.get("n_layers")), 1)
    if found.how in ("near", "pinned"):
        layers = ()
    return ImageSize(
        unpacked, compressed, count, basis, row["source"], row["date"], layers, "; ".join(notes), row.get("digest") or "", entry.kind.suite or ""
    )


def _guessed(repository: str, tag: str) -> ImageSize:
    unpacked, compressed, layers, basis, note = guesses.by_class(family(repository), tag)
    return ImageSize(unpacked, compressed, layers, basis, "no row for this image or its family", "", note=note)


def _not_below(size: ImageSize, reference: str) -> ImageSize:
    """A guess raised to what is known of the image's own runtime variants: a builder of Java holds more than the JRE that it can be left for."""
    known = [one for one in (find(other) and image_size(other) for other in slimmer(base_image(reference))) if one]
    if not known:
        return size
    least = max(known, key=lambda one: one.unpacked[1])
    unpacked, compressed = _raised(size.unpacked, least.unpacked), _raised(size.compressed, least.compressed)
    return replace(size, unpacked=unpacked, compressed=compressed, note=f"{size.note}; not below its runtime variant")


def _raised(size: Range, least: Range) -> Range:
    return max(size[0], least[0]), max(size[1], round(least[1] * _BUILDER)), max(size[2], least[2])


def _overlaid(row: Mapping[str, Any]) -> ImageSize:
    entry = Entry({"ref": "", "date": "", "source": "given by the caller", **row}, kind(parse_reference(str(row.get("ref", ""))).tag))
    unpacked, compressed, basis, notes = measured(entry, None)
    return _made(Found(entry, "tag", ()), unpacked, compressed, basis, notes)
