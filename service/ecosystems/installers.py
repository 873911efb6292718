"""Archives that hold nothing but a compiler (`tar -C /usr/local -xzf go1.22.0.linux-amd64.tar.gz`), by their addresses."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Archive:
    """`address` is the beginning of an archive's, without the scheme; with a slash in front a part of it, whatever mirror it is on. `folder` is the
    one that everything in it lies in, empty: it is named like the archive without its `kinds` and `ending`. The name has `mark` in it."""

    address: str
    ecosystem: str
    folder: str
    source: str
    mark: str = "linux"
    ending: str = ""
    kinds: tuple[str, ...] = (".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar")


_GO = "go.dev/doc/install"
_SBT = "www.scala-sbt.org/1.x/docs/Manual-Installation.html"
ARCHIVES = (
    Archive("go.dev/dl/go", "go", "go", _GO),
    Archive("golang.org/dl/go", "go", "go", _GO),
    Archive("dl.google.com/go/go", "go", "go", _GO),
    Archive("storage.googleapis.com/golang/go", "go", "go", _GO),
    Archive("ziglang.org/download/", "zig", "", "ziglang.org/download"),
    Archive("ziglang.org/builds/", "zig", "", "ziglang.org/download"),
    Archive("/maven/maven-", "java", "", "maven.apache.org/install.html", "apache-maven-", "-bin"),
    Archive("/ant/binaries/", "java", "", "ant.apache.org/manual/install.html", "apache-ant-", "-bin"),
    *(
        Archive(f"{host}/distributions/gradle-", "java", "", "gradle.org/install (Installing manually)", "gradle-", ending, (".zip",))
        for host in ("services.gradle.org", "downloads.gradle.org")
        for ending in ("-bin", "-all")
    ),
    Archive("github.com/sbt/sbt/releases/download/", "scala", "sbt", _SBT, "sbt-"),
    Archive("piccolo.link/sbt-", "scala", "sbt", _SBT, "sbt-"),
    Archive("github.com/vlang/v/releases/download/", "v", "v", "docs.vlang.io/installing-v-from-source.html", "v_linux", kinds=(".zip",)),
    Archive("cmake.org/files/", "native", "", "cmake.org/download"),
    Archive("github.com/Kitware/CMake/releases/download/", "native", "", "cmake.org/download"),
)


def archive(words: Iterable[str | None], name: str = "") -> tuple[Archive, str] | None:
    """(the archive that a download's words name, the folder in it); `name` is what the file has to be called. None for any other address, and
    for sources of a toolchain."""
    addresses = _addresses(words)
    address = next(iter(addresses)) if len(addresses) == 1 else ""
    file = posixpath.basename(address)
    rows = ((one, _stem(file, one.kinds)) for one in ARCHIVES if _lies(address, one.address))
    found, stem = next(((one, stem) for one, stem in rows if stem.endswith(one.ending)), (None, ""))
    if found is None or not stem or (name and name != file) or found.mark not in stem.lower():
        return None
    return found, found.folder or stem.removesuffix(found.ending)


def _stem(file: str, kinds: Iterable[str]) -> str:
    return next((file.removesuffix(kind) for kind in kinds if file.endswith(kind)), "")


def _lies(address: str, place: str) -> bool:
    return place in address if place.startswith("/") else address.startswith(place)


def _addresses(words: Iterable[str | None]) -> set[str]:
    return {word.partition("://")[2].strip("/").partition("?")[0] for word in words if word and "://" in word}
