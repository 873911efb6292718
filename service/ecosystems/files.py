"""Commands that make, move and change files they name (coreutils, tar, unzip, sed)."""

from __future__ import annotations

import posixpath

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.ecosystems.rules import here, option, positionals
from service.image.effects import Phase

_GNU = "GNU coreutils manual"
# Folders that every distribution has (Filesystem Hierarchy Standard 3.0): what is copied there goes into them.
_FOLDERS = frozenset(
    {"/bin", "/sbin", "/etc", "/opt", "/srv", "/tmp", "/usr/bin", "/usr/sbin", "/usr/local", "/usr/local/bin", "/usr/local/sbin", "/usr/local/lib"}
)


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
    folder = path in _FOLDERS or target.endswith(("/", "/.")) or target in (".", "..") or len(sources) > 1
    folder = folder or arguments.has("-t", "--target-directory")
    if not folder:
        return (path,)
    if arguments.has("--parents"):
        return None if None in sources else tuple(posixpath.normpath(f"{path}/{source}") for source in sources)
    if any(name is None or name in ("", ".", "..") for name in names):
        return (path,)
    return tuple(posixpath.join(path, name) for name in names if name)


def _synchronised(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """rsync: of a source with a slash behind it the content is copied, not the folder (rsync(1))."""
    words = arguments.positionals
    if len(words) > 1 and words[-1] is not None and any(word and word.endswith("/") for word in words[:-1]):
        return (invocation.path(words[-1]),)
    return _destination(invocation, arguments)


_ENDINGS = {"gzip": ".gz", "gunzip": ".gz", "xz": ".xz", "unxz": ".xz", "bzip2": ".bz2", "bunzip2": ".bz2"}


def _packed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The file with the ending, or without it; with -c or -t nothing (gzip(1), xz(1), bzip2(1))."""
    if arguments.has("-c", "--stdout", "--to-stdout", "-t", "--test", "-l", "--list"):
        return ()
    paths = positionals()(invocation, arguments)
    program = posixpath.basename(invocation.words[0] or "")
    if paths is None or arguments.has("-r", "--recursive", "-S", "--suffix"):
        return paths
    ending = _ENDINGS[program]
    if program.startswith(("un", "gun", "bun")) or arguments.has("-d", "--decompress", "--uncompress"):
        return tuple(path.removesuffix(ending) if path.endswith(ending) else path.replace(".tgz", ".tar") for path in paths)
    return tuple(path + ending for path in paths)


def _replaced(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """What was packed or unpacked goes, unless -k keeps it."""
    kept = arguments.has("-k", "--keep", "-r", "--recursive") or not _packed(invocation, arguments)
    return () if kept else positionals()(invocation, arguments)


def _parts(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """split: the folder of the prefix that the parts' names begin with."""
    prefix = arguments.positionals[1] if len(arguments.positionals) > 1 else arguments.value("-f", "--prefix") or "x"
    return None if prefix is None else (posixpath.dirname(invocation.path(prefix)),)


def _removed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Of a word that cannot be told nothing is said: what it names is then taken to stay."""
    return tuple(invocation.path(word) for word in arguments.positionals if word is not None)


def _linked(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    if len(arguments.positionals) == 1 and not arguments.has("-t", "--target-directory"):
        source = arguments.positionals[0]
        return None if source is None else (invocation.path(source.rstrip("/").rsplit("/", 1)[-1]),)
    return _destination(invocation, arguments)


def _symbolic(invocation: Invocation, arguments: Arguments) -> tuple[tuple[str, str], ...]:
    """`ln -s TARGET PATH` of one link whose both ends are constant; a relative target starts at the link's own folder."""
    paths, words = _linked(invocation, arguments), arguments.positionals
    if not arguments.has("-s", "--symbolic") or paths is None or len(paths) != 1 or len(words) != 2 or words[0] is None:
        return ()
    return ((paths[0], posixpath.normpath(posixpath.join(posixpath.dirname(paths[0]), words[0]))),)


def _moved(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    sources = arguments.positionals if arguments.has("-t", "--target-directory") else arguments.positionals[:-1]
    # A source that cannot be told stays where it was: the tree below is then kept too, which loses nothing.
    return tuple(invocation.path(source) for source in sources if source is not None)


def _second_on(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """chmod, chown: every word after the mode or owner."""
    skip = 0 if arguments.has("--reference") else 1
    return positionals(skip)(invocation, arguments)


def _altered(invocation: Invocation, arguments: Arguments) -> tuple[tuple[str, bool], ...]:
    """chmod, chown, touch, setcap: the paths, and with -R what lies below them. What cannot be told is left out."""
    below = arguments.has("-R", "--recursive")
    return tuple((path, below) for word in arguments.positionals if word is not None for path in [invocation.path(word)])


def _owned(invocation: Invocation, arguments: Arguments) -> tuple[tuple[str, bool], ...]:
    found = _altered(invocation, arguments)
    return found if arguments.has("--reference") else found[1:]


def _changed(invocation: Invocation, arguments: Arguments) -> tuple[tuple[str, bool], ...]:
    return tuple((path, False) for path in _edited(invocation, arguments) or ())


def _copied(invocation: Invocation, arguments: Arguments) -> tuple[tuple[str, str], ...]:
    """(source, where it comes to lie) of cp, mv and install, where both can be told; `folder/.` and `folder/*` are the folder's content."""
    target = arguments.value("-t", "--target-directory")
    words = arguments.positionals if target is not None else arguments.positionals[:-1]
    places = _destination(invocation, arguments)
    if places is None or None in words:
        return ()
    paths = [invocation.path(word) for word in words if word is not None]
    return tuple(zip(paths, places if len(places) == len(paths) else places * len(paths), strict=False))


def _edited(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """sed -i: the files; without -i nothing."""
    if not any(name.startswith(("-i", "--in-place")) for name, _ in arguments.options):
        return ()
    files = positionals(0 if arguments.has("-e", "-f", "--expression") else 1)(invocation, arguments)
    endings = [name[2:] for name, _ in arguments.options if name.startswith("-i")] + [value or "" for value in arguments.values("--in-place")]
    backups = tuple(path + ending for path in files or () for ending in endings if ending and not {"*", "/"} & set(ending))
    return None if files is None else (*files, *backups)


def _unpacked(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """tar x: the folder of `-C`, else the working directory; tar c: the archive."""
    first = invocation.words[1] if len(invocation.words) > 1 else None
    bundled = first is not None and first.isalpha()
    letters = (first or "") if bundled else ""
    options = "".join(name for name, _ in arguments.options if not name.startswith("--")) + letters
    if "x" not in options and not arguments.has("--extract", "--get"):
        if arguments.has("--list") or ("t" in options and not {"c", "r", "u"} & set(options)):
            return ()
        # `tar cf NAME`: the first word behind the letters.
        value = arguments.positionals[1] if letters.endswith("f") and len(arguments.positionals) > 1 else arguments.value("-f", "--file")
        return None if value is None else (() if value == "-" else (invocation.path(value),))
    return option("-C", "--directory", otherwise=here("."))(invocation, arguments)


_OWNER = frozenset({"-o", "-g", "-m", "-t", "--owner", "--group", "--mode", "--target-directory", "-S"})

ECOSYSTEM = Ecosystem(
    name="files",
    summary="Files and folders (cp, mv, mkdir, chmod, tar, sed)",
    steps=(
        Step("mkdir", Phase.FILES, writes=positionals(), valued=frozenset({"-m", "--mode"}), source=_GNU),
        Step("cp", Phase.FILES, writes=_destination, copies=_copied, valued=frozenset({"-t", "--target-directory", "-S"}), source=_GNU),
        Step("rsync", Phase.FILES, writes=_synchronised, valued=frozenset({"--exclude", "--include", "-e", "--rsh"}), source="rsync(1)"),
        Step(
            "mv",
            Phase.FILES,
            writes=_destination,
            copies=_copied,
            deletes=_moved,
            valued=frozenset({"-t", "--target-directory", "-S"}),
            source=_GNU,
        ),
        Step("ln", Phase.FILES, writes=_linked, links=_symbolic, tree=False, valued=frozenset({"-t", "--target-directory", "-S"}), source=_GNU),
        Step("install -d|--directory|-dm|-dm755|-dm0755|-dm700", Phase.FILES, writes=positionals(), valued=_OWNER | {"-dm"}, source=_GNU),
        Step("install", Phase.FILES, writes=_destination, copies=_copied, valued=_OWNER, source=_GNU),
        Step("touch", Phase.FILES, writes=positionals(), alters=_altered, tree=False, valued=frozenset({"-d", "-r", "-t"}), source=_GNU),
        Step("tee", Phase.FILES, writes=positionals(), tree=False, source=_GNU),
        Step("truncate", Phase.FILES, writes=positionals(), tree=False, valued=frozenset({"-s"}), source=_GNU),
        Step("chmod", Phase.FILES, writes=_second_on, alters=_owned, valued=frozenset({"--reference"}), source=_GNU),
        Step("chown|chgrp", Phase.FILES, writes=_second_on, alters=_owned, valued=frozenset({"--reference", "--from"}), source=_GNU),
        Step("setcap", Phase.FILES, writes=_second_on, alters=_owned, source="setcap(8)"),
        Step("sed", Phase.FILES, writes=_edited, alters=_changed, valued=frozenset({"-e", "-f", "--expression"}), source="GNU sed manual"),
        Step("dos2unix", Phase.FILES, writes=positionals(), source="dos2unix(1)"),
        Step("rm", Phase.CLEAN, deletes=_removed, source=_GNU),
        Step("rmdir", Phase.CLEAN, deletes=positionals(), source=_GNU),
        Step(
            "tar|bsdtar",
            Phase.FILES,
            writes=_unpacked,
            source="GNU tar manual",
            valued=frozenset({"-C", "-f", "--file", "--directory", "--exclude", "--strip-components", "--strip", "--transform"}),
        ),
        Step("unzip", Phase.FILES, writes=option("-d", otherwise=here(".")), valued=frozenset({"-d", "-x"}), source="unzip(1)"),
        Step("gunzip|bunzip2|unxz|gzip|xz|bzip2", Phase.FILES, writes=_packed, deletes=_replaced, valued=frozenset({"-S", "-T"}), source="gzip(1)"),
        Step("split|csplit", Phase.FILES, writes=_parts, valued=frozenset({"-l", "-b", "-n", "-a", "-C", "-f"}), source=_GNU),
        Step("envsubst", Phase.CHECK, source="envsubst(1)"),
    ),
)
