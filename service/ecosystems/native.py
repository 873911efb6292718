"""C and C++ build tools that other ecosystems call too."""

from __future__ import annotations

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.ecosystems.rules import here, option
from service.image.effects import Phase

_MAKE = "GNU make manual"
_CMAKE = "cmake.org/cmake/help"
_PREFIX = ("/usr/local", "/opt", "/etc")
_VALUED = frozenset({"-C", "-f", "-j", "-l", "-I", "-o", "--directory", "--file"})


def _made(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """make writes its folder; a target whose name has `install` in it also the usual prefixes (GNU Coding Standards, Directory Variables)."""
    folder = invocation.path(arguments.value("-C", "--directory") or ".")
    prefix = next((word.partition("=")[2] for word in arguments.positionals if word and word.startswith(("PREFIX=", "prefix=", "DESTDIR="))), "")
    prefix = prefix or invocation.env.get("prefix", "")
    installs = any(word and "install" in word for word in arguments.positionals)
    return (folder, *((invocation.path(prefix),) if prefix else _PREFIX)) if installs else (folder,)


def _cmake(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    folder = arguments.value("-B") or arguments.value("--build") or "."
    installs = arguments.has("--install") or "install" in arguments.values("--target", "-t")
    prefix = invocation.env.get("prefix", "")
    return (invocation.path(folder), *((prefix,) if prefix else _PREFIX)) if installs else (invocation.path(folder),)


ECOSYSTEM = Ecosystem(
    name="native",
    summary="make, cmake, gcc and friends",
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
        "CMakeLists.txt",
        "*.cmake",
        "Makefile",
        "*.mk",
        "configure",
        "*.am",
        "*.ac",
    ),
    compiled=True,
    build_env=("CFLAGS", "CXXFLAGS", "LDFLAGS", "MAKEFLAGS", "CC", "CXX"),
    development=("make", "cmake", "gcc", "gdb"),
    steps=(
        Step("make|gmake|ninja|samu", Phase.BUILD, writes=_made, valued=_VALUED, source=_MAKE),
        Step(
            "cmake",
            Phase.BUILD,
            writes=_cmake,
            valued=frozenset({"-B", "-S", "-G", "--build", "--target", "-t", "--config", "--install", "-j", "--parallel"}),
            source=_CMAKE,
        ),
        Step("meson", Phase.BUILD, writes=here("."), source="mesonbuild.com"),
        Step(
            "gcc|g++|cc|c++|clang|clang++|musl-gcc",
            Phase.BUILD,
            writes=option("-o", otherwise=here("a.out")),
            tree=False,
            valued=frozenset({"-o", "-I", "-L", "-l", "-D", "-include", "-x", "-std", "-MF", "-MT"}),
            source="gcc(1)",
        ),
        Step(
            "configure|autogen.sh|autoreconf|aclocal|autoconf|automake|libtoolize|bootstrap.sh",
            Phase.BUILD,
            writes=here("."),
            source="GNU Autoconf manual",
        ),
        Step("strip", Phase.BUILD, writes=here("."), source="strip(1)"),
        Step("ar|ranlib|ld", Phase.BUILD, writes=here("."), source="ar(1)"),
    ),
)
