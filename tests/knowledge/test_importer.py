from __future__ import annotations

import gzip
from pathlib import Path

from service.knowledge.apt import AptTable
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
