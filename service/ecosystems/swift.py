"""Swift packages. A program needs the toolchain's shared libraries unless it was built to carry them; the slim images have these."""

from __future__ import annotations

import posixpath
import re

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import here, nearest, option
from service.image.effects import LanguageInstall, Phase

_SOURCE = "docs.swift.org/package-manager (swift build, Bundling resources), swift.org/documentation/server/guides"
_VALUED = frozenset(
    {"-c", "--configuration", "--product", "--target", "--package-path", "--scratch-path", "--build-path", "-Xswiftc", "-Xcc", "-Xlinker", "-j"}
    | {"--jobs", "--triple", "--sdk", "--swift-sdk", "--cache-path", "--toolchain", "--arch", "-Xcxx", "--build-system", "--traits", "--sanitize"}
)
_RESOURCES = re.compile(r"\bresources[ \t\r\n]{0,40}:|\.(?:copy|process|embedInCode)[ \t]{0,10}\(|\.plugin[ \t]{0,10}\(")


def _folder(invocation: Invocation, arguments: Arguments) -> str:
    given = arguments.value("--package-path")
    return invocation.path(given) if given else nearest(invocation, "Package.swift") or invocation.path(".")


def _scratch(invocation: Invocation, arguments: Arguments) -> str:
    named = arguments.value("--scratch-path", "--build-path")
    return invocation.path(named) if named else posixpath.join(_folder(invocation, arguments), ".build")


def _asked(arguments: Arguments) -> bool:
    return arguments.has("--show-bin-path", "--version", "--help", "--print-manifest-job-graph")


def _products(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """A package with resources has them in bundles beside its programs, in the folder of the configuration; so may one that was not read."""
    if _asked(arguments):
        return ()
    text = invocation.read(posixpath.join(_folder(invocation, arguments), "Package.swift"))
    if text is not None and not _RESOURCES.search(text) and ".package(" not in text.replace(" ", ""):
        return ()
    return (posixpath.join(_scratch(invocation, arguments), arguments.value("-c", "--configuration") or "debug"),)


def _made(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Everything else in .build: objects, modules, checked-out packages (swift build --help, --scratch-path)."""
    return () if _asked(arguments) else (_scratch(invocation, arguments),)


def _resolved(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    folder = _folder(invocation, arguments)
    lock = posixpath.join(folder, "Package.resolved")
    return (_scratch(invocation, arguments), *((lock,) if invocation.has(lock) is False else ()))


def _caches(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    return (invocation.path(arguments.value("--cache-path") or "~/.cache/org.swift.swiftpm"),)


def _needed(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    folder = _folder(invocation, arguments)
    manifests = tuple(posixpath.join(folder, name) for name in ("Package.swift", "Package.resolved"))
    unread = ("swift",) if invocation.read(manifests[0]) is None else ()
    return LanguageInstall("swift package resolve", "swift", packages=unread, manifests=manifests)


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """The last part of each package's address in Package.swift or Package.resolved, without `.git`."""
    found = re.findall(r"""["'](?:https?://|git@)[^"'\s]{1,300}["']""", content)
    return tuple(dict.fromkeys(address.strip("\"'").rstrip("/").rpartition("/")[2].removesuffix(".git") for address in found))


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """`.package(path: "../Lib")`: resolving reads that package's own manifest."""
    paths = re.findall(r"""\.package\([^()]{0,200}?path:[ \t]{0,10}"([^"\n]{1,200})\"""", content) if name == "Package.swift" else []
    return tuple(posixpath.join(path, "Package.swift") for path in paths)


ECOSYSTEM = Ecosystem(
    name="swift",
    summary="Swift packages",
    images=("swift",),
    manifests=(Manifest(("Package.swift",), ("Package.swift", "Package.resolved")),),
    sources=("*.swift", "Package.resolved", ".build/**", "Tests/**", ".swiftlint.yml", ".swift-version", ".swiftformat", ".swift-format"),
    compiled=True,
    source_endings=(".swift",),
    build_env=("SWIFT_*",),
    development=("swift", "swift run", "swift test", "vapor run", "vapor build"),
    packages_of=packages_of,
    local_references=local_references,
    toolchain=("swiftlang", "swift"),
    steps=(
        Step(
            "swift build",
            Phase.BUILD,
            writes=_products,
            scratch=_made,
            caches=_caches,
            valued=_VALUED,
            install=_needed,
            source=_SOURCE,
        ),
        Step("swift package resolve|update", Phase.INSTALL, scratch=_resolved, caches=_caches, valued=_VALUED, install=_needed, source=_SOURCE),
        Step("swift package clean|reset", Phase.CLEAN, valued=_VALUED, source=_SOURCE),
        Step("swift package describe|show-dependencies|dump-package|tools-version", Phase.CHECK, caches=_caches, valued=_VALUED, source=_SOURCE),
        Step("swift test", Phase.BUILD, scratch=_made, caches=_caches, valued=_VALUED, source=_SOURCE),
        Step("swift --version|-version", Phase.CHECK, source=_SOURCE),
        Step(
            "swiftc",
            Phase.BUILD,
            writes=option("-o", otherwise=here("main")),
            scratch=here("."),
            tree=False,
            valued=frozenset({"-o", "-module-name", "-I", "-L", "-l"}),
            source="swiftc --help",
        ),
    ),
)
