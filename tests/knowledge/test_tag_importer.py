from __future__ import annotations

import subprocess
from pathlib import Path

from service.knowledge.importer.tags import collect


def repository(folder: Path, files: dict[str, str]) -> str:
    """A repository with one commit; its name."""
    git = ("git", "-C", str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run((*git, "init", "-q"), check=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    subprocess.run((*git, "add", "-A"), check=True)
    subprocess.run((*git, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "-m", "x"), check=True)
    return subprocess.run((*git, "rev-parse", "HEAD"), check=True, capture_output=True, text=True).stdout.strip()


def listing(*entries: tuple[str, str, str]) -> str:
    head = "Maintainers: x\nGitRepo: https://github.com/acme/app.git\n"
    return "\n".join([head, *(f"Tags: {tags}\nGitCommit: {commit}\nDirectory: {folder}\n" for tags, commit, folder in entries)])


def test_a_tag_that_moved_to_the_unstable_release_stands_on_none(tmp_path: Path) -> None:
    app, official = tmp_path / "acme+app", tmp_path / "official"
    commit = repository(app, {"8/Dockerfile": "FROM debian:stretch\n", "10/Dockerfile": "FROM debian:sid\n"})
    debian = "Maintainers: x\n\nTags: stretch\nDirectory: stretch\n\nTags: sid\nDirectory: sid\n"
    repository(official, {"library/debian": debian, "library/app": listing(("8, latest", commit, "8"))})
    repository(official, {"library/app": listing(("8", commit, "8"), ("10, latest", commit, "10"))})
    found = collect(official / ".git", [app / ".git"], ["debian", "app"])["app"]
    assert {tag: row.suite for tag, row in found.items()} == {"8": "stretch", "10": "", "latest": ""}


def test_a_commit_that_no_copy_has_keeps_what_its_tags_stood_on(tmp_path: Path) -> None:
    app, official = tmp_path / "acme+app", tmp_path / "official"
    commit = repository(app, {"8/Dockerfile": "FROM debian:stretch\n"})
    repository(official, {"library/debian": "Tags: stretch\nDirectory: stretch\n", "library/app": listing(("8", commit, "8"))})
    repository(official, {"library/app": listing(("8", "0" * 40, "8"), ("9", "0" * 40, "9"))})
    found = collect(official / ".git", [app / ".git"], ["debian", "app"])["app"]
    assert {tag: row.suite for tag, row in found.items()} == {"8": "stretch", "9": ""}
