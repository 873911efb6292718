"""C and C++ build tools that other ecosystems call too."""

from __future__ import annotations

import posixpath
import re

from service.ecosystems import cmake
from service.ecosystems.makefiles import command_line
from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.ecosystems.rules import here, option, positionals
from service.image.effects import Act, Phase
from service.knowledge.references import older

_MAKE = "GNU make manual"
_CMAKE = "cmake.org/cmake/help"
_GO = frozenset({"go", "golang", "golang-go"})
"""The distributions' packages of the Go compiler."""
_MESON = "mesonbuild.com/Commands.html, mesonbuild.com/Builtin-options.html"
_STANDARD_GOALS = frozenset(
    {"install", "install-strip", "installcheck", "install-html", "install-dvi", "install-pdf", "install-ps", "installdirs", "uninstall"}
    | {"install-exec", "install-data", "install-info", "install-man", "install-am", "install-recursive"}
    | {"altinstall", "bininstall", "install_sw", "install_ssldirs", "install_docs"}
)
"""Goals that keep to the configured folders: the GNU Coding Standards' (Standard Targets), Automake's (Extending Installation), and those of
CPython (Makefile.pre.in) and OpenSSL (INSTALL.md)."""
_STANDARDS = "GNU Coding Standards, Directory Variables and DESTDIR"
_PREFIX = "/usr/local"
_CONFIGURING = frozenset({"configure", "cmake", "meson"})
_PREPARING = frozenset({"autoreconf", "aclocal", "autoconf", "automake", "libtoolize"})
_NOT_CONFIGURING = frozenset({"--build", "--install", "-E", "-P", "compile", "install", "test", "introspect", "--version"})
_DIRECTORY = re.compile(r"--[a-z]*dir=(/.*)", re.DOTALL)
# What lies outside of the prefix and is neither a program nor a header that a build file may name.
_ELSEWHERE = re.compile(r"(?<![\w.})/])/(?:etc|opt|var|usr|lib|lib64|srv|home|root|bin|sbin)(?:/[\w.+-]{1,100})*")
_BEHIND_VARIABLE = re.compile(r"[)}]/(?:usr|opt|srv|home|root)(?:/[\w.+-]{1,100})*")
_HARMLESS = ("/usr/bin/env", "/bin/sh", "/bin/bash", "/usr/bin/install", "/usr/include", "/usr/local/include", "/dev/")


_READ = ("/usr/include/", "/usr/lib/", "/usr/share/", "/usr/bin/", "/bin/")
"""The distribution's own folders, which its packages fill (Filesystem Hierarchy Standard 3.0): a build that installs nothing reads them."""
_INSTALLING = frozenset(
    {"prefix", "destdir", "install_prefix", "bindir", "sbindir", "libdir", "sysconfdir", "datadir", "mandir", "includedir", "cc", "cxx"}
)
"""Variables that say where an installation goes (GNU Coding Standards, Directory Variables), or which compiler is used."""


def _made(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """make writes its folder; a target whose name has `install` in it also where the folder was configured to install. Without a configure script
    nothing is known of a Makefile that was not sent: only the GNU Coding Standards' `prefix` is /usr/local, not everybody's."""
    line = command_line(invocation)
    if not any(goal and "install" in goal for goal in line.goals):
        # `make index INDEX=/var/lib/app/index.json` says itself that it writes elsewhere, or may.
        return None if any(_elsewhere(name, value, line.folder) for name, value in line.overrides) else (line.folder,)
    if None in line.goals:
        return None
    root = line.value("DESTDIR") or invocation.env.get("DESTDIR") or ""
    if root:
        return (line.folder, invocation.path(root))
    given = line.value("PREFIX", "prefix", "INSTALL_PREFIX")
    configured = _configured(line.folder, invocation)
    if configured is not None and configured.step != "configure":
        given = None
    if configured is None:
        texts = [text for name in ("GNUmakefile", "makefile", "Makefile") if (text := invocation.read(posixpath.join(line.folder, name)))]
        prefix = invocation.path(given) if given else _PREFIX
        known = bool(texts) or (bool(given) and invocation.has(posixpath.join(line.folder, "Makefile")) is not False)
        return (line.folder, prefix) if known and not any(_leaves(text, prefix) for text in texts) else None
    goals = (goal for goal in line.goals if goal and "install" in goal)
    if configured.step == "configure" and not all(goal in _STANDARD_GOALS for goal in goals):
        # `make install-init` of one's own may write anywhere, whatever the prefix is.
        return None
    places = _places(configured, invocation)
    if places is None or not given:
        return (line.folder, *places) if places is not None else None
    return (line.folder, invocation.path(given), *places[1:])


def _elsewhere(name: str, value: str | None, folder: str) -> bool:
    """Whether a variable of the command line names a path outside of a folder, other than where a later install will go."""
    if name.lower() in _INSTALLING or value is None:
        return False
    return any(word.startswith("/") and not (word + "/").startswith((folder + "/", *_READ)) for word in value.split())


def _leaves(text: str, prefix: str) -> bool:
    """Whether a build file names a folder of the system outside of the prefix."""
    for root in ("$(DESTDIR)", "${DESTDIR}"):
        text = text.replace(root, " ")
    return bool(_BEHIND_VARIABLE.search(text)) or any(
        not (path == prefix or path.startswith((prefix + "/", *_HARMLESS))) for path in _ELSEWHERE.findall(text)
    )


def _configured(folder: str, invocation: Invocation) -> Act | None:
    """The last command that configured a build folder. In a folder that cannot be told (`/`) any may have been."""
    for act in invocation.before():
        if _configures(act) and (folder in _build_folders(act) or "/" in (folder, act.cwd)):
            return act
    return None


def _configures(act: Act) -> bool:
    if act.step not in _CONFIGURING or posixpath.basename(act.words[0] or "") in _PREPARING:
        return False
    return not any(word in _NOT_CONFIGURING for word in act.words[1:2]) and "--install" not in act.words


def _build_folders(act: Act) -> tuple[str, ...]:
    return tuple(write.path for write in act.writes)


def _places(act: Act, invocation: Invocation, prefix: str = "") -> tuple[str, ...] | None:
    """Where a configured project installs: its prefix and the folders that were named, or file by file; None where that cannot be told."""
    words = act.words[1:]
    if None in words or any(word and "-path=" in word for word in words):
        return None
    plain = [word for word in words if word is not None]
    if act.step == "cmake":
        return _by_cmake(plain, act, prefix or cmake.prefix(plain), invocation)
    prefix = prefix or posixpath.normpath(_option(plain, "--prefix") or _option(plain, "-Dprefix") or _PREFIX)
    if act.step == "meson":
        text = invocation.read(posixpath.join(_meson_folders(plain, act)[1], "meson.build"))
        if text is not None and (_leaves(text, prefix) or "localstatedir" in text or "systemd" in text):
            return None
    named = [found[1] for word in plain if (found := _DIRECTORY.fullmatch(word)) and not word.startswith(("--srcdir", "--builddir", "--with"))]
    apart = (posixpath.normpath(path) for path in named if not path.startswith(prefix + "/"))
    return tuple(dict.fromkeys((prefix, *apart)))


def _by_cmake(words: list[str], act: Act, prefix: str, invocation: Invocation) -> tuple[str, ...] | None:
    if "--preset" in words or any(word.startswith("--preset=") for word in words):
        return None
    found = cmake.places(words, act.cwd, prefix, invocation)
    if found.exact is not None:
        return found.exact
    return None if found.prefix_set or any(_leaves(text, prefix) for text in found.texts) else (prefix,)


def _option(words: list[str], name: str) -> str:
    found = [word.partition("=")[2] for word in words if word.startswith(f"{name}=")]
    found += [words[place + 1] for place, word in enumerate(words[:-1]) if word == name]
    return found[-1] if found else ""


def _meson_folders(words: list[str], act: Act) -> tuple[str, str]:
    """(build folder, source folder): `meson setup build [source]`, which also go without `setup`."""
    folders = [word for word in words if not word.startswith("-") and word not in ("setup", "configure")]
    build, source = (*folders, ".", ".")[:2]
    return posixpath.normpath(posixpath.join(act.cwd, build)), posixpath.normpath(posixpath.join(act.cwd, source))


def _installed(folder: str, invocation: Invocation, prefix: str = "", root: str | None = None) -> tuple[str, ...] | None:
    """Where a configured build folder installs. What was not configured here is not known."""
    root = root or invocation.env.get("DESTDIR") or ""
    if root:
        return (folder, invocation.path(root))
    act = _configured(folder, invocation)
    places = _places(act, invocation, prefix) if act is not None else None
    return None if places is None else (folder, *places)


def _ninja(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    folder = invocation.path(arguments.value("-C") or ".")
    return _installed(folder, invocation) if any(word and "install" in word for word in arguments.positionals) else (folder,)


def _cmake(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`cmake -S . -B build`, `cmake --build build --target install`, `cmake --install build`. `cmake -E` and `-P` run anything."""
    if arguments.has("-E", "-P"):
        return () if arguments.has("-E") and arguments.positionals[:1] in (("echo",), ("capabilities",)) else None
    if arguments.has("--install"):
        folder, prefix = arguments.value("--install"), arguments.value("--prefix")
        if folder is None or arguments.has("--component") or (prefix is None and arguments.has("--prefix")):
            return None
        return _installed(invocation.path(folder), invocation, invocation.path(prefix) if prefix else "")
    if arguments.has("--build"):
        folder = invocation.path(arguments.value("--build") or ".")
        targets = (*arguments.values("--target", "-t"), *arguments.positionals)
        return _installed(folder, invocation) if any(word and "install" in word for word in targets) else (folder,)
    return (invocation.path(arguments.value("-B") or "."),)


def _meson(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    words = arguments.positionals
    folder = invocation.path(arguments.value("-C") or ".")
    if words[:1] == ("install",):
        root = arguments.value("--destdir") if arguments.has("--destdir") else ""
        return None if root is None else _installed(folder, invocation, root=root)
    if words[:1] in (("compile",), ("test",), ("introspect",)):
        return (folder,)
    plain = [word for word in invocation.words[1:] if word is not None]
    return (_meson_folders([word for word in plain if word in words], Act(0, Phase.BUILD, cwd=invocation.cwd))[0],)


_UNITS = (".c", ".cc", ".cpp", ".cxx", ".C", ".S", ".s", ".m", ".f", ".f90", ".f95", ".f03", ".f08", ".for", ".F", ".F90")


def _stored(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """What the compilers that are installed keep beside a build, whatever recipe calls them: Go its build cache, since 1.10 (go help cache)."""
    base = invocation.base
    brought = base.family == "golang" and not (base.version.count(".") > 0 and older(base.version, "1.10"))
    installed = brought or any(act.packages is not None and _GO & set(act.packages.installed) for act in invocation.before())
    return here("${GOCACHE:-~/.cache/go-build}")(invocation, arguments) or () if installed else ()


def _compiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-o`, else a.out or, with -c and -S, one file a source, in the working directory; the dependencies of -MD lie beside it (gcc(1)). Read from
    the words as they are: of `-Wall` only gcc knows that it is one option."""
    words = invocation.words[1:]
    found = [after for word, after in zip(words, (*words[1:], None), strict=True) if word == "-o"]
    found += [word[2:] for word in words if word and word.startswith("-o") and len(word) > 2]
    if None in found or None in words and not found:
        return None if None in found else (invocation.path("."),)
    if any((word or "").startswith("-save-temps") for word in words):
        return None
    if {"-M", "-MM", "-E", "-fsyntax-only"} & set(words) and not found:
        return ()
    sources = [posixpath.basename(word) for word in words if word and word.endswith(_UNITS)]
    ending = ".o" if "-c" in words else ".s" if "-S" in words else ""
    made = [name for name in found if name] or ([name.rpartition(".")[0] + ending for name in sources] if ending else ["a.out"])
    if {"-MD", "-MMD"} & set(words):
        named = [after for word, after in zip(words, (*words[1:], None), strict=True) if word == "-MF"]
        made += [name for name in named if name] or [name.rpartition(".")[0] + ".d" for name in made if ending]
    return tuple(dict.fromkeys(invocation.path(name) for name in made if name not in ("-", "/dev/null")))


def _stripped(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The files themselves, or the one that -o names; where one cannot be told, the working directory (strip(1))."""
    if arguments.has("-o"):
        return option("-o")(invocation, arguments)
    return tuple(invocation.path(word or ".") for word in arguments.positionals)


def _library(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The archive behind the letters of what to do; unpacking writes the working directory (ar(1))."""
    words = arguments.positionals
    letters = invocation.words[1] if len(invocation.words) > 1 else None
    archive = words[0 if (letters or "").startswith("-") else 1 :][:1]
    if letters is None or not archive or archive[0] is None:
        return (invocation.path("."),)
    action = letters.lstrip("-")
    return () if action[:1] in ("t", "p") else (invocation.path("." if action.startswith("x") else archive[0]),)


ECOSYSTEM = Ecosystem(
    name="native",
    summary="make, cmake, gcc, gfortran and friends",
    images=("gcc", "buildpack-deps"),
    sources=(
        "*.c",
        "*.cc",
        "*.cpp",
        "*.cxx",
        "*.h",
        "*.hh",
        "*.hpp",
        "*.S",
        "*.o",
        "*.f",
        "*.f90",
        "*.f95",
        "*.f03",
        "*.f08",
        "*.F90",
        "*.cu",
        "*.cuh",
        "CMakeLists.txt",
        "*.cmake",
        "Makefile",
        "*.mk",
        "configure",
        "*.am",
        "*.ac",
    ),
    compiled=True,
    generates=True,
    build_env=("CFLAGS", "CXXFLAGS", "LDFLAGS", "MAKEFLAGS", "CC", "CXX"),
    development=("make", "cmake", "gcc", "gdb", "gfortran"),
    steps=(
        Step("make|gmake", Phase.BUILD, writes=_made, caches=_stored, source=f"{_MAKE}; {_STANDARDS}; go help cache"),
        Step(
            "ninja|samu",
            Phase.BUILD,
            writes=_ninja,
            valued=frozenset({"-C", "-f", "-j", "-k", "-l", "-d", "-t", "-w"}),
            source="ninja-build.org/manual",
        ),
        Step(
            "cmake",
            Phase.BUILD,
            writes=_cmake,
            valued=frozenset({"-B", "-S", "-G", "--build", "--target", "-t", "--config", "--install", "--prefix", "--component", "-D", "-A", "-T"}),
            source=_CMAKE,
        ),
        Step(
            "meson",
            Phase.BUILD,
            writes=_meson,
            valued=frozenset({"-C", "-D", "-j", "--prefix", "--buildtype", "--native-file", "--cross-file", "--destdir"}),
            source=_MESON,
        ),
        Step("pkg-config|pkgconf", Phase.CHECK, source="pkg-config(1)"),
        Step(
            "gcc|g++|cc|c++|clang|clang++|musl-gcc|gfortran|f77|f95|flang",
            Phase.BUILD,
            writes=_compiled,
            tree=False,
            valued=frozenset({"-o", "-I", "-L", "-l", "-D", "-include", "-x", "-std", "-MF", "-MT"}),
            source="gcc(1), gfortran(1)",
        ),
        Step(
            "configure|config|Configure|autogen.sh|autoreconf|aclocal|autoconf|automake|libtoolize|bootstrap.sh",
            Phase.BUILD,
            writes=here("."),
            source="GNU Autoconf manual; OpenSSL INSTALL.md (config and Configure take the same --prefix)",
        ),
        Step("strip", Phase.BUILD, writes=_stripped, tree=False, valued=frozenset({"-o", "-R", "-K", "-N", "-F", "-I", "-O"}), source="strip(1)"),
        Step("ar", Phase.BUILD, writes=_library, source="ar(1)"),
        Step("ranlib", Phase.BUILD, writes=positionals(), tree=False, source="ranlib(1)"),
        Step("ld", Phase.BUILD, writes=option("-o", otherwise=here("a.out")), tree=False, valued=frozenset({"-o", "-L", "-T", "-m"}), source="ld(1)"),
    ),
)
