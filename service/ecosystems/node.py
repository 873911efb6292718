"""Node.js: npm, yarn, pnpm, and the bundlers that projects run through them."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Prune, Step
from service.ecosystems.rules import here
from service.image.effects import LanguageInstall, Phase

_NPM = "docs.npmjs.com/cli"
_YARN = "yarnpkg.com and classic.yarnpkg.com"
_PNPM = "pnpm.io/cli"
_VALUED = frozenset(
    {
        "--prefix",
        "-C",
        "--cwd",
        "--registry",
        "--omit",
        "--include",
        "-w",
        "--workspace",
        "--loglevel",
        "--cache",
        "--filter",
        "-F",
        "--dir",
        "--modules-folder",
        "--cache-folder",
        "--network-timeout",
        "--mutex",
        "--fetch-retries",
        "--fetch-timeout",
        "--fetch-retry-mintimeout",
        "--fetch-retry-maxtimeout",
        "--cert",
        "--only",
        "--production=",
    }
)
_LOCKS = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml")


def _folder(invocation: Invocation, arguments: Arguments) -> str:
    return invocation.path(arguments.value("--prefix", "-C", "--cwd", "--dir") or ".")


def _modules(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The folder of package.json: node_modules, the lock file, and whatever lifecycle scripts write; a global install goes to the prefix that
    Node lives in. At the root only node_modules is named, since the root is no project."""
    if arguments.has("-g", "--global", "--location"):
        prefix = invocation.env.get("NPM_CONFIG_PREFIX") or invocation.env.get("npm_config_prefix") or "/usr/local"
        # A local folder is linked, not copied (npm 5 and later): what it installs stays in the folder.
        local = tuple(invocation.path(word) for word in arguments.positionals if word and word.startswith((".", "/")))
        return (*(posixpath.join(prefix, name) for name in ("lib/node_modules", "bin")), *local)
    folder = _folder(invocation, arguments)
    return ("/node_modules",) if folder == "/" else (folder,)


def _yarn_global(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return "/usr/local/share/.config/yarn/global", "/usr/local/bin"


def lifecycle_scripts(manifest: str) -> tuple[str, ...]:
    """The scripts of package.json that installing runs (docs.npmjs.com/cli/using-npm/scripts); all of them where it cannot be read."""
    scripts = _section(manifest, "scripts")
    names = ("preinstall", "install", "postinstall", "prepare", "preprepare", "postprepare", "prepublish")
    return names if scripts is None else tuple(name for name in names if name in scripts)


def _section(manifest: str, name: str) -> dict[str, object] | None:
    """An object of package.json; {} where it is absent, None where the file cannot be read."""
    try:
        data = json.loads(manifest)
    except (ValueError, RecursionError):
        return None
    found = data.get(name, {}) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else None


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """The packages that package.json asks for; None where it cannot be read."""
    if name != "package.json":
        return ()
    sections = [_section(content, key) for key in ("dependencies", "devDependencies", "optionalDependencies")]
    return None if None in sections else tuple(package for section in sections for package in section or {})


def production_packages(content: str) -> tuple[str, ...]:
    return tuple(_section(content, "dependencies") or {})


def _install(step: str, cache: str) -> Callable[[Invocation, Arguments], LanguageInstall | None]:
    def rule(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
        folder = _folder(invocation, arguments)
        names = tuple(word for word in arguments.positionals if word)
        omitted = arguments.values("--omit", "--only")
        asked = arguments.has("--production", "--prod", "-P") or any(value in ("dev", "prod", "production") for value in omitted)
        production = asked or invocation.env.get("NODE_ENV") == "production"
        files = tuple(posixpath.join(folder, name) for name in ("package.json", *_LOCKS))
        return LanguageInstall(step, "node", names, files, posixpath.join(folder, "node_modules"), production, cache)

    return rule


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """Folders of `file:` and `link:` dependencies; None for workspaces and for install scripts, which may read anything."""
    if name.removesuffix(".json") != "package":
        return ()
    scripts, found = lifecycle_scripts(content), []
    if scripts or '"workspaces"' in content or '"workspace:' in content:
        return None
    for section in ("dependencies", "devDependencies", "optionalDependencies"):
        for value in (_section(content, section) or {}).values():
            if isinstance(value, str) and value.startswith(("file:", "link:", "portal:", "./", "../")):
                found.append(value.partition(":")[2] if ":" in value else value)
    return tuple(found)


_PROJECT = here(".")
_YARN_CACHE = here("/usr/local/share/.cache/yarn")
_RUNNERS = (
    "vite build|optimize",
    "webpack",
    "rollup",
    "tsc",
    "esbuild",
    "parcel build",
    "ng build|run",
    "next build|telemetry|export",
    "nuxt build|generate",
    "gatsby build",
    "react-scripts build",
    "vue-cli-service build",
    "gulp",
    "grunt",
    "nest build",
    "svelte-kit build|sync",
    "astro build",
    "turbo build|run",
    "nx build|run",
    "lerna run|bootstrap",
    "prisma generate",
    "babel",
    "swc",
    "tsup",
    "node-gyp",
    "bower install",
    "eleventy",
    "hexo generate",
    "lessc",
    "sass",
    "postcss",
    "tailwindcss",
    "cross-env",
    "rimraf",
    "remix build",
    "expo export",
    "quasar build",
    "ember build",
    "polymer build",
)

ECOSYSTEM = Ecosystem(
    name="node",
    summary="Node.js packages, bundlers and static sites",
    images=("node",),
    manifests=(
        Manifest(
            ("package.json",),
            (
                "package.json",
                "package-lock.json",
                "npm-shrinkwrap.json",
                "yarn.lock",
                "pnpm-lock.yaml",
                ".npmrc",
                ".yarnrc",
                ".yarnrc.yml",
                "pnpm-workspace.yaml",
            ),
            runtime=True,
        ),
    ),
    interpreters=("node", "nodejs", "npm", "npx", "yarn", "pnpm", "yarnpkg", "corepack"),
    development=(
        "nodemon",
        "ts-node-dev",
        "tsx watch",
        "webpack-dev-server",
        "webpack serve",
        "vite",
        "react-scripts start",
        "ng serve",
        "next dev",
        "nuxt dev",
        "gulp",
        "grunt",
        "tsc",
        "vue-cli-service serve",
        "gatsby develop",
        "parcel",
        "nest start",
        "live-server",
        "browser-sync",
        "jest",
        "mocha",
        "cypress",
        "expo start",
        "ember serve",
        "ionic serve",
    ),
    build_env=(
        "NODE_*",
        "npm_config_*",
        "NPM_CONFIG_*",
        "YARN_*",
        "PNPM_*",
        "REACT_APP_*",
        "VITE_*",
        "NEXT_PUBLIC_*",
        "VUE_APP_*",
        "GATSBY_*",
        "GENERATE_SOURCEMAP",
        "INLINE_RUNTIME_CHUNK",
        "PUBLIC_URL",
        "CI",
        "NUXT_*",
    ),
    steps=(
        Step(
            "npm install|i|add|ci|clean-install|isntall",
            Phase.INSTALL,
            writes=_modules,
            caches=here("~/.npm"),
            valued=_VALUED,
            install=_install("npm install", "~/.npm"),
            source=_NPM,
        ),
        Step("npm prune", Phase.PRUNE, writes=_modules, valued=_VALUED, source=_NPM),
        Step(
            "npm run|run-script|rum|rebuild|link|exec|test|t|build|pack|dedupe|init|update|uninstall|audit|version",
            Phase.BUILD,
            writes=_PROJECT,
            valued=_VALUED,
            source=_NPM,
        ),
        Step("npm config|set|get|ls|list|view|-v|--version|login|whoami|pkg|root|bin", Phase.CHECK, valued=_VALUED, source=_NPM),
        Step("npm cache", Phase.CLEAN, deletes=here("~/.npm"), source=_NPM),
        Step("npx", Phase.BUILD, writes=_PROJECT, valued=_VALUED, source=_NPM),
        Step("yarn global add", Phase.INSTALL, writes=_yarn_global, caches=_YARN_CACHE, valued=_VALUED, source=_YARN),
        Step(
            "yarn install|add",
            Phase.INSTALL,
            writes=_modules,
            caches=_YARN_CACHE,
            valued=_VALUED,
            install=_install("yarn install", "/usr/local/share/.cache/yarn"),
            source=_YARN,
        ),
        Step("yarn cache", Phase.CLEAN, deletes=here("/usr/local/share/.cache/yarn", "~/.cache/yarn"), source=_YARN),
        Step("yarn config|set|-v|--version|list|why|plugin", Phase.CHECK, writes=here("~/.yarnrc"), valued=_VALUED, source=_YARN),
        Step(
            "yarn",
            Phase.INSTALL,
            writes=_modules,
            caches=_YARN_CACHE,
            valued=_VALUED,
            when=lambda arguments: not arguments.positionals,
            install=_install("yarn install", "/usr/local/share/.cache/yarn"),
            source=_YARN,
        ),
        Step("yarn", Phase.BUILD, writes=_PROJECT, valued=_VALUED, source=_YARN),
        Step(
            "pnpm install|i|add|fetch|ci",
            Phase.INSTALL,
            writes=_modules,
            caches=here("~/.local/share/pnpm/store", "~/.cache/pnpm"),
            valued=_VALUED,
            install=_install("pnpm install", "~/.local/share/pnpm/store"),
            source=_PNPM,
        ),
        Step("pnpm prune", Phase.PRUNE, writes=_modules, valued=_VALUED, source=_PNPM),
        Step("pnpm store|config|-v|--version", Phase.CHECK, valued=_VALUED, source=_PNPM),
        Step("pnpm", Phase.BUILD, writes=_PROJECT, valued=_VALUED, source=_PNPM),
        Step("corepack", Phase.SETUP, writes=here("~/.cache/node/corepack", "/usr/local/bin"), source="nodejs.org/api/corepack.html"),
        Step("node --version|-v|-e|-p", Phase.CHECK, source="nodejs.org/api/cli.html"),
        Step("node|nodejs|ts-node|tsx", Phase.BUILD, writes=_PROJECT, source="nodejs.org/api/cli.html"),
        *(Step(command, Phase.BUILD, writes=_PROJECT, source="the tool writes below its project folder") for command in _RUNNERS),
    ),
    prunes=(
        Prune("npm install", "npm prune --omit=dev", "node", 16),
        Prune("npm install", "npm prune --production", "node", 6),
        Prune("yarn install", "yarn install --production --ignore-scripts --prefer-offline", "node", 6),
        Prune("pnpm install", "pnpm prune --prod", "node", 16),
    ),
    local_references=local_references,
    packages_of=packages_of,
    source_endings=(".js", ".mjs", ".cjs", ".ts"),
    toolchain=("nodejs", "npm", "yarn", "yarnpkg", "nodejs-legacy", "node-typescript", "webpack", "node-gyp"),
    # github.com/nodejs/node-gyp#installation: Python, make and a C++ compiler; the latter two only serve building anyway.
    build_packages=("python", "python2", "python3", "python-is-python3", "python3-minimal", "python3-setuptools", "python3-distutils"),
    runners=("npm", "npx", "yarn", "pnpm", "tsx", "ts-node", "serve", "pm2"),
)
