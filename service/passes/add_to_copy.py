"""Write COPY where ADD only copies.

Why: ADD also downloads and unpacks; who reads COPY knows that neither happens, and a file that becomes an archive one day stays one.

Not where: a source is a URL, a Git repository, or an archive that ADD would unpack; a name, or that of a neighbour in a row of ADDs, says
nothing about its content (ADD looks into a file, whatever it is called); a flag belongs to ADD alone.

Source: https://docs.docker.com/build/building/best-practices/#add-or-copy

before:
    FROM python:3.12-slim
    WORKDIR /app
    ADD requirements.txt ./
    ADD src/ ./src/
    CMD ["python", "src/main.py"]

after:
    FROM python:3.12-slim
    WORKDIR /app
    COPY requirements.txt ./
    COPY src/ ./src/
    CMD ["python", "src/main.py"]
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import groupby

from service.dockerfile.arguments import sources_and_destination
from service.dockerfile.model import Instruction
from service.dockerfile.patterns import matches
from service.image.files import COMMON_FILES
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts

_BY = "add_to_copy"
_ADD_ONLY = frozenset({"keep-git-dir", "checksum", "unpack"})
_REMOTE = ("://", "git@")
_ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".tbz", ".xz", ".txz", ".zst", ".tzst")
_PLAIN = frozenset(
    {
        "c", "cc", "cfg", "cjs", "class", "conf", "cpp", "cs", "css", "csv", "env", "erb", "ex", "exs", "go", "gradle", "h", "hpp", "html", "ico",
        "ini", "jar", "java", "js", "json", "jsx", "jpg", "kt", "list", "lock", "lua", "md", "mjs", "mod", "nix", "pem", "php", "pl", "png",
        "properties", "proto", "ps1", "py", "rb", "repo", "rs", "scala", "service", "sh", "sql", "sum", "svg", "tf", "toml", "ts", "tsx", "ttf",
        "txt", "vue", "war", "wasm", "whl", "xml", "yaml", "yml", "zip", "zsh", "crt", "cer", "key", "dll", "exe", "deb", "rpm",
        "psgi", "pm", "pas", "nim", "zig", "cr", "swift", "dart", "fs", "vb", "hs", "ml", "erl", "clj", "edn",
        "template", "tmpl", "tpl", "j2", "rules", "sln", "csproj", "bash", "ejs", "ear",
    }
)
"""Endings of formats that are no tar archives; ADD unpacks only those (docs.docker.com/reference/dockerfile), and an .apk of Alpine is one."""


def add_to_copy(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """Every ADD of a file whose format is known, or of a folder, in all stages."""
    if facts.oversized:
        return
    edited = draft
    for row in _rows(facts):
        # Half a row of ADDs reads as a mistake, unless what stays shows why.
        if not all(_only_copies(item, facts) or _shows_why(item) for _, item in row):
            continue
        for index, item in row:
            if _only_copies(item, facts):
                sources = ", ".join(sources_and_destination(item)[0]) or "a heredoc"
                because = f"{sources} is neither downloaded nor unpacked: COPY says so"
                edited = edited.rewrite(index, _renamed(item), Reason(_BY, "plain-copy", because))
    if edited is not draft:
        yield edited


def _rows(facts: Facts) -> Iterator[list[tuple[int, Instruction]]]:
    """ADDs that follow each other, with their places in the file."""
    for adding, row in groupby(enumerate(facts.dockerfile.instructions), key=lambda one: one[1].keyword == "ADD"):
        if adding:
            yield list(row)


def _shows_why(item: Instruction) -> bool:
    """Whether a reader sees what ADD is for: a flag of its own, a download, an archive."""
    sources = sources_and_destination(item)[0]
    return any(flag.name in _ADD_ONLY for flag in item.flags) or any(
        any(mark in source for mark in _REMOTE) or source.strip("\"'").endswith(_ARCHIVES) for source in sources
    )


def _only_copies(item: Instruction, facts: Facts) -> bool:
    if any(flag.name in _ADD_ONLY for flag in item.flags):
        return False
    return all(_plain(source, facts) for source in sources_and_destination(item)[0])


def _plain(source: str, facts: Facts) -> bool:
    """Whether ADD finds nothing to unpack or fetch behind a source."""
    if any(mark in source for mark in _REMOTE) or "$" in source:
        return False
    name = posixpath.normpath(source.strip("\"'").lstrip("/"))
    if set("*?[") & set(name) and facts.context.complete:
        matching = [path for path in (*facts.context.files, *facts.view.folders) if matches(name, path)]
        if matching:
            return all(_plain_name(path, facts) for path in matching)
    return source.endswith("/") or _plain_name(name, facts)


def _plain_name(name: str, facts: Facts) -> bool:
    """Whether a path of the context is a folder, a file that was sent as text, or has an ending that says what it is."""
    last = posixpath.basename(name)
    if name == "." or facts.view.is_folder(name):
        return True
    _, dot, ending = last.rpartition(".")
    known = facts.context.files.get(name) is not None or last in COMMON_FILES
    return known or bool(dot) and ending.lower() in _PLAIN


def _renamed(item: Instruction) -> str:
    """The instruction with its keyword in the author's case."""
    start = item.text.index(item.word)
    word = "copy" if item.word.islower() else "COPY" if item.word.isupper() else "Copy"
    return item.text[:start] + word + item.text[start + len(item.word) :]
