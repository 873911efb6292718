"""What an index, a manifest and a configuration say: layers with their compressed bytes, and what made each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.knowledge.catalogue import Entry, kind
from service.knowledge.layers import estimated, with_instructions
from service.knowledge.references import parse_reference, suite_in
from service.knowledge.sizes import ImageSize
from service.knowledge.unpacking import measured

_LAYERS = 1_000
_LARGEST = 1 << 40


def child_of(document: Mapping[str, Any]) -> str | None:
    """The digest of an index's build for linux/amd64; None for a manifest. Attestations are of no platform."""
    children = document.get("manifests")
    for child in children if isinstance(children, list) else ():
        platform = child.get("platform") if isinstance(child, dict) else None
        if isinstance(platform, dict) and (platform.get("os"), platform.get("architecture")) == ("linux", "amd64"):
            digest = child.get("digest")
            return digest if isinstance(digest, str) and digest.startswith("sha256:") and len(digest) == 71 else None
    return None


def size_of(reference: str, document: Mapping[str, Any], config: Mapping[str, Any], digest: str) -> ImageSize | None:
    """The size of a manifest's image. Compressed bytes are exact; no registry knows the unpacked ones, which stay a matter of ratios."""
    layers = list(_layers(document))
    if not layers:
        return None
    history = list(_history(config))
    row: dict[str, Any] = {
        "ref": reference,
        "compressed_bytes": sum(layer["compressed_bytes"] for layer in layers),
        "uncompressed_bytes": None,
        "layers": with_instructions(layers, history),
        "distro": _distribution(reference, history),
        "date": str(config.get("created", ""))[:10],
        "n_layers": len(layers),
    }
    unpacked, compressed, _, notes = measured(Entry(estimated(row), kind(parse_reference(reference).tag)), None)
    return ImageSize(
        unpacked,
        compressed,
        len(layers),
        "registry",
        "the image's registry",
        row["date"],
        tuple((layer["digest"], layer["compressed_bytes"]) for layer in layers),
        "; ".join(notes),
        digest,
        suite_in(row["distro"].replace(" ", "-")) if row["distro"] else "",
    )


def _layers(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    found = document.get("layers")
    for layer in found[:_LAYERS] if isinstance(found, list) else ():
        size, digest = (layer.get("size"), layer.get("digest")) if isinstance(layer, dict) else (None, None)
        if isinstance(size, int) and 0 <= size < _LARGEST and isinstance(digest, str):
            yield {"digest": digest[:80], "compressed_bytes": size}


def _history(config: Mapping[str, Any]) -> Iterator[str]:
    """The instructions that made a layer, as BuildKit and the older builder write them."""
    found = config.get("history")
    for entry in found[:_LAYERS] if isinstance(found, list) else ():
        if isinstance(entry, dict) and not entry.get("empty_layer"):
            text = str(entry.get("created_by", ""))[:2_000].removeprefix("/bin/sh -c ").removeprefix("#(nop) ").strip()
            yield text if text.split(" ")[0] in ("RUN", "COPY", "ADD", "WORKDIR") else f"RUN {text}"


def _distribution(reference: str, history: list[str]) -> str:
    """Debian's and Alpine's root file systems name themselves; other images by their tags."""
    first = history[0] if history else ""
    if "debian.sh" in first:
        return f"debian {(first.split(chr(39)) + [''] * 4)[3]}"
    tag = parse_reference(reference).tag
    return "alpine" if "alpine" in first or "alpine" in tag else f"debian {suite_in(tag)}"
