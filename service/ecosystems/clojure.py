"""Clojure: Leiningen, the Clojure command line and Boot."""

from __future__ import annotations

from service.ecosystems.model import Arguments, Bundling, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import both, here
from service.image.effects import LanguageInstall, Phase

_LEIN = "codeberg.org/leiningen/leiningen doc/TUTORIAL.md, doc/DEPLOY.md, sample.project.clj"
_CLI = "clojure.org/reference/clojure_cli, clojure.org/guides/tools_build"
_BOOT = "github.com/boot-clj/boot (Built-in tasks, Boot environment)"
_REPOSITORY = here("~/.m2/repository")
_VALUED = frozenset({"-Sdeps", "-e", "--eval", "-i", "--init", "-m", "--main"})
_BOTH = both(_REPOSITORY, here("${GITLIBS:-~/.gitlibs}"))


def _project(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """target/ and whatever the project's own tasks make in its folder; `install` puts the jar into Maven's repository. What runs the program may
    do anything."""
    words = [word.strip(",") if word is not None else None for word in arguments.positionals]
    if None in words or any(word in ("run", "repl", "trampoline", "exec") for word in words):
        return None
    return (invocation.path("."), *((invocation.path("~/.m2/repository"),) if "install" in words else ()))


def _built(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    return LanguageInstall("lein", "clojure", packages=("org.clojure/clojure",))


def _fetched(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    manifest = "project.clj" if invocation.words[:1] == ("lein",) else "deps.edn"
    return LanguageInstall(
        "lein deps", "clojure", manifests=(invocation.path(manifest),), target=invocation.path("target"), cache=invocation.path("~/.m2/repository")
    )


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """None where a project has local libraries, checkouts or code of its own that resolving reads."""
    return None if any(mark in content for mark in (":local/root", "slurp", "load-file", ":parent", "#=")) else ()


def _runs_function(arguments: Arguments) -> bool:
    """`-T:build uber`, `-X:uberjar`, `-M:package`: an alias of the project's that builds."""
    return any(name.startswith(("-T", "-X", "-M", "-A")) for name, _ in arguments.options)


def _alone(arguments: Arguments) -> bool:
    return not arguments.positionals


def _plain(arguments: Arguments) -> bool:
    return not arguments.positionals and not arguments.options


def _prepares(arguments: Arguments) -> bool:
    return any(name == "-P" for name, _ in arguments.options)


ECOSYSTEM = Ecosystem(
    name="clojure",
    summary="Clojure by Leiningen, the Clojure command line and Boot",
    images=("clojure",),
    manifests=(Manifest(("project.clj",), ("project.clj", "profiles.clj")), Manifest(("deps.edn",), ("deps.edn",))),
    sources=(
        *("*.clj", "*.cljc", "*.cljs", "*.bb", "project.clj", "deps.edn", "build.boot", "boot.properties", "shadow-cljs.edn", "tests.edn"),
        *("src/**", "*/src/**", "test/**", "*/test/**", "dev/**", "target/**", ".cpcache/**", ".clj-kondo/**", ".lsp/**", ".nrepl-port", "Procfile"),
    ),
    source_endings=(".clj", ".cljc", ".java"),
    interpreters=("clojure", "clj", "lein", "boot", "bb"),
    compiled=True,
    portable=True,
    bundling=Bundling((".jar", ".war"), ("project.clj", "deps.edn", "build.clj", "build.boot"), ("defproject", "uber"), against=("Class-Path",)),
    build_env=("LEIN_*", "BOOT_*", "CLJ_CONFIG", "GITLIBS"),
    development=("lein", "clojure", "clj", "boot", "shadow-cljs", "npx shadow-cljs"),
    local_references=local_references,
    steps=(
        Step(
            "lein deps|classpath",
            Phase.INSTALL,
            scratch=here("target", "~/.lein"),
            caches=_REPOSITORY,
            install=_fetched,
            source=_LEIN,
            when=_alone,
        ),
        Step("lein version|help|--version|-v|upgrade|self-install|downgrade", Phase.INSTALL, caches=here("~/.lein/self-installs"), source=_LEIN),
        Step("lein", Phase.INSTALL, caches=here("~/.lein/self-installs"), source=_LEIN, when=_plain),
        Step("lein", Phase.BUILD, writes=_project, scratch=here("~/.lein"), caches=_REPOSITORY, install=_built, source=_LEIN),
        Step("clojure|clj", Phase.INSTALL, scratch=here(".cpcache"), caches=_BOTH, valued=_VALUED, install=_fetched, source=_CLI, when=_prepares),
        Step("clojure|clj", Phase.BUILD, writes=here("."), caches=_BOTH, valued=_VALUED, install=_built, source=_CLI, when=_runs_function),
        Step("clojure|clj --version|-version|-Sdescribe|-Spath|-Stree", Phase.INSTALL, scratch=here(".cpcache"), caches=_BOTH, source=_CLI),
        Step("boot", Phase.BUILD, writes=_project, caches=both(_REPOSITORY, here("~/.boot/cache")), install=_built, source=_BOOT),
    ),
)
