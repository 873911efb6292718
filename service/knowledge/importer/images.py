"""Base images' sizes from checkouts of docker-library/repo-info: `repos/NAME/remote/TAG.md` are what the registry says of a tag, and
`repos/NAME/local/TAG.md` what an engine says that pulled it. Only linux/amd64 is read."""

from __future__ import annotations

import json
import lzma
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from service.knowledge.layers import estimated, related, with_instructions

SOURCE = "docker-library/repo-info"
_UNITS = {"B": 1, "kB": 1_000, "KB": 1_000, "Kb": 1_000, "MB": 1_000_000, "Mb": 1_000_000, "GB": 1_000_000_000, "Gb": 1_000_000_000}
_SYSTEMS = (("debian.sh", "debian"), ("alpine-minirootfs", "alpine"))
_VERSION = "LABEL org.opencontainers.image.version="
Row = dict[str, Any]


def write_images(out: Path, checkouts: Sequence[Path], today: str) -> int:
    """Writes the catalogue: one row a reference, the newest of all checkouts; returns how many rows."""
    rows: dict[str, Row] = {}
    for checkout in checkouts:
        merge(rows, read_checkout(checkout))
    return write_catalogue(out, rows, today)


def write_catalogue(out: Path, rows: Mapping[str, Row], today: str) -> int:
    """`today` is the bundle's own date: ages are computed against it, never against the clock."""
    images = related([estimated(rows[ref]) for ref in sorted(rows)])
    note = "compressed = bytes of the registry's layers; uncompressed = the engine's virtual size (sum of the layers' files, MB = 1e6) or null"
    text = json.dumps({"schema": 2, "generated": today, "note": note, "images": images}, ensure_ascii=False, separators=(",", ":"))
    out.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    return len(images)


def merge(rows: dict[str, Row], more: Iterable[Row]) -> None:
    """The newest date wins for each reference."""
    for row in more:
        old = rows.get(row["ref"])
        if old is None or row["date"] >= old["date"]:
            rows[row["ref"]] = row


def read_checkout(checkout: Path) -> Iterator[Row]:
    """The rows of one checkout, its commit in their source."""
    commit = _commit(checkout)
    for folder in sorted((checkout / "repos").iterdir()):
        locals_ = {path.stem: path for path in sorted((folder / "local").glob("*.md"))}
        for path in sorted((folder / "remote").glob("*.md")):
            row = remote_row(path.read_text("utf-8"))
            if row is None:
                continue
            row["source"] = f"{SOURCE} {path.relative_to(checkout).as_posix()}{commit}"
            local = locals_.get(path.stem)
            yield joined(row, local_facts(local.read_text("utf-8"))) if local is not None else row


def remote_row(text: str) -> Row | None:
    """What a `remote/*.md` says of linux/amd64; None where it has no such build, or where its layers do not add up to its total."""
    lines = text.splitlines()
    ref = next((line.split("`")[1] for line in lines if line.startswith("## `")), "")
    part = _platform(lines, f"### `{ref}` - linux; amd64")
    if not ref or not part:
        return None
    layers = list(_layers(part))
    total, history = _size(part, "Total Size: **"), list(_history(part))
    if not layers or total is None or sum(layer["compressed_bytes"] for layer in layers) != total:
        return None
    return {
        "ref": ref,
        "digest": _pulled(part),
        "index_digest": _pulled(lines),
        "image_id": _quoted(part, "Image ID: `"),
        "os": "linux",
        "arch": "amd64",
        "compressed_bytes": total,
        "uncompressed_bytes": None,
        "layers": with_instructions(layers, [instruction for _, instruction in history]),
        "distro": _distribution([instruction for _, instruction in history]),
        "date": max((day for day, _ in history), default=""),
        "confidence": "A",
        "n_layers": len(layers),
    }


def local_facts(text: str) -> Row:
    """What a `local/*.md` says: image id, day of creation, unpacked bytes (as far as it rounds them), the packages' names."""
    lines = text.splitlines()
    number, _, unit = _after(lines, "Virtual Size: ~ ").partition(" ")
    return {
        "image_id": _quoted(lines, "Image ID: `"),
        "created": _quoted(lines, "Created: `")[:10],
        "uncompressed_bytes": round(float(number) * _UNITS[unit.strip()]) if unit.strip() in _UNITS else None,
        "packages": sorted(set(_packages(lines))),
    }


def joined(row: Row, local: Mapping[str, Any]) -> Row:
    """Both files are written on different days, so that the engine's may be of the build before or after."""
    same = row["image_id"] == local["image_id"]
    near = f"near version (image id {local['image_id'].removeprefix('sha256:')[:12]}, {local['created']})"
    return {
        **row,
        "uncompressed_bytes": local["uncompressed_bytes"],
        "uncompressed_note": "same image id" if same else near,
        "packages": local["packages"],
    }


def _platform(lines: Sequence[str], heading: str) -> list[str]:
    try:
        start = lines.index(heading) + 1
    except ValueError:
        return []
    end = next((number for number in range(start, len(lines)) if lines[number].startswith("### ")), len(lines))
    return list(lines[start:end])


def _pulled(lines: Iterable[str]) -> str | None:
    return next((line.partition("@")[2] for line in lines if line.startswith("$ docker pull ")), None)


def _after(lines: Iterable[str], label: str) -> str:
    return next((line.partition(label)[2] for line in lines if label in line), "").strip()


def _quoted(lines: Iterable[str], label: str) -> str:
    return _after(lines, label).partition("`")[0]


def _size(lines: Iterable[str], label: str) -> int | None:
    return _bytes(_after(lines, label))


def _bytes(text: str) -> int | None:
    """`29.8 MB (29780765 bytes)` and `249.0 B`."""
    exact = text.partition("(")[2].partition(" bytes)")[0]
    plain = text.partition(" B")[0]
    return int(exact) if exact.isdigit() else round(float(plain)) if plain.replace(".", "", 1).isdigit() else None


def _layers(lines: Iterable[str]) -> Iterator[Row]:
    digest = ""
    for line in lines:
        if line.startswith("\t-\t`sha256:"):
            digest = line.split("`")[1]
        elif digest and line.startswith("\t\tSize: "):
            size = _bytes(line.partition("Size: ")[2])
            if size is not None:
                yield {"digest": digest, "compressed_bytes": size}
            digest = ""


def _history(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(day, instruction) of each entry of the `dockerfile` block; an instruction's further lines are passed over."""
    inside, day = False, ""
    for line in lines:
        if line.startswith("```"):
            inside = line == "```dockerfile"
        elif inside and line.startswith("# ") and line.endswith(" GMT"):
            day = datetime.strptime(line[2:], "%a, %d %b %Y %H:%M:%S GMT").date().isoformat()
        elif inside and day and not line.startswith("# ARGS: "):
            yield day, line
            day = ""


def _distribution(history: Sequence[str]) -> str | None:
    """Of the first instruction: `debian.sh ... 'bookworm'` or the name of Alpine's root archive; of Ubuntu's first label, its version."""
    if "ARG LAUNCHPAD_BUILD_ARCH" in history:
        return f"ubuntu {next((text.removeprefix(_VERSION) for text in history if text.startswith(_VERSION)), '')}".strip()
    first = history[0] if history else ""
    name = next((name for mark, name in _SYSTEMS if mark in first), None)
    if name == "debian":
        return f"debian {(first.split(chr(39)) + [''] * 4)[3]}"
    return f"alpine {'.'.join(first.partition('minirootfs-')[2].split('.')[:2])}" if name else None


def _packages(lines: Iterable[str]) -> Iterator[str]:
    """Binary packages by name: `- `libacl1:amd64=2.3`` below dpkg's, `### `apk` package: `musl`` and `### `rpm` package: `bash-5``."""
    for line in lines:
        if line.startswith(("### `apk` package: `", "### `rpm` package: `")):
            yield line.split("`")[3]
        elif line.startswith("- `") and "=" in line and ":" not in line.partition("=")[0].partition(":amd64")[2]:
            name = line[3:].partition("=")[0].partition(":")[0]
            if name and name.islower():
                yield name


def _commit(checkout: Path) -> str:
    done = subprocess.run(["git", "-C", str(checkout), "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
    return f"@{done.stdout.strip()}" if done.returncode == 0 else ""
