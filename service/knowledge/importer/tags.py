"""Which tags the official images ever had, the release each one last stood on, and when it was last listed.

The source is the history of docker-library/official-images (`library/<family>`), whose entries name tags, and the Dockerfile at the commit
that the entry names, where neither the folder nor another tag of the entry says the release.
"""

from __future__ import annotations

import lzma
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.knowledge.references import parse_reference, suite_in

_DOTNET = ("sdk", "aspnet", "runtime", "runtime-deps")
_OLD_LINE = re.compile(r"^([\w.-]+): (?:git|https?)://github\.com/([\w./-]+?)(?:\.git)?@([\w./-]+)(?: ([\w./-]+))?$", re.ASCII)
_MOVED = {
    "docker-library/java": "docker-library/openjdk",
    "keeganwitt/docker-gradle": "gradle/docker-gradle",
    "c0b/docker-elixir": "erlef/docker-elixir",
    "rust-lang-nursery/docker-rust": "rust-lang/docker-rust",
    "scorpil/docker-rust": "rust-lang/docker-rust",
    "apple/swift-docker": "swiftlang/swift-docker",
    "freebroccolo/docker-haskell": "haskell/docker-haskell",
    "nginxinc/docker-nginx": "nginx/docker-nginx",
    "perl/docker-perl": "perl/docker-perl",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One build: its own tags and the ones that it shares with other architectures' builds, and where its Dockerfile is."""

    tags: tuple[str, ...]
    shared: tuple[str, ...]
    repository: str
    commit: str
    folder: str
    file: str


@dataclass(frozen=True, slots=True)
class TagRow:
    """`suites` are (day, release) of each change, the release empty where nothing says it; `date` is the day of the last change of the list
    that still had the tag."""

    suites: tuple[tuple[str, str], ...]
    date: str

    @property
    def suite(self) -> str:
        return self.suites[-1][1]

    def at(self, day: str) -> str:
        """The release that the tag stood on at a day: an old `maven` tag was not built again when `openjdk` moved on."""
        return next((suite for since, suite in reversed(self.suites) if since <= day), self.suites[0][1])


Tags = dict[str, TagRow]


class GitFolder:
    """A repository's files at any commit, by one long-running `git cat-file`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[str, str | None] = {}
        self._process = subprocess.Popen(["git", f"--git-dir={folder}", "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def file(self, commit: str, path: str) -> str | None:
        """A file's text at a commit; None where there is none."""
        name = f"{commit}:{path}"
        if name not in self._found:
            self._found[name] = self._read(name)
        return self._found[name]

    def _read(self, name: str) -> str | None:
        source, sink = self._process.stdout, self._process.stdin
        if source is None or sink is None or "\n" in name:
            return None
        sink.write(name.encode() + b"\n")
        sink.flush()
        words = source.readline().split()
        if len(words) != 3 or not words[2].isdigit():
            return None
        content = source.read(int(words[2]) + 1)[:-1]
        return content.decode("utf-8", "replace") if words[1] == b"blob" else None

    def history(self, path: str) -> list[tuple[str, str]]:
        """(commit, day) of each change of a path, oldest first."""
        text = subprocess.run(
            ["git", f"--git-dir={self._folder}", "log", "--first-parent", "--reverse", "--format=%H %cs", "--", path],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        return [(commit, day) for commit, _, day in (line.partition(" ") for line in text.splitlines())]

    def close(self) -> None:
        self._process.communicate()


def entries(text: str) -> Iterator[Entry]:
    """The builds for linux/amd64 in a `library/<family>` file, in today's form and in the one before 2016."""
    defaults: Mapping[str, str] = {}
    for number, block in enumerate(_blocks(text)):
        if number == 0 and "Tags" not in block:
            defaults = block
        elif "Tags" in block:
            row = {**defaults, **block}
            if "amd64" in [word.strip() for word in row.get("Architectures", "amd64").split(",")]:
                yield _entry(row)
    for line in text.splitlines():
        found = _OLD_LINE.match(line)
        if found:
            yield Entry((found[1],), (), found[2], found[3], found[4] or "", "Dockerfile")


def _entry(row: Mapping[str, str]) -> Entry:
    repository = row.get("GitRepo", "").removesuffix(".git").partition("github.com/")[2]
    folder = row.get("amd64-Directory") or row.get("Directory", "")
    return Entry(
        _listed(row["Tags"]),
        _listed(row.get("SharedTags", "")),
        repository,
        row.get("amd64-GitCommit") or row.get("GitCommit", ""),
        folder.strip("./"),
        row.get("amd64-File") or row.get("File") or "Dockerfile",
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _blocks(text: str) -> Iterator[dict[str, str]]:
    for paragraph in text.split("\n\n"):
        block: dict[str, str] = {}
        key = ""
        for line in paragraph.splitlines():
            if line.startswith("#"):
                continue
            if line[:1].isspace():
                block[key] = f"{block.get(key, '')} {line.strip()}"
            elif ":" in line:
                key, _, value = line.partition(":")
                block[key] = value.strip()
        if block:
            yield block


def family_tags(official: GitFolder, repositories: Mapping[str, GitFolder], family: str, known: Mapping[str, Tags]) -> Tags:
    """Every tag that a family ever listed. `known` has the families that this one builds on, for tags like `openjdk:8-jdk`."""
    rows: Tags = {}
    path = f"library/{family}"
    for commit, day in official.history(path):
        text = official.file(commit, path)
        seen: set[str] = set()
        for entry in entries(text or ""):
            found = _suite(family, entry, repositories, known, day)
            suite = _before(entry, rows) if found is None else found
            for tag in (*entry.tags, *entry.shared):
                if tag not in seen:
                    seen.add(tag)
                    rows[tag] = _later(rows.get(tag), suite, day)
    return rows


def _later(row: TagRow | None, suite: str, day: str) -> TagRow:
    before = () if row is None else row.suites
    return TagRow(before if before and before[-1][1] == suite else (*before, (day, suite)), day)


def _before(entry: Entry, rows: Tags) -> str:
    """The release that the entry's other tags stood on at the last change, for a commit that the copy of its repository lacks. Alpine's
    images change theirs every half year, so that nothing can be said of them."""
    found = next((rows[tag].suite for tag in entry.tags if tag in rows and rows[tag].suite), "")
    return "" if found.startswith("alpine") else found


def _suite(family: str, entry: Entry, repositories: Mapping[str, GitFolder], known: Mapping[str, Tags], day: str) -> str | None:
    """The release of an entry: empty where it stands on none (Debian's unstable), None where nothing that was read says it."""
    if family in ("alpine", "fedora", "rockylinux", "amazonlinux", "centos", "oraclelinux"):
        return _own(family, entry.tags)
    for words in (entry.folder.replace("/", "-"), *entry.tags):
        found = suite_in(words)
        if found:
            return found
    repository = repositories.get(_MOVED.get(entry.repository.lower(), entry.repository.lower()))
    return None if repository is None else _from(repository, entry, known, day)


def _own(family: str, tags: Sequence[str]) -> str:
    version = next((tag for tag in tags if tag[:1].isdigit()), "")
    parts = version.split("-")[0].split(".")
    if family == "alpine" and len(parts) < 2:
        return ""
    return f"{family}{'.'.join(parts[: 2 if family == 'alpine' else 1])}" if version else ""


def _from(repository: GitFolder, entry: Entry, known: Mapping[str, Tags], day: str) -> str | None:
    """The release of the image that the entry's Dockerfile is FROM; None where the copy of its repository has no such file."""
    text = repository.file(entry.commit, f"{entry.folder}/{entry.file}".lstrip("/")) or ""
    references = [line.split()[1] for line in text.splitlines() if line.upper().startswith("FROM ") and len(line.split()) > 1]
    if not references:
        return None
    name = parse_reference(references[-1])
    if name.repository == "alpine":
        return _own("alpine", (name.tag,))
    row = known.get(name.repository, {}).get(name.tag)
    return suite_in(name.tag) or (None if row is None else row.at(day))


def readme_tags(repository: GitFolder, path: str) -> Tags:
    """The tags that a README of dotnet/dotnet-docker ever listed: `tag, tag | [Dockerfile](folder) | ...` a line, linux/amd64 first."""
    rows: Tags = {}
    for commit, day in repository.history(path):
        seen: set[str] = set()
        for line in (repository.file(commit, path) or "").splitlines():
            tags, found, rest = line.partition(" | [Dockerfile](")
            folder = rest.partition(")")[0]
            if not found or "nanoserver" in folder or "windows" in folder or "/arm" in folder:
                continue
            listed = _listed(tags)
            suite = next(filter(None, map(suite_in, listed)), "")
            for tag in (tag for tag in listed if tag not in seen):
                seen.add(tag)
                rows[tag] = _later(rows.get(tag), suite, day)
    return rows


def write_tags(out: Path, families: Mapping[str, Tags]) -> int:
    """Writes `family:tag, suite, date` a line, sorted by bytes for the reader's bisection."""
    lines = [f"{family}:{tag}\t{row.suite}\t{row.date}" for family, rows in families.items() for tag, row in rows.items()]
    lines.sort(key=lambda line: line.partition("\t")[0].encode())
    out.write_bytes(lzma.compress(("\n".join(lines) + "\n").encode(), preset=9 | lzma.PRESET_EXTREME))
    return len(lines)


def collect(official: Path, folders: Sequence[Path], families: Sequence[str]) -> dict[str, Tags]:
    """The tags of several families, each after the ones that it builds on. Folders are named `owner+name/repo` or `owner+name`."""
    repositories = {_name(folder).lower(): GitFolder(folder) for folder in folders}
    history = GitFolder(official)
    found: dict[str, Tags] = {}
    for family in families:
        found[family] = family_tags(history, repositories, family, found)
    microsoft = repositories.get("dotnet/dotnet-docker")
    if microsoft is not None:
        found |= {f"mcr.microsoft.com/dotnet/{name}": readme_tags(microsoft, f"README.{name}.md") for name in _DOTNET}
    for opened in (history, *repositories.values()):
        opened.close()
    return found


def _name(folder: Path) -> str:
    return next((part.replace("+", "/") for part in reversed(folder.parts) if "+" in part), folder.name)
