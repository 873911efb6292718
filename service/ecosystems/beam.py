"""Elixir and Erlang: mix, Hex, rebar3, releases and escripts."""

from __future__ import annotations

import posixpath
import re

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Lock, Manifest, Step
from service.ecosystems.rules import both, here, option
from service.image.effects import LanguageInstall, Phase

_MIX = "hexdocs.pm/mix"
_REBAR = "rebar3.org/docs"
_VALUED = frozenset({"--path", "--only", "--target", "--version", "--sparse", "--sha512", "--timeout", "--app", "-r", "--env", "--name", "--profile"})
_REBAR_VALUED = frozenset({"-o", "--output-dir", "-n", "--relname", "-v", "--relvsn", "--profile"})


# --- mix


def _environment(invocation: Invocation) -> str:
    """`_build/prod`, with MIX_BUILD_PATH or MIX_BUILD_ROOT where they are set (hexdocs.pm/mix/Mix.html#module-environment-variables)."""
    if invocation.env.get("MIX_BUILD_PATH"):
        return invocation.path(invocation.env["MIX_BUILD_PATH"])
    target, name = invocation.env.get("MIX_TARGET"), invocation.env.get("MIX_ENV") or "dev"
    folder = f"{target}_{name}" if target and target != "host" else name
    return invocation.path(posixpath.join(invocation.env.get("MIX_BUILD_ROOT") or "_build", folder))


def _dependencies(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """deps/ and mix.lock, which is made where the context has none."""
    lock = () if invocation.has(invocation.path("mix.lock")) else (invocation.path("mix.lock"),)
    return (invocation.path(invocation.env.get("MIX_DEPS_PATH") or "deps"), *lock)


def _compiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """A task's own project; dependencies and what was compiled may lie elsewhere."""
    placed = (invocation.env.get(name) for name in ("MIX_BUILD_PATH", "MIX_BUILD_ROOT", "MIX_DEPS_PATH"))
    return tuple(dict.fromkeys((invocation.path("."), *(invocation.path(path) for path in placed if path))))


def _released(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`--path`, else rel/ below the environment's build folder; exrm's lay in rel/ of the project."""
    if arguments.has("--path"):
        return option("--path")(invocation, arguments)
    project = invocation.read(invocation.path("mix.exs")) or ""
    return (invocation.path("rel") if ":exrm" in project else posixpath.join(_environment(invocation), "rel"),)


def _release_needs(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """A release carries its Erlang unless its settings say otherwise; Distillery's settings lie in a file of their own."""
    project = invocation.read(invocation.path("mix.exs")) or ""
    distillery = invocation.read(invocation.path("rel/config.exs"))
    unread = distillery is None and any(name in project for name in (":distillery", ":exrm"))
    return ("erl",) if unread or re.search(r"include_erts:\s{0,9}false", project + (distillery or "")) else ()


def _escript(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`path:` or `name:` of the project's `escript:`, else the application's name, in the project (hexdocs.pm/mix/Mix.Tasks.Escript.Build.html);
    the folder where mix.exs does not say."""
    project = invocation.read(invocation.path("mix.exs")) or ""
    settings = re.search(r"\bescript:\s{0,9}\[([^\]]{0,500})\]", project)
    app = re.search(r"\bapp:\s{0,9}:([A-Za-z0-9_]{1,80})", project)
    if settings is None or app is None:
        return _compiled(invocation, arguments)
    path = re.search(r"\bpath:\s{0,9}\"([^\"]{1,200})\"", settings.group(1))
    name = re.search(r"\bname:\s{0,9}:?\"?([A-Za-z0-9_-]{1,80})", settings.group(1))
    made = invocation.path(path.group(1) if path else name.group(1) if name else app.group(1))
    return (*(_compiled(invocation, arguments) or ()), made)


def _done(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`mix do a, b + c`: each task's own writes."""
    found = _compiled(invocation, arguments) or ()
    return (*found, *(_released(invocation, arguments) or ())) if _releases(arguments) else found


def _done_needs(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    return _release_needs(invocation, arguments) if _releases(arguments) else ()


def _releases(arguments: Arguments) -> bool:
    return any(word is not None and word.rstrip(",") in ("release", "distillery.release") for word in arguments.positionals)


def _home(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Archives, rebar and Hex itself (hexdocs.pm/mix/Mix.html#module-environment-variables)."""
    return here("${MIX_HOME:-~/.mix}")(invocation, arguments)


def _cache(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Tarballs and the registry (hexdocs.pm/hex/Mix.Tasks.Hex.Config.html, cache_home)."""
    return here("${HEX_HOME:-~/.hex}")(invocation, arguments)


def _fetch(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    files = tuple(invocation.path(name) for name in ("mix.exs", "mix.lock"))
    production = "prod" in arguments.values("--only") or invocation.env.get("MIX_ENV") == "prod"
    return LanguageInstall("mix deps.get", "beam", (), files, invocation.path("deps"), production, "~/.hex")


def _runtime(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    """What a release's own Erlang is linked with."""
    packages = () if _release_needs(invocation, arguments) else ("erts",)
    return LanguageInstall("mix release", "beam", packages, (invocation.path("mix.exs"), invocation.path("mix.lock")))


def _done_install(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    fetch = _fetch(invocation, arguments)
    return _runtime(invocation, arguments) if _releases(arguments) else fetch


# --- rebar


def _profile(invocation: Invocation) -> str:
    """`rebar3 as prod,test release` builds in _build/prod+test (rebar3.org/docs/configuration/profiles)."""
    words = [word or "" for word in invocation.words]
    named = words[words.index("as") + 1] if "as" in words[:-1] else invocation.env.get("REBAR_PROFILE") or "default"
    return "+".join(part for part in named.split(",") if part)


def _standalone(invocation: Invocation) -> bool:
    """Whether rebar.config says that a release carries copies of everything and its Erlang (rebar3.org/docs/deployment/releases): development
    releases are links into _build."""
    settings = "".join((invocation.read(invocation.path("rebar.config")) or "{mode,dev}").split())
    apart = any(mark in settings for mark in ("{dev_mode,true}", "{mode,dev}", "{mode,minimal}", "{include_erts,false}"))
    return not apart or ("prod" in _profile(invocation) and any(mark in settings for mark in ("{mode,prod}", "{include_erts,true}")))


def _rebar_release(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    if not _standalone(invocation):
        return (invocation.path("."),)
    return both(_PROJECT, option("-o", "--output-dir", otherwise=here(f"_build/{_profile(invocation)}/rel")))(invocation, arguments)


def _rebar_needs(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    return () if _standalone(invocation) else ("erl",)


def _rebar_runtime(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    packages = ("erts",) if _standalone(invocation) else ()
    return LanguageInstall("rebar3 release", "beam", packages, tuple(invocation.path(name) for name in ("rebar.config", "rebar.lock")))


def _rebar_fetch(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    files = tuple(invocation.path(name) for name in ("rebar.config", "rebar.lock"))
    return LanguageInstall("rebar3 get-deps", "beam", (), files, invocation.path("_build"), cache="~/.cache/rebar3")


# --- manifests

_READS = re.compile(r"\bFile\.|\bCode\.|\bSystem\.cmd|\bPath\.|\bapps_path\b|\bimport_config\b|\bwith_io\b")
_PATH = re.compile(r"""\bpath:\s{0,9}"([^"]{1,200})\"""")
_ATOM = re.compile(r"\{\s{0,9}:([a-z][A-Za-z0-9_]{0,80})\s{0,9},")
_LOCKED = re.compile(r"""^\s{0,9}"([a-z][A-Za-z0-9_]{0,80})":\s{0,9}\{:""", re.MULTILINE)
_REBAR_NAMED = re.compile(r"\{\s{0,9}<?<?\"?([a-z][A-Za-z0-9_]{0,80})\"?>?>?\s{0,9},")


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """Folders of `path:` dependencies; None for an umbrella, and for a project file that reads others."""
    if name == "mix.exs":
        return None if _READS.search(content) else tuple(_PATH.findall(content))
    return None if name == "rebar.config" and ("_checkouts" in content or "{pre_hooks" in content) else ()


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """The dependencies of a lock, or the tuples of a project file that may be some."""
    if name == "mix.lock":
        return tuple(_LOCKED.findall(content))
    if name == "mix.exs":
        return tuple(dict.fromkeys(_ATOM.findall(content)))
    return tuple(dict.fromkeys(_REBAR_NAMED.findall(content))) if name in ("rebar.config", "rebar.lock") else ()


_PROJECT = here(".")
_REBAR3 = "rebar3|rebar"

ECOSYSTEM = Ecosystem(
    name="beam",
    summary="Elixir and Erlang: mix, rebar3, releases and escripts",
    images=("elixir", "erlang", "hexpm/elixir", "hexpm/erlang"),
    manifests=(
        Manifest(("mix.exs",), ("mix.exs", "mix.lock")),
        Manifest(("rebar.config",), ("rebar.config", "rebar.lock")),
    ),
    # All of these are compiled or copied into a release (hexdocs.pm/mix/Mix.Tasks.Release.html); without one nothing is left out.
    sources=(
        "*.ex",
        "*.exs",
        "*.eex",
        "*.leex",
        "*.heex",
        "*.erl",
        "*.hrl",
        "*.xrl",
        "*.yrl",
        "*.app.src",
        "mix.lock",
        "rebar.config",
        "rebar.config.script",
        "rebar.lock",
        "rebar3",
        "lib/**",
        "src/**",
        "include/**",
        "c_src/**",
        "config/**",
        "priv/**",
        "web/**",
        "assets/**",
        "rel/**",
        "apps/**",
        "test/**",
        "deps/**",
    ),
    interpreters=("elixir", "iex", "mix", "erl", "escript"),
    runners=("mix", "iex", "elixir", "erl", "escript", "rebar3", "rebar"),
    compiled=True,
    folders=True,
    development=("mix deps.get", "mix test", "mix compile", "iex", "rebar3", "mix release", "mix format", "mix credo", "mix dialyzer"),
    build_env=("MIX_*", "HEX_*", "REBAR_*", "ERL_COMPILER_OPTIONS"),
    steps=(
        Step("mix local.hex|local.rebar|local.public_keys", Phase.BUILD, scratch=_home, source=f"{_MIX}/Mix.Tasks.Local.Hex.html"),
        Step("mix archive.install|archive.uninstall", Phase.BUILD, scratch=_home, source=f"{_MIX}/Mix.Tasks.Archive.Install.html"),
        Step("mix escript.install", Phase.BUILD, _home, source=f"{_MIX}/Mix.Tasks.Escript.Install.html"),
        Step(
            "mix hex.organization|hex.repo|hex.config|hex.user",
            Phase.BUILD,
            scratch=here("${HEX_HOME:-~/.hex}/hex.config"),
            tree=False,
            source="hexdocs.pm/hex/Mix.Tasks.Hex.Organization.html",
        ),
        Step("mix hex.info|hex.audit|hex.outdated|help|--version|-v", Phase.CHECK, source=_MIX),
        Step(
            "mix deps.get|deps.update|deps.unlock",
            Phase.INSTALL,
            writes=_dependencies,
            caches=_cache,
            valued=_VALUED,
            install=_fetch,
            source=f"{_MIX}/Mix.Tasks.Deps.Get.html",
        ),
        Step("mix deps.clean|clean", Phase.BUILD, writes=_compiled, valued=_VALUED, source=f"{_MIX}/Mix.Tasks.Deps.Clean.html"),
        Step(
            "mix release|distillery.release",
            Phase.BUILD,
            writes=both(_compiled, _released),
            valued=_VALUED,
            install=_runtime,
            runs_on=_release_needs,
            source=f"{_MIX}/Mix.Tasks.Release.html; hexdocs.pm/distillery",
        ),
        Step(
            "mix escript.build",
            Phase.BUILD,
            writes=_escript,
            runs_on=lambda invocation, arguments: ("escript",),
            source=f"{_MIX}/Mix.Tasks.Escript.Build.html",
        ),
        Step(
            "mix do",
            Phase.BUILD,
            writes=_done,
            caches=_cache,
            valued=_VALUED,
            install=_done_install,
            runs_on=_done_needs,
            source=f"{_MIX}/Mix.Tasks.Do.html",
        ),
        Step("mix", Phase.BUILD, writes=_compiled, valued=_VALUED, source=f"{_MIX}: tasks work in the project's folder"),
        Step("elixirc|erlc", Phase.BUILD, writes=option("-o", otherwise=_PROJECT), valued=frozenset({"-o", "-pa", "-I"}), source="erlc(1)"),
        Step("elixir|erl --version|-version|-v", Phase.CHECK, source="elixir(1)"),
        Step(
            f"{_REBAR3} as",
            Phase.BUILD,
            writes=_rebar_release,
            caches=here("~/.cache/rebar3"),
            valued=_REBAR_VALUED,
            install=_rebar_runtime,
            runs_on=_rebar_needs,
            when=lambda arguments: any(word in ("release", "tar") for word in arguments.positionals),
            source=f"{_REBAR}/deployment/releases",
        ),
        Step(
            f"{_REBAR3} release|tar",
            Phase.BUILD,
            writes=_rebar_release,
            caches=here("~/.cache/rebar3"),
            valued=_REBAR_VALUED,
            install=_rebar_runtime,
            runs_on=_rebar_needs,
            source=f"{_REBAR}/deployment/releases",
        ),
        Step(
            f"{_REBAR3} get-deps|tree|lock",
            Phase.INSTALL,
            writes=here("."),
            caches=here("~/.cache/rebar3"),
            install=_rebar_fetch,
            source=f"{_REBAR}/commands",
        ),
        Step(
            f"{_REBAR3} escriptize",
            Phase.BUILD,
            writes=lambda invocation, arguments: (invocation.path("."), invocation.path(f"_build/{_profile(invocation)}/bin")),
            caches=here("~/.cache/rebar3"),
            runs_on=lambda invocation, arguments: ("escript",),
            source=f"{_REBAR}/commands",
        ),
        Step(f"{_REBAR3} version|--version|-v|help", Phase.CHECK, source=f"{_REBAR}/commands"),
        Step(
            _REBAR3,
            Phase.BUILD,
            writes=_PROJECT,
            caches=here("~/.cache/rebar3"),
            install=_rebar_fetch,
            valued=_REBAR_VALUED,
            source=f"{_REBAR}/commands: _build in the project",
        ),
    ),
    local_references=local_references,
    packages_of=packages_of,
    lock=Lock("mix.lock"),
    toolchain=("elixir", "erlang", "erlang-*", "rebar", "rebar3"),
    # What Debian's erlang-base, erlang-crypto and erlang-asn1 depend on; a release carries copies of their programs and libraries of Erlang's own.
    linked=("libtinfo6", "libssl3|libssl3t64|libssl1.1", "libstdc++6", "zlib1g"),
    # Before a task runs, mix asks git whether such a dependency is the locked one (hexdocs.pm/mix/Mix.Tasks.Deps.Loadpaths.html).
    assisted=(("mix", "mix.lock", "{:git,", "git"), ("iex", "mix.lock", "{:git,", "git")),
    downloads=True,
    source_endings=(".ex", ".exs", ".erl"),
    # hexdocs.pm/phoenix/asset_management.html
    generators=(("assets.deploy", "node"), ("assets.build", "node")),
)
