"""What packages add, against real installs in containers of Debian bookworm (layer bytes as docker counts them; gzip -6 of the layer's tar)."""

from __future__ import annotations

import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from service.image.effects import PackageChange
from service.image.model import BaseImage
from service.knowledge import apt as packages
from service.knowledge.images import base_image
from service.knowledge.importer.debs import measured
from service.sizing import apk, apt
from service.sizing.model import Addition

NOTHING: frozenset[str] = frozenset()
SLIM, FULL = base_image("debian:bookworm-slim"), base_image("debian:bookworm")
MEASURED = [
    (FULL, "build-essential cmake make", False, 405_859_213, 143_561_493),
    (FULL, "ldnsutils", False, 9_144_436, 3_617_856),
    (SLIM, "ca-certificates cifs-utils davfs2 rsync sshfs", False, 98_438_060, 36_455_672),
    (SLIM, "ca-certificates git-core", True, 105_100_000, None),
    (SLIM, "task-japanese", True, 41_359_030, 16_448_320),
    (SLIM, "libz3-4 libz3-dev", True, 24_709_269, 10_554_654),
]


def of(names: str, base: BaseImage = SLIM, recommends: bool = False) -> Addition:
    return apt.added(PackageChange("apt", tuple(names.split()), recommends=recommends), base, NOTHING)[0]


@pytest.mark.parametrize(("base", "names", "recommends", "unpacked", "packed"), MEASURED)
def test_real_installs(base: BaseImage, names: str, recommends: bool, unpacked: int, packed: int | None) -> None:
    found = of(names, base, recommends)
    assert found.kept.low <= unpacked <= found.kept.high
    assert abs(found.kept.mid / unpacked - 1) < 0.05
    if packed is not None:
        assert found.compressed.low <= packed <= found.compressed.high
        assert abs(found.compressed.mid / packed - 1) < 0.08


def test_what_is_there_adds_nothing() -> None:
    first, there = apt.added(PackageChange("apt", ("git",)), SLIM, NOTHING)
    again, after = apt.added(PackageChange("apt", ("git",)), SLIM, there)
    assert first.kept.mid > 50_000_000 and again.kept.mid == 0
    assert "git" in there and after == there


def test_documentation_is_left_out_of_slim_images() -> None:
    assert of("git", SLIM).kept.high < of("git", FULL).kept.low


def test_packages_removed_by_the_same_change_add_nothing() -> None:
    assert apt.added(PackageChange("apt", ("git",), removed=("git-man",)), FULL, NOTHING)[0].kept.mid < of("git", FULL).kept.mid


def test_an_unknown_package_widens_the_range() -> None:
    known, both = of("curl"), of("curl somebodys-own-package")
    assert both.kept.high - both.kept.low > known.kept.high - known.kept.low + 10_000_000


def test_ubuntu_has_its_own_names() -> None:
    noble = base_image("ubuntu:24.04")
    found, after = apt.added(PackageChange("apt", ("libcurl4t64",)), noble, NOTHING)
    assert "libcurl4t64" in after and found.kept.basis == "package-index"
    assert noble.packages is not None and "procps" in noble.packages and noble.documentation is False


def test_lists_of_ubuntu_are_larger() -> None:
    assert apt.lists(base_image("ubuntu:22.04"))[0].low > 2 * apt.lists(SLIM)[0].high


def test_an_upgrade_is_a_range_from_nothing() -> None:
    found = apt.upgraded(SLIM)
    assert found.kept.low == 0 < found.kept.mid < found.kept.high


@pytest.mark.parametrize(
    ("reference", "documentation"),
    [
        ("python:3.12", True),
        ("python:3.12-slim", False),
        ("nginx:1.27", False),
        ("eclipse-temurin:21", False),
        ("who/knows:1", None),
        ("postgres:17", False),
    ],
)
def test_which_images_keep_documentation(reference: str, documentation: bool | None) -> None:
    assert base_image(reference).documentation is documentation


def test_alpine_is_a_range() -> None:
    found, after = apk.added(PackageChange("apk", ("curl", "nobody-knows")), base_image("alpine:3.22"), NOTHING)
    assert found.kept.low < found.kept.mid < found.kept.high and {"curl", "libcurl"} <= after


def test_tables_stay_small() -> None:
    folder = Path(packages.__file__).parent
    assert sum(path.stat().st_size for path in folder.glob("apt-*.tsv.gz")) < 8_000_000


def test_a_deb_is_measured(tmp_path: Path) -> None:
    """A .deb is an ar archive of three members; dpkg-deb unpacks it."""
    data = _tar(
        {
            "./usr/lib/python3/dist-packages/m.py": b"x = 1\n",
            "./usr/share/doc/m/copyright": b"c" * 100,
            "./usr/share/doc/m/changelog.gz": b"d" * 1_000,
            "./usr/bin/m": b"b" * 5_000,
        }
    )
    control = _tar({"./control": b"Package: m\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.c>\nDescription: m\n"})
    deb = tmp_path / "m.deb"
    members = {b"debian-binary": b"2.0\n", b"control.tar": control, b"data.tar": data}
    owner = b"0           0     0     100644  "
    parts = (name.ljust(16) + owner + str(len(body)).encode().ljust(10) + b"`\n" + body for name, body in members.items())
    deb.write_bytes(b"!<arch>\n" + b"".join(parts))
    try:
        found = measured(deb)
    except FileNotFoundError:
        pytest.skip("no dpkg-deb here")
    assert (found.files, found.excluded) == (6_106, 1_000)
    assert found.compiled > 60 and 0 < found.packed < found.files


def _tar(content: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, body in content.items():
            item = tarfile.TarInfo(name)
            item.size = len(body)
            archive.addfile(item, BytesIO(body))
    return out.getvalue()
