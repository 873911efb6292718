"""Lua: LuaRocks."""

from __future__ import annotations

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.ecosystems.rules import here
from service.image.effects import LanguageInstall, Phase

_ROCKS = "github.com/luarocks/luarocks/wiki/luarocks"
_VALUED = frozenset({"--tree", "--server", "--only-server", "--lua-version", "--lua-dir", "--namespace", "--timeout", "--branch"})
_DISTRIBUTIONS = frozenset({"debian", "ubuntu", "buildpack-deps", "nginx"})


def _installed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`--tree`, the user's tree, or /usr/local, the system's tree as LuaRocks and Debian's package have it; OpenResty's images have their own."""
    if arguments.has("--tree"):
        tree = arguments.value("--tree")
        return None if tree is None else (invocation.path(tree),)
    if arguments.has("--local") or invocation.home != "/root":
        return here("~/.luarocks")(invocation, arguments)
    return ("/usr/local",) if invocation.base.family in _DISTRIBUTIONS and invocation.base.libc == "glibc" else None


def _install(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    """The first word is the rock, the second its version."""
    names = tuple(word for word in arguments.positionals[:1] if word)
    return LanguageInstall("luarocks install", "lua", names, (), (_installed(invocation, arguments) or ("",))[0], cache="~/.cache/luarocks")


ECOSYSTEM = Ecosystem(
    name="lua",
    summary="Lua rocks",
    interpreters=("lua", "luajit", "lua5.1", "lua5.2", "lua5.3", "lua5.4", "resty", "openresty", "nginx"),
    development=("luarocks", "busted", "luacheck"),
    steps=(
        Step("luarocks install", Phase.INSTALL, _installed, caches=here("~/.cache/luarocks"), valued=_VALUED, install=_install, source=_ROCKS),
        Step("luarocks make|build", Phase.INSTALL, _installed, caches=here("~/.cache/luarocks"), valued=_VALUED, source=_ROCKS),
        Step("luarocks list|show|search|--version|path|lint", Phase.CHECK, valued=_VALUED, source=_ROCKS),
        Step("lua|luajit -v", Phase.CHECK, source="lua(1)"),
    ),
    compiles_packages=True,
    downloads=True,
    source_endings=(".lua",),
)
