"""The family table against what the images' own Dockerfiles say (observed.json, made by the importer)."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from service.knowledge.images import base_image
from service.knowledge.importer.bases import observed

ROWS: dict[str, dict[str, Any]] = json.loads(files("service.knowledge").joinpath("observed.json").read_text())
# Names that stand for the same packages, and what only other architectures install.
OTHER_NAMES = {"libncurses5-dev", "libncursesw5-dev", "libxslt-dev", "binutils-gold"}


@pytest.mark.parametrize("reference", ROWS)
def test_the_family_table_agrees(reference: str) -> None:
    row, found = ROWS[reference], base_image(reference)
    assert found.packages is not None
    assert set(row["packages"]) - found.packages <= OTHER_NAMES
    assert set(row["env"]) <= {name for name, _ in found.config.env}
    if row["cmd"]:
        assert found.config.cmd == tuple(row["cmd"])
    if row["entrypoint"]:
        assert found.config.entrypoint == tuple(row["entrypoint"])
    if row["workdir"]:
        assert found.config.workdir == row["workdir"]
    assert set(row["ports"]) <= found.config.ports
    assert row["stop_signal"] in ("", found.config.stop_signal)
    assert row["source"] and row["date"]


def test_what_the_importer_sees() -> None:
    found = observed(
        "FROM debian:bookworm-slim\nENV PATH /opt/x/bin:$PATH\nENV X_VERSION 1\n"
        "RUN set -eux; apt-get update; apt-get install -y ca-certificates; rm -rf /x\n"
        'RUN set -eux; savedAptMark="$(apt-mark showmanual)"; apt-get update; apt-get install -y gcc; apt-mark auto ".*"\n'
        'WORKDIR /w\nCMD ["x"]\n'
    )
    assert found["packages"] == ["ca-certificates"]
    assert (found["base"], found["workdir"], found["cmd"], found["env"]) == ("debian:bookworm-slim", "/w", ["x"], ["X_VERSION", "PATH"])
