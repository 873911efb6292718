"""Reading what CMake reads: where a project's CMakeLists.txt install to (cmake.org/cmake/help/latest/command/install.html)."""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from service.ecosystems.model import Invocation

DEFAULT_PREFIX = "/usr/local"
_LONGEST = 50_000
_MOST_COMMANDS = 5_000
_MOST_FILES = 30
_VALUED = frozenset({"-B", "-S", "-G", "-A", "-T", "-C", "-D", "-U", "--preset", "--install-prefix", "--toolchain"})
_REFERENCE = re.compile(r"\$\{([A-Za-z0-9_./+-]{1,100})\}")
# GNUInstallDirs.cmake. LIBDIR is lib where Debian's or Alpine's marker is found and the prefix is not /usr.
_FOLDERS = {
    "BINDIR": "bin",
    "SBINDIR": "sbin",
    "LIBEXECDIR": "libexec",
    "SYSCONFDIR": "etc",
    "SHAREDSTATEDIR": "com",
    "LOCALSTATEDIR": "var",
    "INCLUDEDIR": "include",
    "DATAROOTDIR": "share",
    "DATADIR": "share",
    "INFODIR": "share/info",
    "LOCALEDIR": "share/locale",
    "MANDIR": "share/man",
}
_SUITES = frozenset({"buster", "bullseye", "bookworm", "trixie", "bionic", "focal", "jammy", "noble"})
_PLAIN_FAMILIES = frozenset({"debian", "ubuntu", "buildpack-deps", "alpine"})
"""Official images with nothing in /usr/local: there a folder may be copied whole."""
_SUBPROJECTS = frozenset({"fetchcontent_makeavailable", "fetchcontent_populate", "externalproject_add", "cpmaddpackage", "add_external_project"})
_KINDS = frozenset({"RUNTIME", "LIBRARY", "ARCHIVE"})
_AFTER = frozenset(
    {
        *("DESTINATION", "PERMISSIONS", "CONFIGURATIONS", "COMPONENT", "NAMELINK_COMPONENT", "OPTIONAL", "EXCLUDE_FROM_ALL", "NAMELINK_ONLY"),
        "EXPORT",
        *("NAMELINK_SKIP", "RENAME", "TYPE", "FILE_PERMISSIONS", "DIRECTORY_PERMISSIONS", "USE_SOURCE_PERMISSIONS", "FILES_MATCHING", "PATTERN"),
        *("REGEX", "MESSAGE_NEVER", "RUNTIME", "LIBRARY", "ARCHIVE", "OBJECTS", "FRAMEWORK", "BUNDLE", "INCLUDES", "PUBLIC_HEADER", "PRIVATE_HEADER"),
        *("RESOURCE", "FILE_SET", "RUNTIME_DEPENDENCIES", "RUNTIME_DEPENDENCY_SET", "CXX_MODULES_BMI"),
    }
)
_REFUSED = frozenset({"OPTIONAL", "EXCLUDE_FROM_ALL", "CONFIGURATIONS", "RUNTIME_DEPENDENCIES", "RUNTIME_DEPENDENCY_SET", "TYPE", "FILE_SET"})


@dataclass(frozen=True, slots=True)
class Places:
    """Where a project installs: single files and folders where they are told (`exact`), else no more than the prefix. `texts` is what was read."""

    exact: tuple[str, ...] | None
    texts: tuple[str, ...]
    prefix_set: bool = False


class _Unreadable(Exception):
    """What is installed cannot be told."""


@dataclass(slots=True)
class _Project:
    invocation: Invocation
    prefix: str
    variables: dict[str, str | None]
    folder: str
    texts: list[str] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    properties: dict[str, dict[str, str | None]] = field(default_factory=dict)
    installing: set[str] = field(default_factory=set)
    found: dict[str, None] = field(default_factory=dict)


def prefix(words: Iterable[str]) -> str:
    """The installation prefix that a configuring command gives."""
    defined = _definitions(words)
    given = list(words)
    named = [word.partition("=")[2] for word in given if word.startswith("--install-prefix=")]
    named += [given[place + 1] for place, word in enumerate(given[:-1]) if word == "--install-prefix"]
    return posixpath.normpath(named[-1] if named else defined.get("CMAKE_INSTALL_PREFIX") or DEFAULT_PREFIX)


def source(words: Iterable[str], cwd: str) -> str:
    given, place = list(words), 0
    found = ""
    while place < len(given):
        word = given[place]
        if word == "-S" and place + 1 < len(given):
            found = given[place + 1]
        elif word.startswith("-S") and len(word) > 2:
            found = word[2:]
        elif not word.startswith("-") and not found:
            found = word
        place += 2 if word in _VALUED else 1
    return posixpath.normpath(posixpath.join(cwd, found or "."))


def build(words: Iterable[str], cwd: str) -> str:
    given = list(words)
    found = [given[place + 1] for place, word in enumerate(given[:-1]) if word == "-B"]
    found += [word[2:] for word in given if word.startswith("-B") and word != "-B"]
    return posixpath.normpath(posixpath.join(cwd, found[-1] if found else "."))


def places(words: Iterable[str], cwd: str, target: str, invocation: Invocation) -> Places:
    """Where the project that a command configured installs below `target`."""
    given = tuple(words)
    configured, folder = prefix(given), source(given, cwd)
    suite = invocation.base.suite or ""
    known = suite in _SUITES or suite.startswith("alpine")
    folders: dict[str, str] = {**_FOLDERS, **({"LIBDIR": "lib"} if known and configured != "/usr" else {})}
    named = {name.removeprefix("CMAKE_INSTALL_"): value for name, value in _definitions(given).items()}
    folders |= {name: value for name, value in named.items() if name in {*_FOLDERS, "LIBDIR"}}
    variables: dict[str, str | None] = {f"CMAKE_INSTALL_{name}": value for name, value in folders.items()}
    variables |= {f"CMAKE_INSTALL_FULL_{name}": posixpath.join(configured, value) for name, value in folders.items()}
    variables |= {"CMAKE_SOURCE_DIR": folder, "CMAKE_BINARY_DIR": build(given, cwd), "CMAKE_INSTALL_PREFIX": configured, "CMAKE_DL_LIBS": "dl"}
    variables |= _definitions(given)
    project = _Project(invocation, target, variables, folder)
    try:
        _read(folder, project)
        exact = tuple(project.found)
    except _Unreadable:
        exact = ()
    changed = any("CMAKE_INSTALL_PREFIX" in arguments[:1] for text in project.texts for name, arguments in _safe(text) if name == "set")
    return Places(exact or None, tuple(project.texts), changed)


def _definitions(words: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    given = list(words)
    for place, word in enumerate(given):
        text = given[place + 1] if word == "-D" and place + 1 < len(given) else word[2:] if word.startswith("-D") else ""
        name, equals, value = text.partition("=")
        if equals:
            found[name.partition(":")[0]] = value
    return found


# --- commands


def _safe(text: str) -> list[tuple[str, list[str]]]:
    try:
        return _commands(text)
    except _Unreadable:
        return []


def _commands(text: str) -> list[tuple[str, list[str]]]:
    """(name in lower case, arguments) of each command; quotes removed, `;` not split (cmake-language(7))."""
    found: list[tuple[str, list[str]]] = []
    place, name, depth = 0, "", 0
    arguments: list[str] = []
    current: list[str] | None = None
    while place < len(text):
        letter = text[place]
        if letter == "#":
            if text.startswith("#[", place):
                raise _Unreadable
            end = text.find("\n", place)
            place = end if end >= 0 else len(text)
            continue
        if letter == '"' and depth:
            quoted, place = _quoted(text, place + 1)
            current = current if current is not None else []
            current.append(quoted)
            continue
        if letter == "[" and depth and current is None and text[place + 1 : place + 2] in ("[", "="):
            raise _Unreadable
        if letter.isspace() or letter in "()":
            if current is not None:
                if depth:
                    arguments.append("".join(current))
                else:
                    name = "".join(current)
                current = None
            if letter == "(":
                depth += 1
                if depth == 1:
                    arguments = []
                else:
                    arguments.append("(")
            elif letter == ")":
                depth -= 1
                if depth < 0:
                    raise _Unreadable
                if depth == 0:
                    found.append((name.lower(), arguments))
                    name = ""
                else:
                    arguments.append(")")
        else:
            current = current if current is not None else []
            current.append(letter)
        place += 1
    if depth:
        raise _Unreadable
    return found


def _quoted(text: str, place: int) -> tuple[str, int]:
    found: list[str] = []
    while place < len(text) and text[place] != '"':
        if text[place] == "\\":
            place += 1
        found.append(text[place : place + 1])
        place += 1
    if place >= len(text):
        raise _Unreadable
    return "".join(found), place + 1


def _read(folder: str, project: _Project) -> None:
    """The project's files in the order that CMake runs them; what stands in a condition is not known."""
    queue = deque(_file(folder, project))
    conditional, used = 0, 0
    while queue:
        used += 1
        if used > _MOST_COMMANDS or len(project.texts) > _MOST_FILES:
            raise _Unreadable
        name, arguments = queue.popleft()
        if name == "!folder":
            project.folder = arguments[0]
        elif name == "if":
            conditional += 1
        elif name == "endif":
            conditional -= 1
        elif name in ("function", "macro", "while"):
            body = _block(queue, name)
            if any(one in ("install", "add_subdirectory", "include", *_SUBPROJECTS) for one, _ in body):
                project.installing |= {"while"} if name == "while" else {arg.lower() for arg in arguments[:1]}
            if "while" in project.installing:
                raise _Unreadable
        elif name == "foreach":
            _repeat(arguments, _block(queue, name), queue, conditional, project)
        elif name == "add_subdirectory" and not conditional:
            inner = _filled(arguments[0], project) if arguments else None
            if inner is None or "EXCLUDE_FROM_ALL" in arguments:
                raise _Unreadable
            back = project.folder
            path = posixpath.normpath(posixpath.join(back, inner))
            queue.extendleft(reversed([("!folder", [path]), *_file(path, project), ("!folder", [back])]))
        elif name == "include" and arguments and arguments[0].endswith(".cmake"):
            file = _filled(arguments[0], project)
            content = project.invocation.read(posixpath.normpath(posixpath.join(project.folder, file))) if file else None
            if content is None or conditional:
                raise _Unreadable
            queue.extendleft(reversed(_text(content, project)))
        else:
            _command(name, arguments, bool(conditional), project)


def _file(folder: str, project: _Project) -> list[tuple[str, list[str]]]:
    content = project.invocation.read(posixpath.join(folder, "CMakeLists.txt"))
    if content is None:
        raise _Unreadable
    return _text(content, project)


def _text(content: str, project: _Project) -> list[tuple[str, list[str]]]:
    project.texts.append(content)
    if len(content) > _LONGEST:
        raise _Unreadable
    return _commands(content)


def _block(queue: deque[tuple[str, list[str]]], name: str) -> list[tuple[str, list[str]]]:
    """The commands up to the end of a block, which is taken off."""
    found: list[tuple[str, list[str]]] = []
    depth = 1
    while queue:
        one = queue.popleft()
        depth += (one[0] == name) - (one[0] == f"end{name}")
        if not depth:
            return found
        found.append(one)
    raise _Unreadable


def _repeat(
    arguments: list[str], body: list[tuple[str, list[str]]], queue: deque[tuple[str, list[str]]], conditional: int, project: _Project
) -> None:
    """`foreach(x a b)`: its commands once for each word."""
    values = [value for word in arguments[1:] for value in (_filled(word, project) or "\0").split(";")]
    if not arguments or any(word in ("IN", "RANGE") for word in arguments) or "\0" in values or len(values) * len(body) > _MOST_COMMANDS:
        if any(name in ("install", "add_subdirectory", *project.installing) for name, _ in body):
            raise _Unreadable
        return
    copies = [one for value in values for one in (("set", [arguments[0], value]), *body)]
    queue.extendleft(reversed(copies))


def _command(name: str, arguments: list[str], conditional: bool, project: _Project) -> None:
    doubtful = conditional and name in ("install", "add_subdirectory", "include") and _matters(name, arguments)
    if name in _SUBPROJECTS or name in project.installing or doubtful:
        raise _Unreadable
    values = [_filled(word, project) for word in arguments]
    if name in ("set", "option") and values and values[0]:
        cached = "CACHE" in arguments or name == "option"
        plain = values[1 : arguments.index("CACHE")] if "CACHE" in arguments else values[1:]
        if name == "option":
            plain = ["OFF" if len(values) < 3 else values[2]]
        told = None if conditional or None in plain else ";".join(word for word in plain if word is not None)
        if not cached or values[0] not in project.variables:
            project.variables[values[0]] = told
    elif name in ("unset", "string", "list", "file", "get_filename_component", "math", "configure_file", "get_target_property", "cmake_path"):
        # Which of their words names a result differs; what any of them names is no longer known.
        project.variables |= dict.fromkeys(word for word in arguments if word in project.variables and not word.startswith("CMAKE_SOURCE"))
    elif name == "project" and values and values[0]:
        version = values[arguments.index("VERSION") + 1] if "VERSION" in arguments[:-1] else None
        project.variables |= {"PROJECT_NAME": values[0], "CMAKE_PROJECT_NAME": values[0], "PROJECT_VERSION": version}
    elif name in ("add_executable", "add_library") and values and values[0]:
        _target(name, values[0], arguments[1:], conditional, project)
    elif name in ("set_target_properties", "set_property") and "PROPERTIES" in arguments:
        place = arguments.index("PROPERTIES")
        for target in (word for word in values[:place] if word):
            own = project.properties.setdefault(target, {})
            own |= {key: None if conditional else values[place + at + 2] for at, key in enumerate(arguments[place + 1 : -1]) if at % 2 == 0}
    elif name == "set_property":
        project.properties |= {target: {"OUTPUT_NAME": None} for target in values if target in project.kinds}
    elif name == "install":
        _install(arguments, values, project)


def _matters(name: str, arguments: list[str]) -> bool:
    return name != "include" or any("/" in word or word.endswith(".cmake") for word in arguments)


def _target(name: str, target: str, words: list[str], conditional: bool, project: _Project) -> None:
    if name == "add_executable":
        kind = "EXECUTABLE"
    else:
        kind = next((word for word in words if word in ("STATIC", "SHARED", "MODULE", "OBJECT", "INTERFACE", "ALIAS", "IMPORTED")), "")
        shared = project.variables.get("BUILD_SHARED_LIBS", "OFF")
        kind = kind or ("" if shared is None else "SHARED" if shared.upper() in ("ON", "1", "TRUE", "YES") else "STATIC")
    project.kinds[target] = "" if conditional and target in project.kinds else kind


def _filled(word: str, project: _Project) -> str | None:
    """A word with its variables; None where one is not known."""
    if "$<" in word or "$ENV" in word or "@" in word:
        return None
    if "$" not in word:
        return word
    parts: list[str] = []
    last = 0
    for found in _REFERENCE.finditer(word):
        here = found[1] in ("CMAKE_CURRENT_SOURCE_DIR", "PROJECT_SOURCE_DIR", "CMAKE_CURRENT_LIST_DIR")
        value = project.folder if here else project.variables.get(found[1])
        if value is None:
            return None
        parts += [word[last : found.start()], value]
        last = found.end()
    text = "".join((*parts, word[last:]))
    return None if "$" in text or len(text) > _LONGEST else text


# --- install()


def _install(arguments: list[str], values: list[str | None], project: _Project) -> None:
    signature = arguments[0] if arguments else ""
    if signature == "EXPORT":
        return  # For other projects that are built against this one.
    if signature not in ("TARGETS", "FILES", "PROGRAMS", "DIRECTORY") or any(word in _REFUSED for word in arguments):
        raise _Unreadable
    end = next((place for place, word in enumerate(arguments[1:], start=1) if word in _AFTER), len(arguments))
    names = values[1:end]
    if signature == "TARGETS":
        for name in names:
            _install_target(name, arguments[end:], values[end:], project)
        return
    folder = _destination(arguments, values, project)
    if folder is None:
        raise _Unreadable
    renamed = values[arguments.index("RENAME") + 1] if "RENAME" in arguments[:-1] else ""
    for name in names:
        if name is None or renamed is None or (signature == "DIRECTORY" and name.endswith("/")) or ";" in name:
            project.found[folder] = None
        else:
            project.found[posixpath.join(folder, renamed or posixpath.basename(name))] = None


def _install_target(name: str | None, arguments: list[str], values: list[str | None], project: _Project) -> None:
    kind = project.kinds.get(name or "", "")
    if not name or not kind:
        raise _Unreadable
    if kind in ("STATIC", "OBJECT", "INTERFACE"):
        return  # Linked into what ships.
    wanted = "RUNTIME" if kind == "EXECUTABLE" else "LIBRARY"
    folder = _folder_of(wanted, arguments, values, project)
    own = project.properties.get(name, {})
    usual = {"OUTPUT_NAME": name, "PREFIX": "lib", "SUFFIX": ".so", "VERSION": "", "SOVERSION": ""}
    told = {key: own.get(key, default) for key, default in usual.items()}
    file = told["OUTPUT_NAME"]
    if folder is None:
        raise _Unreadable
    if file is None or None in told.values():
        project.found[folder] = None
        return
    if kind == "EXECUTABLE":
        if told["VERSION"] or "SUFFIX" in own:
            raise _Unreadable
        project.found[posixpath.join(folder, file)] = None
        return
    version = told["VERSION"] or told["SOVERSION"]
    linked = bool(version) and kind == "SHARED"
    searched = folder in ("/usr/local/lib", "/usr/lib") and project.invocation.base.libc == "glibc"
    if linked and (not searched or project.invocation.base.family in _PLAIN_FAMILIES):
        # Copied one by one, links would become files.
        project.found[folder] = None
        return
    ending = f".{version}" if linked else ""
    project.found[posixpath.join(folder, f"{told['PREFIX']}{file}{told['SUFFIX']}{ending}")] = None


def _folder_of(kind: str, arguments: list[str], values: list[str | None], project: _Project) -> str | None:
    """The destination of a kind of target: its own, the one for all, or GNUInstallDirs' default."""
    group, common = "", None
    for place, word in enumerate(arguments):
        if word in _AFTER and word in (*_KINDS, "OBJECTS", "FRAMEWORK", "BUNDLE", "INCLUDES", "PUBLIC_HEADER", "PRIVATE_HEADER", "RESOURCE"):
            group = word
        elif word == "DESTINATION" and place + 1 < len(values):
            if group == kind:
                return _placed(values[place + 1], project)
            if not group:
                common = place + 1
    if common is not None:
        return _placed(values[common], project)
    return _placed(project.variables.get("CMAKE_INSTALL_BINDIR" if kind == "RUNTIME" else "CMAKE_INSTALL_LIBDIR"), project)


def _destination(arguments: list[str], values: list[str | None], project: _Project) -> str | None:
    return _placed(values[arguments.index("DESTINATION") + 1], project) if "DESTINATION" in arguments[:-1] else None


def _placed(folder: str | None, project: _Project) -> str | None:
    return None if folder is None else posixpath.normpath(posixpath.join(project.prefix, folder))
