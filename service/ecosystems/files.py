"""Commands that make, move and change files they name (coreutils, tar, unzip, sed)."""

from __future__ import annotations

import posixpath

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.ecosystems.rules import here, option, positionals
from service.image.effects import Phase

_GNU = "GNU coreutils manual"


def _destination(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """cp, mv, ln and install: the last word, or `-t`'s; each source's own name below it where the target is a folder."""
    words = arguments.positionals
    target = arguments.value("-t", "--target-directory")
    if target is not None:
        sources = words
    elif len(words) < 2:
        return None if words and not arguments.has("-s") else ()
    else:
        sources, target = words[:-1], words[-1]
    if target is None:
        return None
    path = invocation.path(target)
    names = [source.rstrip("/").rsplit("/", 1)[-1] if source is not None else None for source in sources]
    folder = target.endswith(("/", "/.")) or target in (".", "..") or len(sources) > 1 or arguments.has("-t", "--target-directory")
    if not folder:
        return (path,)
    if any(name is None or name in ("", ".", "..") for name in names):
        return (path,)
    return tuple(posixpath.join(path, name) for name in names if name)


def _linked(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    if len(arguments.positionals) == 1:
        source = arguments.positionals[0]
        return None if source is None else (invocation.path(source.rstrip("/").rsplit("/", 1)[-1]),)
    return _destination(invocation, arguments)


def _moved(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    sources = arguments.positionals if arguments.has("-t") else arguments.positionals[:-1]
    # A source that cannot be told stays where it was: the tree below is then kept too, which loses nothing.
    return tuple(invocation.path(source) for source in sources if source is not None)


def _second_on(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """chmod, chown: every word after the mode or owner."""
    skip = 0 if arguments.has("--reference") else 1
    return positionals(skip)(invocation, arguments)


def _edited(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """sed -i: the files; without -i nothing."""
    if not any(name.startswith(("-i", "--in-place")) for name, _ in arguments.options):
        return ()
    return positionals(0 if arguments.has("-e", "-f", "--expression") else 1)(invocation, arguments)


def _unpacked(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """tar x: the folder of `-C`, else the working directory; tar c: the archive."""
    first = invocation.words[1] if len(invocation.words) > 1 else None
    bundled = first is not None and first.isalpha()
    letters = (first or "") if bundled else ""
    options = "".join(name for name, _ in arguments.options) + letters
    if "x" not in options.replace("--exclude", "") and not arguments.has("--extract"):
        value = arguments.value("-f", "--file")
        return None if value is None else (() if value == "-" else (invocation.path(value),))
    return option("-C", "--directory", otherwise=here("."))(invocation, arguments)


_OWNER = frozenset({"-o", "-g", "-m", "-t", "--owner", "--group", "--mode", "--target-directory", "-S"})

ECOSYSTEM = Ecosystem(
    name="files",
    summary="Files and folders (cp, mv, mkdir, chmod, tar, sed)",
    steps=(
        Step("mkdir", Phase.FILES, writes=positionals(), valued=frozenset({"-m", "--mode"}), source=_GNU),
        Step("cp", Phase.FILES, writes=_destination, valued=frozenset({"-t", "--target-directory", "-S"}), source=_GNU),
        Step("rsync", Phase.FILES, writes=_destination, valued=frozenset({"--exclude", "--include"}), source="rsync(1)"),
        Step("mv", Phase.FILES, writes=_destination, deletes=_moved, valued=frozenset({"-t", "--target-directory", "-S"}), source=_GNU),
        Step("ln", Phase.FILES, writes=_linked, tree=False, valued=frozenset({"-t", "--target-directory", "-S"}), source=_GNU),
        Step("install -d|--directory|-dm|-dm755|-dm0755|-dm700", Phase.FILES, writes=positionals(), valued=_OWNER | {"-dm"}, source=_GNU),
        Step("install", Phase.FILES, writes=_destination, valued=_OWNER, source=_GNU),
        Step("touch", Phase.FILES, writes=positionals(), tree=False, valued=frozenset({"-d", "-r", "-t"}), source=_GNU),
        Step("tee", Phase.FILES, writes=positionals(), tree=False, source=_GNU),
        Step("truncate", Phase.FILES, writes=positionals(), tree=False, valued=frozenset({"-s"}), source=_GNU),
        Step("chmod", Phase.FILES, writes=_second_on, valued=frozenset({"--reference"}), source=_GNU),
        Step("chown|chgrp", Phase.FILES, writes=_second_on, valued=frozenset({"--reference", "--from"}), source=_GNU),
        Step("setcap", Phase.FILES, writes=_second_on, source="setcap(8)"),
        Step("sed", Phase.FILES, writes=_edited, valued=frozenset({"-e", "-f", "--expression"}), source="GNU sed manual"),
        Step("dos2unix", Phase.FILES, writes=positionals(), source="dos2unix(1)"),
        Step("rm", Phase.CLEAN, deletes=positionals(), source=_GNU),
        Step("rmdir", Phase.CLEAN, deletes=positionals(), source=_GNU),
        Step(
            "tar|bsdtar",
            Phase.FILES,
            writes=_unpacked,
            source="GNU tar manual",
            valued=frozenset({"-C", "-f", "--file", "--directory", "--exclude", "--strip-components", "--strip", "--transform"}),
        ),
        Step("unzip", Phase.FILES, writes=option("-d", otherwise=here(".")), valued=frozenset({"-d", "-x"}), source="unzip(1)"),
        Step("gunzip|bunzip2|unxz|gzip|xz|bzip2", Phase.FILES, writes=positionals(), source="gzip(1)"),
        Step("split|csplit", Phase.FILES, writes=here("."), source=_GNU),
        Step("envsubst", Phase.CHECK, source="envsubst(1)"),
    ),
)
