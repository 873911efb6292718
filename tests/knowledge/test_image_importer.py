"""Files as docker-library/repo-info writes them, to rows of the catalogue."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from service.knowledge.catalogue import index
from service.knowledge.importer.__main__ import main
from service.knowledge.importer.images import local_facts, merge, read_checkout, remote_row
from service.knowledge.layers import estimated, layer_class, related, with_instructions

REMOTE = """## `demo:1-slim`

```console
$ docker pull demo@sha256:{index}
```

-\tManifest MIME: `application/vnd.oci.image.index.v1+json`
-\tPlatforms: 4
\t-\tlinux; arm64 variant v8
\t-\tlinux; amd64

### `demo:1-slim` - linux; arm64 variant v8

```console
$ docker pull demo@sha256:{other}
```

-\tTotal Size: **9 B**

### `demo:1-slim` - linux; amd64

```console
$ docker pull demo@sha256:{build}
```

-\tTotal Size: **30.0 MB (30000249 bytes)**
\t(compressed transfer size, not on-disk size)
-\tImage ID: `sha256:{image}`
-\tDefault Command: `["demo"]`

```dockerfile
# Mon, 03 Aug 2026 00:00:00 GMT
RUN # debian.sh --arch 'amd64' out/ 'trixie' '@1'
# Wed, 05 Aug 2026 01:01:30 GMT
ENV A=1
# Wed, 05 Aug 2026 01:12:14 GMT
# ARGS: B=1
RUN apt-get update && apt-get install -y demo # buildkit
```

-\tLayers:
\t-\t`sha256:{base}`
\t\tLast Modified: Tue, 04 Aug 2026 23:52:43 GMT
\t\tSize: 30.0 MB (30000000 bytes)
\t\tMIME: application/vnd.oci.image.layer.v1.tar+gzip
\t-\t`sha256:{top}`
\t\tLast Modified: Wed, 05 Aug 2026 01:12:22 GMT
\t\tSize: 249.0 B
\t\tMIME: application/vnd.oci.image.layer.v1.tar+gzip

### `demo:1-slim` - unknown; unknown

-\tLayers:
\t-\t`sha256:{other}`
\t\tSize: 5.0 B
"""
LOCAL = """# `demo:1.0.1-slim-trixie`

## Docker Metadata

- Image ID: `sha256:{image}`
- Created: `2026-08-05T01:12:14.5Z`
- Virtual Size: ~ {size}
  (total size of all layers on-disk)
- Environment:
  - `PATH=/usr/bin`

## `dpkg` (`.deb`-based packages)

### `dpkg` source package: `acl=2.3.2-2`

Binary Packages:

- `libacl1:amd64=2.3.2-2+b1`
- `acl=1:2.3.2-2`

### `apk` package: `musl`
"""
DIGESTS = {name: letter * 64 for name, letter in zip(("index", "other", "build", "image", "base", "top"), "abcdef", strict=True)}


def remote(**changes: str) -> str:
    """Its indented lines end in two spaces, which is Markdown's line break."""
    text = REMOTE.format(**{**DIGESTS, **changes})
    return "".join(f"{line}  \n" if line.startswith(("\t", "-\tTotal")) else f"{line}\n" for line in text.splitlines())


def test_what_a_registry_says() -> None:
    row = remote_row(remote())
    assert row is not None
    assert (row["ref"], row["digest"], row["index_digest"]) == ("demo:1-slim", "sha256:" + "c" * 64, "sha256:" + "a" * 64)
    assert (row["compressed_bytes"], row["n_layers"], row["date"], row["distro"]) == (30_000_249, 2, "2026-08-05", "debian trixie")
    assert [layer["compressed_bytes"] for layer in row["layers"]] == [30_000_000, 249]
    assert row["layers"][1]["instruction"].startswith("RUN apt-get update")


def test_ubuntu_says_its_version_in_a_label() -> None:
    lines = ("ARG LAUNCHPAD_BUILD_ARCH", "LABEL org.opencontainers.image.version=24.04", "ADD file:1 in / ")
    first = "\n# Mon, 03 Aug 2026 00:00:00 GMT\n".join(lines)
    row = remote_row(remote().replace("RUN # debian.sh --arch 'amd64' out/ 'trixie' '@1'", first))
    assert row is not None and row["distro"] == "ubuntu 24.04"
    assert [layer["instruction"][:3] for layer in row["layers"]] == ["ADD", "RUN"]


def test_a_row_stands_on_the_release_that_its_history_names() -> None:
    row = remote_row(remote())
    assert row is not None
    assert index([row], "2026-09-01").by_ref["demo:1-slim"].kind.suite == "trixie"


@pytest.mark.parametrize(
    "text",
    ["", "## `x:1`\n", remote().replace("linux; amd64", "windows; amd64"), remote().replace("(30000249 bytes)", "(30000250 bytes)")],
    ids=["empty", "heading", "windows", "does not add up"],
)
def test_what_is_not_taken(text: str) -> None:
    assert remote_row(text) is None


@pytest.mark.parametrize(
    ("size", "expected"),
    [("126.25 Mb", 126_250_000), ("1.11 Gb", 1_110_000_000), ("8.3 Mb", 8_300_000), ("349.0 b", None), ("", None)],
)
def test_what_an_engine_says(size: str, expected: int | None) -> None:
    found = local_facts(LOCAL.format(image="d" * 64, size=f"{size}  "))
    assert found["uncompressed_bytes"] == expected
    assert found["packages"] == ["acl", "libacl1", "musl"]
    assert found["created"] == "2026-08-05"


def checkout(folder: Path, local_image: str, day: str = "05") -> Path:
    for name in ("remote", "local"):
        (folder / "repos/demo" / name).mkdir(parents=True)
    text = remote().replace("05 Aug", f"{day} Aug")
    (folder / "repos/demo/remote/1-slim.md").write_text(text)
    (folder / "repos/demo/local/1-slim.md").write_text(LOCAL.format(image=local_image, size="78.7 Mb"))
    return folder


def test_both_sides_of_a_tag_and_the_newest_of_two_checkouts(tmp_path: Path) -> None:
    old, new = checkout(tmp_path / "old", "d" * 64, "05"), checkout(tmp_path / "new", "9" * 64, "06")
    (row,) = read_checkout(old)
    assert (row["uncompressed_bytes"], row["uncompressed_note"]) == (78_700_000, "same image id")
    assert row["source"].startswith("docker-library/repo-info repos/demo/remote/1-slim.md")
    out = tmp_path / "out.json.xz"
    for order in ((old, new), (new, old)):
        assert main(["images", str(out), *map(str, order)]) == 0
        (written,) = json.loads(lzma.decompress(out.read_bytes()))["images"]
        assert written["date"] == "2026-08-06"
        assert written["uncompressed_note"] == "near version (image id 999999999999, 2026-08-05)"
        assert written["uncompressed_estimate_bytes"] != written["uncompressed_bytes"]


def test_the_newest_date_wins() -> None:
    rows: dict[str, dict[str, object]] = {}
    merge(rows, [{"ref": "a", "date": "2026-01"}, {"ref": "a", "date": "2025-12"}])
    assert rows["a"]["date"] == "2026-01"


def test_parents_are_the_images_whose_layers_come_first() -> None:
    def row(ref: str, *digests: str) -> dict[str, object]:
        return {"ref": ref, "layers": [{"digest": digest} for digest in digests], "shares": {}}

    found = related([row("a", "1"), row("b", "1", "2"), row("c", "1", "2", "3"), row("d", "9"), {"ref": "e", "layers": []}])
    assert [one["parents"] for one in found] == [[], ["a"], ["b", "a"], [], []]
    assert "shares" not in found[0]


def test_what_a_layer_is() -> None:
    assert layer_class("RUN apt-get install -y x", False, "debian 13", False) == "apt"
    assert layer_class("RUN x && ./configure && make -j 2", False, "debian 13", False) == "source_build"
    assert layer_class("anything", True, "debian 13", True) == "base_dpkg_slim"
    assert layer_class("anything", True, "alpine 3.24", True) == "base_alpine"
    assert layer_class("RUN ./x", False, "debian 13", False) == "other"
    layers = [{"digest": "1", "compressed_bytes": 30_000_000}, {"digest": "2", "compressed_bytes": 10_000_000}]
    named = with_instructions(layers, ["ADD file:1 in /", "ENV A=1", "RUN apk add x"])
    assert [layer["instruction"] for layer in named] == ["ADD file:1 in /", "RUN apk add x"]
    assert [layer["instruction"] for layer in with_instructions(layers, ["RUN x"])] == ["", ""]
    assert estimated({"layers": named, "distro": "alpine 3.24"})["uncompressed_estimate_bytes"] == round((30 * 1.979 + 10 * 2.711) * 100) * 10_000
