from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.context import BuildContext
from service.image.effects import Act, Kind, LanguageInstall, Phase, Write
from service.image.model import BaseImage
from service.knowledge.npm import table
from service.sizing.locks import READERS, Locked, Wish
from service.sizing.model import Addition
from service.sizing.npm import added

ALL, PRODUCTION = Wish(), Wish(production=True)


def names(rows: tuple[Locked, ...] | None) -> dict[str, int]:
    assert rows is not None
    return {f"{row.name}@{row.version}": row.count for row in rows}


PLACES = json.dumps(
    {
        "lockfileVersion": 3,
        "packages": {
            "": {"name": "app"},
            "packages/own": {"name": "own", "version": "1.0.0"},
            "node_modules/own": {"resolved": "packages/own", "link": True},
            "node_modules/a": {"version": "1.0.0"},
            "node_modules/b": {"version": "2.0.0", "dev": True},
            "node_modules/b/node_modules/a": {"version": "1.0.0", "dev": True},
            "node_modules/b/node_modules/inside": {"version": "1.0.0", "inBundle": True, "dev": True},
            "node_modules/alias": {"name": "@x/real", "version": "3.0.0"},
            "node_modules/mac": {"version": "1.0.0", "optional": True, "os": ["darwin"]},
            "node_modules/lin": {"version": "1.0.0", "optional": True, "os": ["linux"], "cpu": ["x64"], "libc": ["musl"]},
            "node_modules/any": {"version": "1.0.0", "optional": True, "os": ["!win32"]},
        },
    }
)
NESTED = json.dumps(
    {
        "lockfileVersion": 1,
        "dependencies": {
            "a": {"version": "1.0.0"},
            "b": {
                "version": "2.0.0",
                "dev": True,
                "dependencies": {"a": {"version": "0.9.0", "dev": True}, "c": {"version": "1.0.0", "dev": True, "bundled": True}},
            },
            "fsevents": {"version": "1.2.9", "optional": True},
        },
    }
)
YARN_1 = """# yarn lockfile v1


"@a/b@^1.0.0", "@a/b@^1.2.0":
  version "1.2.3"
  resolved "https://registry.example/@a/b/-/b-1.2.3.tgz#0"
  dependencies:
    c "~2.0.0"
  optionalDependencies:
    "@esbuild/darwin-x64" "0.1.0"

c@~2.0.0:
  version "2.0.1"

"@esbuild/darwin-x64@0.1.0":
  version "0.1.0"

dev@^3.0.0:
  version "3.1.0"
"""
BERRY = """__metadata:
  version: 6

"@a/b@npm:^1.0.0, @a/b@npm:^1.2.0":
  version: 1.2.3
  resolution: "@a/b@npm:1.2.3"
  dependencies:
    c: ~2.0.0
  checksum: 0
  languageName: node
  linkType: hard

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    "@a/b": ^1.0.0
    dev: ^3.0.0
  linkType: soft

"c@npm:~2.0.0":
  version: 2.0.1
  resolution: "c@npm:2.0.1"

"dev@npm:^3.0.0":
  version: 3.1.0
  resolution: "dev@npm:3.1.0"

"mac@npm:1.0.0":
  version: 1.0.0
  resolution: "mac@npm:1.0.0"
  conditions: os=darwin & cpu=x64
"""
MANIFEST = json.dumps({"dependencies": {"@a/b": "^1.0.0"}, "devDependencies": {"dev": "^3.0.0"}})
PNPM_5 = """lockfileVersion: 5.4

specifiers:
  '@a/b': ^1.0.0

dependencies:
  '@a/b': 1.2.3_react@17.0.2

packages:

  /@a/b/1.2.3_react@17.0.2:
    resolution: {integrity: sha512-x}
    dependencies:
      c: 2.0.1
    dev: false

  /c/2.0.1:
    resolution: {integrity: sha512-x}
    dev: false

  /dev/3.1.0:
    resolution: {integrity: sha512-x}
    dev: true

  /mac/1.0.0:
    resolution: {integrity: sha512-x}
    os: [darwin]
    dev: false
    optional: true
"""
PNPM_6 = PNPM_5.replace("/@a/b/1.2.3_react@17.0.2", "/@a/b@1.2.3(react@17.0.2)")
PNPM_6 = PNPM_6.replace("/c/", "/c@").replace("/dev/", "/dev@").replace("/mac/", "/mac@")
PNPM_9 = """lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      '@a/b':
        specifier: ^1.0.0
        version: 1.2.3(react@17.0.2)
    devDependencies:
      dev:
        specifier: ^3.0.0
        version: 3.1.0

packages:

  '@a/b@1.2.3':
    resolution: {integrity: sha512-x}

  c@2.0.1:
    resolution: {integrity: sha512-x}

  dev@3.1.0:
    resolution: {integrity: sha512-x}

  mac@1.0.0:
    resolution: {integrity: sha512-x}
    cpu: [x64]
    os: [darwin]

snapshots:

  '@a/b@1.2.3(react@17.0.2)':
    dependencies:
      c: 2.0.1
    optionalDependencies:
      mac: 1.0.0

  c@2.0.1: {}

  dev@3.1.0: {}

  mac@1.0.0:
    optional: true
"""
BUN = """{
  "lockfileVersion": 1,
  "workspaces": {
    "": {
      "dependencies": { "@a/b": "^1.0.0", },
      "devDependencies": { "dev": "^3.0.0", },
    },
  },
  "packages": {
    "@a/b": ["@a/b@1.2.3", "", { "dependencies": { "c": "~2.0.0" }, "optionalDependencies": { "mac": "1.0.0" } }, "sha512-x"],

    "c": ["c@2.9.0", "", {}, "sha512-x"],

    "dev": ["dev@3.1.0", "", { "dependencies": { "c": "2" } }, "sha512-x"],

    "mac": ["mac@1.0.0", "", { "os": "darwin", "cpu": "x64" }, "sha512-x"],

    "@a/b/c": ["c@2.0.1", "", {}, "sha512-x"],
  }
}
"""


def test_npm_places() -> None:
    expected = {"a@1.0.0": 2, "b@2.0.0": 1, "@x/real@3.0.0": 1, "lin@1.0.0": 1, "any@1.0.0": 1}
    assert names(READERS["package-lock.json"](PLACES, None, ALL)) == expected
    glibc = Wish(production=True, libc="glibc")
    assert names(READERS["package-lock.json"](PLACES, None, glibc)) == {"a@1.0.0": 1, "@x/real@3.0.0": 1, "any@1.0.0": 1}
    assert "any@1.0.0" not in names(READERS["package-lock.json"](PLACES, None, Wish(optional=False)))


def test_npm_version_1() -> None:
    assert names(READERS["npm-shrinkwrap.json"](NESTED, None, ALL)) == {"a@1.0.0": 1, "b@2.0.0": 1, "a@0.9.0": 1}
    assert names(READERS["npm-shrinkwrap.json"](NESTED, None, PRODUCTION)) == {"a@1.0.0": 1}


@pytest.mark.parametrize(
    ("name", "text"),
    [("yarn.lock", YARN_1), ("yarn.lock", BERRY), ("pnpm-lock.yaml", PNPM_5), ("pnpm-lock.yaml", PNPM_6), ("pnpm-lock.yaml", PNPM_9)],
)
def test_locks_of_yarn_and_pnpm(name: str, text: str) -> None:
    assert names(READERS[name](text, MANIFEST, ALL)) == {"@a/b@1.2.3": 1, "c@2.0.1": 1, "dev@3.1.0": 1}
    assert names(READERS[name](text, MANIFEST, PRODUCTION)) == {"@a/b@1.2.3": 1, "c@2.0.1": 1}


def test_bun_lock() -> None:
    assert names(READERS["bun.lock"](BUN, None, ALL)) == {"@a/b@1.2.3": 1, "c@2.9.0": 1, "dev@3.1.0": 1, "c@2.0.1": 1}
    assert names(READERS["bun.lock"](BUN, None, PRODUCTION)) == {"@a/b@1.2.3": 1, "c@2.0.1": 1}


TEXTS = (PLACES, NESTED, YARN_1, BERRY, PNPM_5, PNPM_9, BUN)


@settings(deadline=None)
@given(st.sampled_from(TEXTS), st.integers(0, 2_000), st.integers(0, 60), st.text(alphabet=' \n":@/{}[],()a1^', max_size=12))
def test_broken_lock_files_are_read_or_refused(text: str, start: int, length: int, other: str) -> None:
    broken = text[:start] + other + text[start + length :]
    for reader in READERS.values():
        for wish in (ALL, PRODUCTION):
            rows = reader(broken, MANIFEST, wish)
            assert rows is None or all(row.count > 0 for row in rows)


@pytest.mark.parametrize(
    "text",
    [
        '{"dependencies": ' + '{"a": {"dependencies": ' * 50_000,
        '{"lockfileVersion": 3, "packages": ' + "[" * 100_000,
        "# yarn lockfile v1\n" + '"a@1", ' * 100_000 + ":\n",
        "lockfileVersion: '9.0'\npackages:\n" + "  a@1:\n    os: [" * 50_000,
        "__metadata:\n" + "x" * 1_000_000,
        "{" + "," * 1_000_000,
        "{" + ", " * 300_000 + " " * 300_000,
    ],
)
def test_hostile_lock_files_take_no_time(text: str) -> None:
    start = time.process_time()
    for reader in READERS.values():
        reader(text, MANIFEST, PRODUCTION)
    assert time.process_time() - start < 5


def act(words: str, *manifests: str, packages: tuple[str, ...] = (), production: bool = False, cache: bool = False) -> Act:
    install = LanguageInstall("npm install", "node", packages, manifests, "/app/node_modules", production)
    writes = (Write("/root/.npm", Kind.CACHE, True, "run:0"),) if cache else ()
    return Act(0, Phase.INSTALL, "npm install", "node", tuple(words.split()), writes=writes, install=install)


def of(text: Act, **files: str) -> Addition | None:
    context = BuildContext({name.replace("__", "-").replace("_", "."): content for name, content in files.items()})
    return added(text, context, BaseImage("node:20", libc="glibc"))


def locked(*packages: tuple[str, str], dev: tuple[tuple[str, str], ...] = ()) -> str:
    rows = {f"node_modules/{name}": {"version": version} for name, version in packages}
    rows |= {f"node_modules/{name}": {"version": version, "dev": True} for name, version in dev}
    return json.dumps({"lockfileVersion": 3, "packages": rows})


def test_a_lock_file_decides() -> None:
    text = locked(("react", "18.2.0"), dev=(("typescript", "5.9.3"),))
    whole = of(act("npm ci", "package-lock.json"), package__lock_json=text)
    runtime = of(act("npm ci --omit=dev", "package-lock.json", production=True), package__lock_json=text)
    assert whole is not None and runtime is not None
    assert whole.kept.basis == "lockfile"
    assert 20_000_000 < whole.kept.mid < 30_000_000
    assert runtime.kept.mid < 1_000_000
    assert whole.compressed.mid < whole.kept.mid / 3
    assert whole.kept.low <= whole.kept.mid <= whole.kept.high


def test_a_manifest_alone_has_a_wider_range_and_a_cache_with_more_in_it() -> None:
    manifest = json.dumps({"dependencies": {"express": "^4.18.0"}})
    alone = of(act("npm install", "package.json", cache=True), package_json=manifest)
    both = {"package_json": manifest, "package__lock_json": locked(("express", "4.18.2"))}
    with_lock = of(act("npm install", "package.json", "package-lock.json", cache=True), **both)
    assert alone is not None and with_lock is not None
    assert alone.kept.basis == "package-index"
    assert 1_500_000 < alone.kept.mid < 4_000_000
    assert alone.removable.mid > with_lock.removable.mid > 0
    assert of(act("npm install", "package.json"), package_json=manifest).removable.mid == 0  # type: ignore[union-attr]


def test_names_in_the_command() -> None:
    found = of(act("npm install -g typescript@5", packages=("typescript@5",)))
    assert found is not None and 15_000_000 < found.kept.mid < 35_000_000
    unknown = of(act("npm install -g no-such-thing-at-all", packages=("no-such-thing-at-all",)))
    assert unknown is not None and unknown.kept.high > 3 * unknown.kept.low


def yarn(*packages: tuple[str, str]) -> str:
    return "# yarn lockfile v1\n" + "".join(f'\n"{name}@{version}":\n  version "{version}"\n' for name, version in packages)


def test_yarn_1_fetches_every_platform_and_installs_both_c_libraries() -> None:
    one = (("esbuild", "0.21.5"), ("@esbuild/linux-x64", "0.21.5"))
    plain = of(act("yarn install", "yarn.lock", cache=True), yarn_lock=yarn(*one))
    others = of(act("yarn install", "yarn.lock", cache=True), yarn_lock=yarn(*one, ("@esbuild/darwin-x64", "0.21.5"), ("fsevents", "2.3.3")))
    assert plain is not None and others is not None
    assert others.kept.mid == plain.kept.mid
    assert others.removable.mid - plain.removable.mid > 9_000_000
    rows = READERS["yarn.lock"](yarn(("@rollup/rollup-linux-x64-musl", "4.0.0"), ("@rollup/rollup-linux-x64-gnu", "4.0.0")), None, Wish(libc=""))
    assert len(names(rows)) == 2


def test_optional_packages_are_left_out_where_the_command_says_so() -> None:
    text = json.dumps({"lockfileVersion": 3, "packages": {"node_modules/typescript": {"version": "5.9.3", "optional": True}}})
    words = act("npm ci --omit optional", "package-lock.json")
    assert words.install is not None
    without = of(replace(words, install=replace(words.install, optional=False)), package__lock_json=text)
    whole = of(words, package__lock_json=text)
    assert whole is not None and without is not None
    assert without.kept.mid == 0 < whole.kept.low


def test_one_unknown_package_does_not_widen_a_large_tree() -> None:
    releases = ((name, table().releases(name)[-1].version) for name in ("typescript", "webpack", "react-dom", "prettier"))
    known = tuple((name, ".".join(map(str, version))) for name, version in releases)
    sure = of(act("npm ci", "package-lock.json"), package__lock_json=locked(*known))
    found = of(act("npm ci", "package-lock.json"), package__lock_json=locked(*known, ("no-such-thing-at-all", "1.0.0")))
    assert sure is not None and found is not None
    assert found.kept.high - found.kept.mid > sure.kept.high - sure.kept.mid
    assert found.kept.high - found.kept.mid > found.kept.mid - found.kept.low
    assert found.kept.high < 1.2 * found.kept.mid


def test_nothing_is_said_of_what_was_not_sent() -> None:
    assert of(act("npm ci", "package-lock.json")) is None
    assert of(act("pip install x", packages=("x",))) is None


def test_an_install_script_that_downloads() -> None:
    text = locked(("cypress", "12.17.4"))
    whole = of(act("npm ci", "package-lock.json"), package__lock_json=text)
    plain = of(act("npm ci --ignore-scripts", "package-lock.json"), package__lock_json=text)
    assert whole is not None and plain is not None
    assert whole.kept.mid - plain.kept.mid > 300_000_000


@pytest.mark.parametrize("measured", json.loads(Path(__file__).with_name("npm_sets.json").read_text()), ids=lambda row: row["name"])
def test_what_real_installs_weighed(measured: dict[str, Any]) -> None:
    """node_modules of real installs, bytes of regular files, and a gzipped tar of them where one was made."""
    rows = enumerate(_pair(text) for text in measured["packages"])
    text = json.dumps({"lockfileVersion": 3, "packages": {f"{index}/node_modules/{name}": {"version": version} for index, (name, version) in rows}})
    found = of(act("npm ci --ignore-scripts", "package-lock.json"), package__lock_json=text)
    assert found is not None
    assert abs(found.kept.mid - measured["bytes"]) < 0.05 * measured["bytes"]
    assert found.kept.low <= measured["bytes"] <= found.kept.high
    assert measured["gzip"] is None or found.compressed.low <= measured["gzip"] <= found.compressed.high


def _pair(text: str) -> tuple[str, str]:
    name, _, version = text.rpartition("@")
    return name, version
