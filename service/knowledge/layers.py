"""A catalogue row's layers: which instruction made each, what class it is of, and which images begin with the layers of which others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.knowledge.ratios import CLASSES

Row = dict[str, Any]
_MAKING = ("RUN", "COPY", "ADD", "WORKDIR")
_SHOWN = 80
# What an instruction's text says of its layer, the first that applies.
_MARKS = (
    ("base", ("base rootfs", "debian.sh", "minirootfs", "ADD file:", "/rootfs/", "rockcraft")),
    ("jdk_tarball", ("JAVA_HOME", "openjdk.tar", "temurin", "corretto")),
    ("source_build", ("./configure", "make -j", "build ")),
    ("pip", ("pip install",)),
    ("npm", ("npm install", "npm ci")),
    ("apt", ("apt-get install", "apt-get update", "apt ", "buildpack-deps")),
    ("apk", ("apk add", "apk ")),
    ("rpm", ("yum ", "dnf ", "microdnf ")),
    ("download", ("curl ", "wget ", "tarball")),
    ("copy", ("COPY ", "ADD ")),
)


def with_instructions(layers: Sequence[Row], history: Sequence[str]) -> list[Row]:
    """Each layer with its instruction, where as many of them made a layer as there are; else none is known."""
    making = [text for text in history if text.startswith(_MAKING)]
    texts = making if len(making) == len(layers) else [""] * len(layers)
    return [{**layer, "instruction": " ".join(text.split())[:_SHOWN]} for layer, text in zip(layers, texts, strict=True)]


def layer_class(instruction: str, first: bool, distribution: str, slim: bool) -> str:
    """The class of ratios.json that a layer is of."""
    found = "base" if first else next((name for name, marks in _MARKS if any(mark in instruction for mark in marks)), "other")
    if found != "base":
        return found
    system = "alpine" if "alpine" in distribution else "dpkg" if "debian" in distribution or "ubuntu" in distribution else "rpm"
    return "base_dpkg_slim" if system == "dpkg" and slim else f"base_{system}"


def estimated(row: Row) -> Row:
    """The row with what its layers weigh unpacked by their classes' ratios, beside the real number and never instead of it."""
    if not row.get("layers") or not row.get("distro") or not any(layer.get("instruction") for layer in row["layers"]):
        return row
    slim = row["layers"][0]["compressed_bytes"] < 35_000_000
    sizes = [
        layer["compressed_bytes"] * CLASSES[layer_class(layer.get("instruction", ""), number == 0, row["distro"], slim)]
        for number, layer in enumerate(row["layers"])
    ]
    return {"uncompressed_estimate_bytes": round(sum(sizes) / 10_000) * 10_000, **row}


def related(rows: Sequence[Row]) -> list[Row]:
    """The rows with `parents`: references whose layers are the first ones of this row's, the longest first."""
    chains: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        if row.get("layers"):
            chains.setdefault(_chain(row), []).append(row["ref"])
    return [{**_without(row), "parents": _parents(row, chains)} for row in rows]


def _chain(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(layer["digest"] for layer in row["layers"])


def _parents(row: Mapping[str, Any], chains: Mapping[tuple[str, ...], Sequence[str]]) -> list[str]:
    chain = _chain(row)
    return [ref for length in range(len(chain) - 1, 0, -1) for ref in chains.get(chain[:length], ())]


def _without(row: Mapping[str, Any]) -> Row:
    """Common layers with all others are computed when they are asked for (`sizes.shared`)."""
    return {key: value for key, value in row.items() if key != "shares"}
