"""Dart: pub packages, ahead-of-time executables and snapshots."""

from __future__ import annotations

import posixpath
import re

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import here, option
from service.image.effects import LanguageInstall, Phase

_PUB = "dart.dev/tools/pub/cmd"
_COMPILE = "dart.dev/tools/dart-compile"
_VALUED = frozenset({"-o", "--output", "-D", "--define", "-p", "--packages", "--verbosity", "-C", "--directory", "--target-os", "--depfile", "-S"})
_ENDINGS = {"exe": ".exe", "aot-snapshot": ".aot", "jit-snapshot": ".jit", "kernel": ".dill", "js": ".js", "wasm": ".wasm"}


def _resolved(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """.dart_tool/package_config.json, which names paths in the store, and pubspec.lock, in the project."""
    return (invocation.path(arguments.value("-C", "--directory") or "."),)


def _store(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The system cache: a program that is not compiled reads its packages there (dart.dev/tools/pub/environment-variables)."""
    return here("${PUB_CACHE:-~/.pub-cache}")(invocation, arguments)


def _fetch(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    folder = arguments.value("-C", "--directory") or "."
    files = tuple(invocation.path(posixpath.join(folder, name)) for name in ("pubspec.yaml", "pubspec.lock"))
    return LanguageInstall("dart pub get", "dart", (), files, invocation.path(posixpath.join(folder, ".dart_tool")), cache="~/.pub-cache")


def _compiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-o`, else beside the source, with the format's ending."""
    if arguments.has("-o", "--output"):
        return option("-o", "--output")(invocation, arguments)
    kind = next((word for word in invocation.words[1:] if word in _ENDINGS), "exe")
    source = arguments.positionals[-1] if arguments.positionals else None
    if source is None:
        return None
    return (invocation.path(posixpath.splitext(source)[0] + _ENDINGS[kind or "exe"]),)


_PATH = re.compile(r"^\s{2,9}path:\s{0,9}[\"']?([^\"'\s#]{1,200})", re.MULTILINE)


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """Folders of path dependencies (dart.dev/tools/pub/dependencies); None for a workspace."""
    if name != "pubspec.yaml":
        return ()
    return None if re.search(r"^(workspace|resolution):", content, re.MULTILINE) else tuple(_PATH.findall(content))


ECOSYSTEM = Ecosystem(
    name="dart",
    summary="Dart packages and executables",
    images=("dart", "google/dart"),
    manifests=(Manifest(("pubspec.yaml",), ("pubspec.yaml", "pubspec.lock")),),
    sources=("*.dart", "pubspec.yaml", "pubspec.lock", "pubspec_overrides.yaml", "analysis_options.yaml", "build.yaml", "test/**"),
    interpreters=("dart", "dartaotruntime", "pub"),
    runners=("dart", "pub"),
    compiled=True,
    development=("dart pub", "dart test", "pub", "dart analyze", "webdev", "dart compile"),
    build_env=("PUB_CACHE", "PUB_HOSTED_URL", "DART_SDK"),
    steps=(
        Step("dart pub get|upgrade|downgrade|add|remove", Phase.INSTALL, _resolved, scratch=_store, valued=_VALUED, install=_fetch, source=_PUB),
        Step("pub get|upgrade|downgrade", Phase.INSTALL, _resolved, scratch=_store, valued=_VALUED, install=_fetch, source=_PUB),
        Step("pub global", Phase.INSTALL, _store, valued=_VALUED, source=f"{_PUB}/pub-global: below the cache"),
        Step("dart pub global activate|deactivate", Phase.INSTALL, _store, valued=_VALUED, source=f"{_PUB}/pub-global: below the cache"),
        Step("dart pub cache clean", Phase.CLEAN, deletes=_store, source=f"{_PUB}/pub-cache"),
        Step("dart pub deps|outdated|cache", Phase.CHECK, source=_PUB),
        Step("dart compile exe", Phase.BUILD, _compiled, tree=False, valued=_VALUED, source=f"{_COMPILE}#exe: with a small Dart runtime in it"),
        Step(
            "dart compile aot-snapshot|jit-snapshot|kernel",
            Phase.BUILD,
            _compiled,
            tree=False,
            valued=_VALUED,
            runs_on=lambda invocation, arguments: ("dart",),
            source=_COMPILE,
        ),
        Step("dart compile js|wasm", Phase.BUILD, option("-o", "--output", otherwise=here(".")), valued=_VALUED, source=_COMPILE),
        Step("dart2native", Phase.BUILD, _compiled, tree=False, valued=_VALUED, source="dart.dev/tools/dart2native"),
        Step("dart build", Phase.BUILD, option("-o", "--output", otherwise=here("build")), valued=_VALUED, source="dart.dev/tools/dart-build"),
        Step("dart analyze|format|test|info|doc", Phase.CHECK, valued=_VALUED, source="dart.dev/tools/dart-tool"),
        Step("dart --version|--disable-analytics", Phase.CHECK, source="dart.dev/tools/dart-tool"),
        Step("dart run", Phase.BUILD, here("."), valued=_VALUED, source="dart.dev/tools/dart-run: build_runner writes below the project"),
        Step("webdev build", Phase.BUILD, option("-o", "--output", otherwise=here("build")), valued=_VALUED, source="dart.dev/tools/webdev"),
    ),
    local_references=local_references,
    source_endings=(".dart",),
)
