from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

from service.knowledge.apt import AptTable
from service.knowledge.importer import endoflife
from service.knowledge.importer.__main__ import main

INDEX = """Package: app
Installed-Size: 10
Size: 2000
Section: utils
Depends: liba (= 1.0), b | c, virtual-x
Recommends: extra
Priority: optional

Package: liba
Installed-Size: 5
Size: 1000
Section: libs

Package: b
Installed-Size: 1
Size: 10
Section: misc

Package: real-x
Source: x-src (2)
Installed-Size: 1
Size: 10
Section: misc
Provides: virtual-x
"""


def test_a_table_from_a_packages_file(tmp_path: Path) -> None:
    index, out = tmp_path / "Packages", tmp_path / "out.tsv.gz"
    index.write_text(INDEX)
    assert main(["apt", str(out), str(index)]) == 0
    table = AptTable("bookworm", gzip.decompress(out.read_bytes()))
    app = table.package("app")
    assert app is not None
    assert (app.installed, app.deb, app.section, app.exact) == (10_240, 2_048, "utils", {"liba"})
    assert set(table.closure(("app",))) == {"app", "liba", "b", "real-x"}
    found = table.package("real-x")
    assert found is not None and found.source == "x-src"
    assert table.package("missing") is None


def test_wrong_arguments(capsys: object) -> None:
    assert main(["oops"]) == 2


def test_days_without_fixes(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    (repository / "products").mkdir(parents=True)
    for product in {*(name for name, _ in endoflife.FAMILIES.values()), *endoflife.SUITES}:
        (repository / "products" / f"{product}.md").write_text("---\ntitle: x\n\nreleases:\n---\n")
    (repository / "products" / "python.md").write_text(
        '---\nreleases:\n  - releaseCycle: "3.8"\n    eol: 2024-10-07 # PEP 569\n    latest: "3.8.20"\n\n'
        '  - releaseCycle: "3.99"\n    eol: false\n---\ntext: no\n'
    )
    (repository / "products" / "debian.md").write_text(
        '---\nreleases:\n  - releaseCycle: "10"\n    codename: "Buster"\n    eol: 2022-09-10\n    eoes: 2024-06-30\n---\n'
    )
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(repository), *words], check=True)
    out = tmp_path / "out.json"
    assert main(["endoflife", str(out), str(repository)]) == 0
    found = json.loads(out.read_text())
    assert found["families"]["python"] == {"title": "Python", "days": {"3.8": "2024-10-07"}}
    assert found["suites"] == {"buster": ["Debian 10", "2024-06-30"]}
