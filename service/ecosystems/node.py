"""Node.js: npm, yarn, pnpm, and the bundlers that projects run through them."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Prune, Step
from service.ecosystems.nodescripts import OUTPUTS, beyond
from service.ecosystems.rules import both, here
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
        "--store-dir",
        "--location",
    }
)
_LOCKS = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml")


def _folder(invocation: Invocation, arguments: Arguments) -> str:
    """The folder that is named, else the nearest one upwards with a package.json (docs.npmjs.com/cli/configuring-npm/folders)."""
    given = arguments.value("--prefix", "-C", "--cwd", "--dir")
    start = invocation.path(given or ".")
    if given or invocation.has(posixpath.join(start, "package.json")) is not False:
        return start
    parent = start
    while parent != "/":
        parent = posixpath.dirname(parent)
        if invocation.has(posixpath.join(parent, "package.json")):
            return parent
    return start


def _project(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return (_folder(invocation, arguments),)


def _global(arguments: Arguments) -> bool:
    asked = arguments.has("-g") or (arguments.has("--global") and arguments.value("--global") != "false")
    return asked or arguments.value("--location") == "global"


def _npm_cache(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    set_by_name = invocation.env.get("NPM_CONFIG_CACHE") or invocation.env.get("npm_config_cache")
    return (invocation.path(arguments.value("--cache") or set_by_name or "~/.npm"),)


def _modules(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The folder of package.json: node_modules, the lock file, and whatever lifecycle scripts write; a global install goes to the prefix that
    Node lives in. At the root only node_modules is named, since the root is no project."""
    # A local folder is linked, not copied (npm 5 and later): what it installs stays in the folder.
    local = tuple(invocation.path(word) for word in arguments.positionals if word and word.startswith((".", "/")))
    local += _beside(invocation, _folder(invocation, arguments))
    if _global(arguments):
        set_by_name = invocation.env.get("NPM_CONFIG_PREFIX") or invocation.env.get("npm_config_prefix")
        prefix = invocation.path(arguments.value("--prefix") or set_by_name or _own_prefix(invocation))
        return (*(posixpath.join(prefix, name) for name in ("lib/node_modules", "bin")), *local)
    folder = _folder(invocation, arguments)
    return (*(_root(invocation, arguments) if folder == "/" else (folder,)), *local)


def _own_prefix(invocation: Invocation) -> str:
    """The folder that Node lives in: NodeSource's packages are built for /usr, where Debian's npm is told to use /usr/local."""
    return "/usr" if any(act.step == "NodeSource's setup script" for act in invocation.before()) else "/usr/local"


def _beside(invocation: Invocation, folder: str) -> tuple[str, ...]:
    """Folders elsewhere that package.json names: they are linked too, and their programs made executable there."""
    content = invocation.read(posixpath.join(folder, "package.json"))
    named = local_references("package.json", content) if content is not None else None
    paths = (posixpath.normpath(posixpath.join(folder, path)) for path in named or () if not path.endswith((".tgz", ".tar.gz", ".tar")))
    return tuple(path for path in paths if not path.startswith(folder.rstrip("/") + "/"))


def _root(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """npm writes package-lock.json beside a package.json of the context that came without one."""
    unlocked = invocation.has("/package.json") is True and invocation.has("/package-lock.json") is False
    locks = invocation.words[:1] == ("npm",) and not arguments.has("--no-package-lock", "--no-save") and "ci" not in invocation.words
    return ("/node_modules", *(("/package-lock.json",) if unlocked and locks else ()))


def _yarn_global(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """yarn keeps root's settings below /usr/local/share (yarn 1, src/util/user-home-dir.js); the programs are links into the folder."""
    prefix = arguments.value("--prefix")
    if invocation.home != "/root":
        return tuple(invocation.path(path) for path in ("~/.config/yarn/global", f"{prefix}/bin" if prefix else "~/.yarn/bin"))
    return "/usr/local/share/.config/yarn/global", invocation.path(f"{prefix or _own_prefix(invocation)}/bin")


def _yarn_cache(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    own = "/usr/local/share/.cache/yarn" if invocation.home == "/root" else "~/.cache/yarn"
    return (invocation.path(arguments.value("--cache-folder") or invocation.env.get("YARN_CACHE_FOLDER") or own),)


def _yarn_modules(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    elsewhere, found = arguments.value("--modules-folder"), _modules(invocation, arguments)
    return found if found is None or not elsewhere else (*found, invocation.path(elsewhere))


def _pnpm_modules(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Global programs and what they need lie in PNPM_HOME (pnpm.io/settings#global-dir)."""
    if _global(arguments):
        return (invocation.path(invocation.env.get("PNPM_HOME") or "~/.local/share/pnpm"),)
    return _modules(invocation, arguments)


def _pnpm_caches(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """pnpm.io/settings#storedir; what node_modules has of the store are copies or hard links."""
    home = invocation.env.get("PNPM_HOME")
    store = arguments.value("--store-dir") or (f"{home}/store" if home else "~/.local/share/pnpm/store")
    return invocation.path(store), invocation.path("~/.cache/pnpm")


def _deployed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """pnpm.io/cli/deploy: the last word is the folder that a package is deployed to."""
    words = arguments.positionals
    return None if not words or words[-1] is None else (invocation.path(words[-1]),)


def _yarnrc(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """yarn 1: the user's file, root's below /usr/local/share; later versions: the project's."""
    if invocation.has(invocation.path(".yarnrc.yml")):
        return (invocation.path(".yarnrc.yml"),)
    return ("/usr/local/share/.yarnrc" if invocation.home == "/root" else invocation.path("~/.yarnrc"),)


def _npmrc(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    if _global(arguments):
        prefix = invocation.env.get("NPM_CONFIG_PREFIX") or invocation.env.get("npm_config_prefix") or "/usr/local"
        return (posixpath.join(prefix, "etc/npmrc"),)
    return (invocation.path(".npmrc" if arguments.value("--location") == "project" else "~/.npmrc"),)


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


def _install(step: str, cache: str) -> Callable[[Invocation, Arguments], LanguageInstall | None]:
    def rule(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
        folder = _folder(invocation, arguments)
        names = tuple(word for word in arguments.positionals if word)
        # Programs that are installed for everyone have nothing to do with the project whose folder they are called from.
        files = () if names and _global(arguments) else tuple(posixpath.join(folder, name) for name in ("package.json", *_LOCKS))
        left = _left_out(invocation, arguments)
        # Of npm's global installs the first path is the prefix's own node_modules.
        placed = _modules(invocation, arguments) if step.startswith("npm ") and _global(arguments) else None
        target = placed[0] if placed else posixpath.join(folder, "node_modules")
        return LanguageInstall(step, "node", names, files, target, "dev" in left, cache, "optional" not in left)

    return rule


def _left_out(invocation: Invocation, arguments: Arguments) -> frozenset[str]:
    """`dev` and `optional` where they are not installed: by option, else by setting, else by NODE_ENV; what `--include` names always is
    (docs.npmjs.com/cli/using-npm/config#omit, classic.yarnpkg.com/en/docs/cli/install, pnpm.io/cli/install)."""
    env = invocation.env
    set_by_name = [env.get(prefix + name) for prefix in ("NPM_CONFIG_", "npm_config_") for name in ("OMIT", "omit")]
    words = {word for value in (*arguments.values("--omit"), *set_by_name) for word in (value or "").split()}
    asked = arguments.value("--production", "--prod", "-P")
    by_env = env.get("NODE_ENV") == "production" or "true" in (env.get("NPM_CONFIG_PRODUCTION"), env.get("npm_config_production"))
    only = any(value in ("prod", "production") for value in arguments.values("--only"))
    if asked != "false" and (only or by_env or arguments.has("--production", "--prod", "-P")):
        words.add("dev")
    if arguments.has("--no-optional", "--ignore-optional") or arguments.value("--optional") == "false":
        words.add("optional")
    return frozenset(words).difference(arguments.values("--include"))


def _globally(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    """yarn global add: the packages of the command in a project of yarn's own."""
    names = tuple(word for word in arguments.positionals if word)
    places = _yarn_global(invocation, arguments)
    if not names or not places:
        return None
    cache = (_yarn_cache(invocation, arguments) or ("",))[0]
    return LanguageInstall("yarn global add", "node", names, (), posixpath.join(places[0], "node_modules"), False, cache)


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """Folders of `file:` and `link:` dependencies; None for workspaces and for install scripts, which may read anything."""
    if name == "pnpm-workspace.yaml":
        # Without `packages` it only holds settings (pnpm.io/pnpm-workspace_yaml).
        return None if re.search(r"(?m)^packages[ \t]*:", content) else ()
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


def own_commands(content: str) -> dict[str, str]:
    """The commands that a project brings, with the file behind each (docs.npmjs.com/cli/configuring-npm/package-json#bin)."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    found, name = (data.get("bin"), str(data.get("name", ""))) if isinstance(data, dict) else (None, "")
    if isinstance(found, str):
        return {name.rpartition("/")[2]: found} if name else {}
    return {key: value for key, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}


def _links(invocation: Invocation, arguments: Arguments) -> tuple[tuple[str, str], ...]:
    content = invocation.read(invocation.path("package.json"))
    prefix = invocation.env.get("NPM_CONFIG_PREFIX") or "/usr/local"
    name = _field(content, "name")
    if content is None or not name or arguments.positionals:
        return ()
    programs = ((f"{prefix}/bin/{command}", invocation.path(file)) for command, file in own_commands(content).items())
    return ((f"{prefix}/lib/node_modules/{name}", invocation.path(".")), *programs)


def _link_writes(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The project's folder, where the links are known; another package's name, or a manifest that was not sent, may link anything."""
    return _project(invocation, arguments) if _links(invocation, arguments) else None


def _field(content: str | None, name: str) -> str:
    try:
        data = json.loads(content or "")
    except (ValueError, RecursionError):
        return ""
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


_PROJECT = here(".")
_SYSTEM_PATH = re.compile(r"""["'`](/(?:etc|home|opt|root|srv|usr|var)/[A-Za-z0-9_./-]{1,200})""")
def _ran(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The project's folder, and what a script of it writes elsewhere."""
    folder = _folder(invocation, arguments)
    return (folder, *beyond(invocation, arguments, folder))


def _scripted(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`node build.js [OUT]`: the project's folder and the places that the command names; a script that names one of the system's folders itself
    may write there."""
    words = arguments.positionals
    outside = [invocation.path(word) for word in words[1:] if word is not None and word.startswith("/")]
    script = invocation.read(invocation.path(words[0])) if words and words[0] else None
    if script is not None and any(not (path + "/").startswith(invocation.path(".") + "/") for path in _SYSTEM_PATH.findall(script)):
        return None
    return (invocation.path("."), *outside)


def _bundled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The project's folder, the place that an option names, and whatever place outside of the project the command names: these tools have more
    options than anyone lists, and plugins have their own."""
    values = arguments.values(*OUTPUTS)
    if None in values:
        return None
    named = (*arguments.positionals, *(value for _, value in arguments.options))
    outside = [word for word in named if word is not None and word.startswith("/") and word not in values]
    return (invocation.path("."), *(invocation.path(value) for value in (*values, *outside) if value))


def _transpiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """tsc -p: the folder of another project (typescriptlang.org/docs/handbook/compiler-options.html)."""
    project = arguments.value("-p", "--project") or "."
    found = _bundled(invocation, arguments)
    folder = posixpath.dirname(project) if project.endswith(".json") else project
    return None if found is None else tuple(dict.fromkeys((*found, invocation.path(folder or "."))))


_RUNNERS = (
    "vite build|optimize",
    "webpack",
    "rollup",
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
            members=("pnpm-workspace.yaml",),
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
            caches=_npm_cache,
            valued=_VALUED,
            install=_install("npm install", "~/.npm"),
            source=_NPM,
        ),
        Step("npm prune", Phase.PRUNE, writes=_modules, valued=_VALUED, source=_NPM),
        Step(
            "npm run|run-script|rum|rebuild|test|t|build|version|pkg",
            Phase.BUILD,
            writes=_ran,
            valued=_VALUED,
            source=_NPM,
        ),
        Step("npm exec|pack|dedupe|init|update|audit", Phase.BUILD, writes=_project, caches=_npm_cache, valued=_VALUED, source=_NPM),
        Step("npm uninstall|remove|rm|un", Phase.BUILD, writes=_modules, caches=_npm_cache, valued=_VALUED, source=_NPM),
        # `npm link` in a package's folder: its programs and itself below the prefix, as links.
        Step(
            "npm link|ln",
            Phase.BUILD,
            writes=_link_writes,
            links=_links,
            caches=_npm_cache,
            valued=_VALUED,
            source="docs.npmjs.com/cli/commands/npm-link",
        ),
        Step("npm config set|delete|edit|fix", Phase.CHECK, writes=_npmrc, tree=False, valued=_VALUED, source=_NPM),
        Step("npm set", Phase.CHECK, writes=_npmrc, tree=False, valued=_VALUED, source=_NPM),
        Step("npm config|get|ls|list|view|-v|--version|login|whoami|root|bin", Phase.CHECK, valued=_VALUED, source=_NPM),
        Step("npm cache", Phase.CLEAN, deletes=_npm_cache, valued=_VALUED, source=_NPM),
        Step("npm cache verify|ls|add", Phase.CHECK, caches=_npm_cache, valued=_VALUED, source=_NPM),
        Step("npx", Phase.BUILD, writes=_PROJECT, caches=_npm_cache, valued=_VALUED, source=_NPM),
        Step(
            "yarn global add",
            Phase.INSTALL,
            writes=_yarn_global,
            caches=_yarn_cache,
            valued=_VALUED,
            install=_globally,
            source=_YARN,
        ),
        Step(
            "yarn install|add",
            Phase.INSTALL,
            writes=_yarn_modules,
            caches=_yarn_cache,
            valued=_VALUED,
            install=_install("yarn install", "/usr/local/share/.cache/yarn"),
            source=_YARN,
        ),
        Step("yarn cache", Phase.CLEAN, deletes=here("/usr/local/share/.cache/yarn", "~/.cache/yarn"), source=_YARN),
        Step("yarn config set|delete", Phase.CHECK, writes=_yarnrc, tree=False, valued=_VALUED, source=_YARN),
        Step("yarn set|plugin", Phase.BUILD, writes=_project, valued=_VALUED, source=_YARN),
        Step("yarn config|-v|--version|list|why", Phase.CHECK, valued=_VALUED, source=_YARN),
        Step("yarn cache dir|list", Phase.CHECK, valued=_VALUED, source=_YARN),
        Step(
            "yarn",
            Phase.INSTALL,
            writes=_yarn_modules,
            caches=_yarn_cache,
            valued=_VALUED,
            when=lambda arguments: not arguments.positionals,
            install=_install("yarn install", "/usr/local/share/.cache/yarn"),
            source=_YARN,
        ),
        Step("yarn", Phase.BUILD, writes=_ran, valued=_VALUED, source=_YARN),
        Step(
            "pnpm install|i|add|fetch|ci",
            Phase.INSTALL,
            writes=_pnpm_modules,
            caches=_pnpm_caches,
            valued=_VALUED,
            install=_install("pnpm install", "~/.local/share/pnpm/store"),
            source=_PNPM,
        ),
        Step("pnpm prune", Phase.PRUNE, writes=_modules, valued=_VALUED, source=_PNPM),
        Step("pnpm config set|delete", Phase.CHECK, writes=here("~/.config/pnpm/rc"), tree=False, valued=_VALUED, source=_PNPM),
        Step("pnpm store", Phase.CHECK, caches=_pnpm_caches, valued=_VALUED, source=_PNPM),
        Step("pnpm config|-v|--version", Phase.CHECK, valued=_VALUED, source=_PNPM),
        Step("pnpm deploy", Phase.BUILD, writes=both(_project, _deployed), valued=_VALUED, source=_PNPM),
        Step("pnpm", Phase.BUILD, writes=_ran, valued=_VALUED, source=_PNPM),
        Step("corepack enable|disable", Phase.SETUP, writes=here("/usr/local/bin"), source="nodejs.org/api/corepack.html"),
        Step("corepack", Phase.SETUP, writes=here("~/.cache/node/corepack", "/usr/local/bin"), source="nodejs.org/api/corepack.html"),
        Step("node --version|-v|-e|-p", Phase.CHECK, source="nodejs.org/api/cli.html"),
        Step("node|nodejs|ts-node|tsx", Phase.BUILD, writes=_scripted, source="nodejs.org/api/cli.html"),
        Step("tsc", Phase.BUILD, writes=_transpiled, valued=frozenset({"-p", "--project", *OUTPUTS}), source="typescriptlang.org/docs"),
        *(
            Step(command, Phase.BUILD, writes=_bundled, valued=frozenset(OUTPUTS), source="the tool writes below its project folder")
            for command in _RUNNERS
        ),
    ),
    prunes=(
        Prune("npm install", "npm prune --omit=dev", "node", 16),
        Prune("npm install", "npm prune --production", "node", 6),
        Prune("yarn install", "yarn install --production --ignore-scripts --prefer-offline", "node", 6),
        # pnpm.io/cli/prune: "does not support recursive execution on a monorepo".
        Prune("pnpm install", "pnpm prune --prod", "node", 16, unless="pnpm-workspace.yaml"),
    ),
    local_references=local_references,
    packages_of=packages_of,
    # prisma generates its client into node_modules, patch-package edits packages there, and so does a link to another package.
    alters_dependencies=("node_modules", "prisma", "patch-package", "rebuild", "workspaces", "npm link ", "yarn link ", "pnpm link "),
    downloads=True,
    source_endings=(".js", ".mjs", ".cjs", ".ts"),
    toolchain=(
        *("nodejs", "nodejs-current", "nodejs-lts", "nodejs-legacy", "nodejs-npm", "npm", "yarn", "yarnpkg"),
        *("node-typescript", "webpack", "node-gyp"),
    ),
    # github.com/nodejs/node-gyp#installation: Python, make and a C++ compiler; the latter two only serve building anyway.
    build_packages=(
        "python",
        "python2",
        "python2-dev",
        "python-dev",
        "python3",
        "python3-dev",
        "python3-minimal",
        "python3-pip",
        "python3-setuptools",
        "python3-distutils",
        "python-is-python3",
        "py3-pip",
        "py3-setuptools",
    ),
    runners=("npm", "npx", "yarn", "pnpm", "tsx", "ts-node", "serve", "pm2"),
)
