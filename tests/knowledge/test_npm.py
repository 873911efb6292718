from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.knowledge.importer.__main__ import main
from service.knowledge.npm import NpmTable, installable, parsed, table, wanted

SMALL = NpmTable(
    b"@s/a\t1.0.0|100|50|\n@s/b\t1.0.0|200|50|\n@s/c\t1.0.0|400|50|\n"
    b"app\t1.0.0|1000|300|lib@^1,?other@^2\t1.4.2|2000|600|=\t2.0.0|5000|900|lib@^2,+peer@\n"
    b"lib\t1.2.0|10|5|app@^1\t2.0.0|20|6|\n"
    b"other\t2.0.0|30|9|\npeer\t3.0.0|7|7|\n"
)


@pytest.mark.parametrize(
    ("version", "size", "closeness"),
    [("1.4.2", 2_000, "exact"), ("1.4.9", 2_000, "minor"), ("1.3.0", 2_000, "major"), ("1.1.0", 1_000, "major"), ("9.0.0-rc.1", 5_000, "name")],
)
def test_the_nearest_release(version: str, size: int, closeness: str) -> None:
    found = SMALL.release("app", version)
    assert (found.size, found.closeness) == (size, closeness)


def test_a_range_takes_its_newest_release() -> None:
    assert SMALL.newest("app", "^1").size == 2_000
    assert SMALL.newest("app", "").size == 5_000
    assert SMALL.newest("app", "~1.4").size == 2_000
    assert SMALL.newest("app", "^7").closeness == "name"


def test_an_unknown_package_is_like_its_scope_or_nothing() -> None:
    assert SMALL.release("@s/d", "1.0.0").closeness == "kin"
    assert SMALL.release("@s/d", "1.0.0").size == 200
    assert SMALL.release("@other/d", "1.0.0").closeness == "none"


def test_a_closure_ends_and_takes_one_release_a_name_unless_majors_clash() -> None:
    assert {(name, found.version) for name, found in SMALL.closure([("app", "^1")])} == {
        ("app", (1, 4, 2)),
        ("lib", (1, 2, 0)),
        ("other", (2, 0, 0)),
    }
    both = SMALL.closure([("app", "^2"), ("lib", "^1")])
    assert [found.version for name, found in both if name == "lib"] == [(1, 2, 0), (2, 0, 0)]
    assert "peer" in dict(both) and "peer" not in dict(SMALL.closure([("app", "^2")], peers=False))


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("^4.18.2", "^4"),
        ("^0.5.1", "^0.5"),
        ("^0.0.3", "0.0.3"),
        ("~1.2.3", "~1.2"),
        ("1.2.3", "1.2.3"),
        ("1.2.x", "~1.2"),
        ("2", "^2"),
        ("2.x", "^2"),
        (">=1.0.0", ""),
        (">= 2.1.2 < 3", "^2"),
        ("<=3.1", "^3"),
        ("^16.8.0 || ^17.0.0 || ^18.0.0", "^18"),
        ("1.0.0 - 2.9.9", "2.9.9"),
        ("*", ""),
        ("latest", ""),
        ("github:a/b", ""),
        ("v1.0.0-beta.1", "1.0.0"),
    ],
)
def test_ranges_in_short(text: str, short: str) -> None:
    assert wanted(text) == short


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_range_and_a_version(text: str) -> None:
    assert len(parsed(text)) == 3
    SMALL.newest("app", wanted(text))
    SMALL.release("app", text)
    SMALL.release(text, text)


@pytest.mark.parametrize(
    ("name", "libc", "expected"),
    [
        ("@esbuild/linux-x64", "glibc", True),
        ("@esbuild/darwin-arm64", "glibc", False),
        ("@esbuild/linux-arm64", "", False),
        ("@next/swc-linux-x64-musl", "glibc", False),
        ("@next/swc-linux-x64-musl", "musl", True),
        ("@next/swc-linux-x64-musl", "", True),
        ("@rollup/rollup-win32-x64-msvc", "", False),
        ("@img/sharp-linuxmusl-x64", "glibc", False),
        ("fsevents", "", False),
        ("linux-platform-info", "", True),
        ("express", "musl", True),
        ("turbo-linux-64", "", True),
        ("turbo-windows-64", "", False),
    ],
)
def test_packages_of_one_platform(name: str, libc: str, expected: bool) -> None:
    assert installable(name, libc) is expected


def test_a_table_from_unpacked_releases(tmp_path: Path) -> None:
    def release(folder: str, manifest: dict[str, object], content: bytes) -> int:
        place = tmp_path / "cache" / folder
        (place / "lib").mkdir(parents=True)
        (place / "package.json").write_text(json.dumps(manifest))
        (place / "lib" / "index.js").write_bytes(content)
        return len(content) + len(json.dumps(manifest))

    need = {"dependencies": {"b": "^1.2.0", "c": "npm:@x/real@~2.0.1"}, "optionalDependencies": {"d-linux-x64": "1.0.0", "d-darwin-x64": "1.0.0"}}
    size = release("a@1.0.0@@@1", {"name": "a", "version": "1.0.0", **need, "peerDependencies": {"p": ">=1"}}, bytes(9_000))
    release("a@1.0.1@@@1", {"name": "a", "version": "1.0.1"}, bytes(9_005))
    release("a@2.0.0@@@1", {"name": "a", "version": "2.0.0"}, bytes(10))
    release("@x/real@2.0.1@@@1", {"name": "@x/real", "version": "2.0.1"}, b"")
    out = tmp_path / "out.tsv.xz"
    assert main(["npm", str(out), str(tmp_path / "cache")]) == 0
    found = NpmTable(lzma.decompress(out.read_bytes()))
    assert [release.version for release in found.releases("a")] == [(1, 0, 1), (2, 0, 0)]
    release("z@1.0.0@@@1", {"name": "z", "version": "1.0.0", **need, "peerDependencies": {"p": ">=1"}}, bytes(9_000))
    main(["npm", str(out), str(tmp_path / "cache")])
    found = NpmTable(lzma.decompress(out.read_bytes()))
    (row,) = found.releases("z")
    assert (row.size, row.needs) == (size, ("b@^1", "@x/real@~2.0", "?d-linux-x64@1.0.0", "+p@"))
    assert row.packed < row.size / 5
    assert found.releases("@x/real") and not found.releases("real")


def test_the_bundled_table_knows_what_people_use() -> None:
    for name in ("express", "react", "typescript", "eslint", "webpack", "lodash", "next"):
        releases = table().releases(name)
        assert releases and all(release.size > 0 and release.packed > 0 for release in releases)
        assert [release.version for release in releases] == sorted({release.version for release in releases})
