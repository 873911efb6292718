"""A folder as a build context."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from service.cli import folder
from service.cli.folder import read_folder


def write(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return root


def test_text_is_read_and_everything_has_a_size(tmp_path: Path) -> None:
    context = read_folder(write(tmp_path, {"package.json": b"{}\r\n", "src/a.js": "é".encode(), "logo.png": b"\x89PNG\0", "latin": b"\xe9"}))
    assert context.files == {"package.json": "{}\r\n", "src/a.js": "é", "logo.png": None, "latin": None}
    assert context.sizes == {"package.json": 4, "src/a.js": 2, "logo.png": 5, "latin": 1}
    assert context.complete


def test_an_empty_folder_is_a_complete_context(tmp_path: Path) -> None:
    context = read_folder(tmp_path)
    assert (dict(context.files), context.complete, context.known) == ({}, True, True)


def test_ignored_files_are_not_there(tmp_path: Path) -> None:
    context = read_folder(write(tmp_path, {".dockerignore": b"node_modules\n.env\n", "node_modules/a/b.js": b"x", ".env": b"SECRET=1", "a.js": b"x"}))
    assert set(context.files) == {".dockerignore", "a.js"}
    assert set(context.sizes) == set(context.files)


def test_the_dockerfiles_own_ignore_file_goes_first(tmp_path: Path) -> None:
    root = write(tmp_path, {".dockerignore": b"a\n", "api.Dockerfile.dockerignore": b"b\n", "api.Dockerfile": b"FROM scratch\n", "a": b"", "b": b""})
    context = read_folder(root, root / "api.Dockerfile")
    assert "a" in context.files
    assert "b" not in context.files
    assert context.files[".dockerignore"] == "b\n"
    assert "a" not in read_folder(root, root / "Dockerfile").files


def test_history_is_one_path(tmp_path: Path) -> None:
    context = read_folder(write(tmp_path, {".git/HEAD": b"ref", ".git/objects/aa/bb": b"12345", "sub/.git": b"gitdir: x"}))
    assert context.files == {".git/HEAD": None, "sub/.git": "gitdir: x"}
    assert context.sizes[".git/HEAD"] == 8


def test_links_are_files_and_are_not_followed_out(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"secret": b"s3cret", "folder/x": b"x"})
    root = write(tmp_path / "root", {"real.txt": b"text"})
    for name, target in (
        ("inner", root / "real.txt"),
        ("outer", outside / "secret"),
        ("away", outside / "folder"),
        ("broken", root / "no"),
        ("self", root),
    ):
        (root / name).symlink_to(target)
    context = read_folder(root)
    assert context.files == {"real.txt": "text", "inner": "text", "outer": None, "away": None, "broken": None, "self": None}


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_folder(tmp_path).files == {"pipe": None}


def test_a_name_that_is_no_text_is_passed_over(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))).write_bytes(b"x")
    assert read_folder(write(tmp_path, {"né": b""})).files == {"né": ""}


def test_large_files_are_named_only(tmp_path: Path) -> None:
    context = read_folder(write(tmp_path, {"fits": b"x" * folder.MAX_FILE, "large": b"x" * (folder.MAX_FILE + 1)}))
    assert context.files["large"] is None
    assert context.files["fits"] is not None


def test_the_nearest_files_are_read_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MAX_TOTAL", 5)
    context = read_folder(write(tmp_path, {"a/deep": b"1234", "zz": b"1234"}))
    assert context.files == {"zz": "1234", "a/deep": None}
    assert context.complete


@pytest.mark.parametrize("bound", ["MAX_PATHS", "MAX_WALKED"])
def test_a_list_that_was_cut_is_not_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    root = write(tmp_path, {"a": b"", "b": b"", "c/d": b""})
    monkeypatch.setattr(folder, bound, 2)
    context = read_folder(root)
    assert (set(context.files), context.complete) == ({"a", "b"}, False)
    monkeypatch.setattr(folder, bound, 3)
    assert read_folder(root).complete
