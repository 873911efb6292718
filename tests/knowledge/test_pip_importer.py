"""The importer of Python distributions, on environments made by hand."""

from __future__ import annotations

import lzma
from pathlib import Path

from service.knowledge.importer.distributions import measure, places
from service.knowledge.importer.pip import write_pip_table

CODE = "def one(value):\n    return [value, value]\n" * 40


def installed(site: Path, name: str, version: str, files: dict[str, str], metadata: str = "") -> Path:
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}\nwords\n")
    for path, content in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(content)
    listed = [*files, f"{info.name}/METADATA", f"{info.name}/RECORD", f"{name}/__pycache__/x.cpython-311.pyc"]
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in listed))
    return info


def test_what_a_distribution_puts_on_disk(tmp_path: Path) -> None:
    info = installed(tmp_path / "lib/python3.12/site-packages", "Some_Thing", "1.2", {"some/__init__.py": CODE, "../../../bin/some": "#!x\n" * 5})
    assert list(places(tmp_path)) == [info]
    found = measure(info)
    assert found is not None
    own = sum(path.stat().st_size for path in info.iterdir())
    assert found.unpacked == len(CODE) + 20 + own
    assert found.files == 4
    assert 200 < found.bytecode < 3 * len(CODE)
    assert 0 < found.packed < found.unpacked and 0 < found.bytecode_packed < found.bytecode
    assert 0 < found.archive < found.unpacked


def test_what_no_index_has_is_left_out(tmp_path: Path) -> None:
    local = installed(tmp_path, "local", "1", {"local.py": CODE})
    (local / "direct_url.json").write_text("{}")
    (tmp_path / "broken-1.dist-info").mkdir()
    assert [measure(info) for info in places(tmp_path)] == [None, None]


def test_code_that_does_not_compile_has_no_bytecode(tmp_path: Path) -> None:
    found = measure(installed(tmp_path, "old", "1", {"old.py": "print 'x'\n", "bin/old.py": CODE}))
    assert found is not None and found.bytecode == 0


def test_the_table_of_several_environments(tmp_path: Path) -> None:
    needs = 'Requires-Python: >=3.9\nRequires-Dist: other<2; python_version < "3.11"\nRequires-Dist: fast; extra == "speed"\n'
    installed(tmp_path / "a", "Thing", "1.0", {"thing.py": CODE}, needs)
    installed(tmp_path / "b", "Thing", "2.0", {"thing.py": CODE * 2}, needs)
    installed(tmp_path / "b", "other", "1.5", {"other.py": CODE})
    earlier, out = tmp_path / "earlier.xz", tmp_path / "out.xz"
    earlier.write_bytes(lzma.compress(b"other\ts\t1.5,9,9,9,9,9,9,0,;1.0,7,7,7,7,7,7,0,=\t\nunseen\ts\t1,2,3,4,5,6,7,0,\t\n"))
    assert write_pip_table(out, [tmp_path / "a", tmp_path / "b", earlier]) == 3
    lines = {line.split("\t")[0]: line.split("\t") for line in lzma.decompress(out.read_bytes()).decode().splitlines()}
    assert list(lines) == sorted(lines)
    newest, older = lines["thing"][2].split(";")
    assert newest.startswith("2.0,") and newest.endswith(",9,other<2@6-10") and older.startswith("1.0,") and older.endswith(",9,=")
    assert lines["thing"][3] == "speed:fast"
    assert lines["other"][1] == "" and not lines["other"][2].startswith("1.5,9,9") and ";1.0,7,7,7,7,7,7,0," in lines["other"][2]
    assert lines["unseen"] == ["unseen", "s", "1,2,3,4,5,6,7,0,", ""]
