"""Remove development dependencies before they are copied.

Why: what only building and testing need is often the larger part of the installed packages.

Not where: the manifest is not known, the program starts a command of a development dependency or imports one, or the installed packages are not
copied.

Source: https://docs.npmjs.com/cli/commands/npm-prune

before:
    FROM node:22 AS build
    WORKDIR /app
    COPY . .
    RUN npm ci
    RUN npm run build

    FROM node:22-slim
    WORKDIR /app
    COPY --from=build /app /app
    CMD ["node", "dist/server.js"]

after:
    FROM node:22 AS build
    WORKDIR /app
    COPY . .
    RUN npm ci
    RUN npm run build
    RUN npm prune --omit=dev

    FROM node:22-slim
    WORKDIR /app
    COPY --from=build /app /app
    CMD ["node", "dist/server.js"]
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping

from service.ecosystems import ECOSYSTEMS, Ecosystem, Prune
from service.ecosystems.node import own_commands
from service.ecosystems.nodeimports import imports_development
from service.image.effects import LanguageInstall, Phase
from service.image.history import History, below
from service.image.image import StageImage
from service.image.toolchains import called
from service.knowledge.programs import PROGRAMS
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts
from service.refactoring.result import Remark

_BY = "prune_development"
_PLAIN = frozenset(
    {"node", "nodejs", "npm", "yarn", "pnpm", "sh", "bash", "tini", "dumb-init", "exec", "cd", "echo", "set", "export", "env", "cross-env"}
)

_CHECKING = "ts-node"
_UNTYPED = frozenset({"-T", "--transpile-only", "--transpileOnly", "--swc", "ts-node/register/transpile-only"})
_LOADING = frozenset({"-r", "--require", "--import", "--loader", "--experimental-loader"})
"""nodejs.org/api/cli.html: options that load a package before the program."""
_GENERAL = frozenset(
    name for ecosystem in ECOSYSTEMS if not ecosystem.manifests for step in ecosystem.steps for name in step.command.split()[0].split("|")
)
"""Commands of the shell and the system, which no package of a language brings."""


def prune_development(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """Only where package.json is known, and every command the program starts is a production dependency's."""
    early = _production_first(facts)
    if early is not None:
        yield draft.note(early)
    if len(facts.image.stages) != 2:
        return
    build = facts.image.stages[0]
    installs = [
        install
        for layer in build.layers
        for install in layer.installs
        if install.ecosystem == "node" and not install.production and not install.packages
    ]
    pruned = any(act.phase is Phase.PRUNE or (act.install is not None and act.install.production) for layer in build.layers for act in layer.acts)
    if len(installs) != 1 or pruned:
        return
    removed = any(below(installs[0].target, path) for layer in build.layers for path in layer.deletes)
    if removed:
        return
    if _unused(installs[0], facts) and _ships(installs[0], facts):
        folder = posixpath.basename(installs[0].target)
        because = f"nothing in the image runs {installs[0].ecosystem}: {folder} only served the build"
        yield draft.insert(facts.offset(facts.final), f"RUN rm -rf {folder}", Reason(_BY, "build-dependencies", because))
        return
    reason = _keeps(installs[0], build, facts)
    if reason is not None:
        yield draft.decline(_BY, *reason)
        return
    prune = _command(installs[0], build, facts)
    if prune is None or not _ships(installs[0], facts):
        return
    offset = facts.offset(facts.final)
    yield draft.insert(
        offset,
        f"RUN {prune.command}",
        Reason(_BY, "development-dependencies", "the program runs on production dependencies; the build no longer needs the others"),
    )


def _unused(install: LanguageInstall, facts: Facts) -> bool:
    """Whether the program is another language's and calls nothing of this one."""
    ecosystem = next(one for one in ECOSYSTEMS if one.name == install.ecosystem)
    acts = tuple(act for stage in facts.image.stages for layer in stage.layers for act in layer.acts)
    known = bool(facts.program.names) and not facts.program.unread and facts.view.context.complete
    inside = any(below(path, install.target) for path in facts.program.paths())
    return known and not inside and not called(ecosystem, facts.program, facts.view, acts)


def _production_first(facts: Facts) -> Remark | None:
    """NODE_ENV=production before an install that a build follows: the order is the author's, what it does is worth a word."""
    for stage in facts.image.stages:
        acts = [(layer.instruction.lines, act) for layer in stage.layers for act in layer.acts]
        for place, (lines, act) in enumerate(acts):
            by_env = act.install is not None and act.install.production and not any(word and word.startswith("--") for word in act.words)
            if by_env and act.ecosystem == "node" and any(other.phase is Phase.BUILD and other.ecosystem == "node" for _, other in acts[place + 1 :]):
                because = "NODE_ENV=production leaves development dependencies out of the install, and a build follows; `--include=dev` keeps them"
                return Remark("analysis", _BY, "production-before-build", because, after=lines)
    return None


def _keeps(install: LanguageInstall, build: StageImage, facts: Facts) -> tuple[str, str, tuple[str, ...]] | None:
    """Why everything stays: (code, reason, missing files)."""
    path = next((path for path in install.manifests if path.endswith("package.json")), "package.json")
    content = facts.context.files.get(path)
    if content is None:
        return "missing-context", f"without {path} nobody can say which dependencies the program needs", (path,)
    development, production = _sections(content)
    if not development:
        return "no-development-dependencies", f"{path} has no development dependencies", ()
    system = PROGRAMS | build.state.base.programs | facts.final.state.base.programs | _GENERAL
    for name in sorted(facts.program.names - _PLAIN - (system - development.keys()) - own_commands(content).keys()):
        if name in development and name not in production:
            return "runs-development-dependency", f"the program starts {name}, a development dependency", ()
        if (
            not any(name == call.name and call.words[0] and "/" in call.words[0] for call in facts.program.calls)
            and name not in production
            and not name.startswith("./")
        ):
            return "unknown-command", f"which package the command {name} comes from is not known", ()
    checking = _checks_types(facts)
    if checking and any(name.startswith("@types/") for name in development):
        return "runs-development-dependency", f"{checking} checks types when it starts, by development dependencies", ()
    given = next((word for word in _given(facts) if word in development and word not in production), None)
    if given is not None:
        return "runs-development-dependency", f"the program is started with {given}, a development dependency", ()
    imported = imports_development(posixpath.dirname(path), facts.context.files, development.keys() - production.keys())
    if imported is not None:
        return "imports-development-dependency", f"{imported[0]} imports {imported[1]}, a development dependency", ()
    if any(posixpath.basename(file) == "next.config.ts" for file in facts.context.files) and "typescript" in development:
        return "runs-development-dependency", "next.config.ts is read at run time by typescript, a development dependency", ()
    return None


def _checks_types(facts: Facts) -> str:
    """What compiles TypeScript with its types when the program starts; empty where nothing does (typestrong.org/ts-node/docs/options)."""
    calls = [call for call in facts.program.calls if any(_CHECKING in (word or "") for word in call.words)]
    untyped = any(word in _UNTYPED for call in calls for word in call.words) or facts.image.config.env_value("TS_NODE_TRANSPILE_ONLY")
    return _CHECKING if calls and not untyped else ""


def _given(facts: Facts) -> Iterator[str]:
    """The packages that node is told to load before the program (`node -r dotenv/config server.js`)."""
    for call in facts.program.calls:
        for option, word in zip(call.words, call.words[1:], strict=False):
            name, _, value = (option or "").partition("=")
            loaded = value or word if name in _LOADING else None
            if loaded and not loaded.startswith((".", "/")):
                parts = loaded.split("/")
                yield "/".join(parts[:2]) if loaded.startswith("@") else parts[0]


def _sections(content: str) -> tuple[Mapping[str, object], Mapping[str, object]]:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return {}, {}
    sections = [data.get(name) if isinstance(data, dict) else None for name in ("devDependencies", "dependencies")]
    return tuple(section if isinstance(section, dict) else {} for section in sections)  # type: ignore[return-value]


def _command(install: LanguageInstall, build: StageImage, facts: Facts) -> Prune | None:
    """The first way to prune that the base's version knows, and that holds for the project."""
    base = build.state.base
    major = base.version.split(".")[0]
    for ecosystem in ECOSYSTEMS:
        for prune in ecosystem.prunes if ecosystem.name == install.ecosystem else ():
            known = int(major) if base.family == prune.program and major.isdigit() else None
            if prune.manager == install.step and (known is None or known >= prune.since) and not _several(ecosystem, prune.unless, install, facts):
                return prune
    return None


def _several(ecosystem: Ecosystem, name: str, install: LanguageInstall, facts: Facts) -> bool:
    """Whether the project has a manifest that names other packages of the repository, as far as anyone can tell."""
    paths = [path for path in facts.context.files if name and posixpath.basename(path) == name]
    beside = [path for path in paths if any(posixpath.dirname(path) == posixpath.dirname(manifest) for manifest in install.manifests)]
    read = ecosystem.local_references
    return any(content is None or read is None or read(name, content) is None for path in beside for content in [facts.context.files[path]])


def _ships(install: LanguageInstall, facts: Facts) -> bool:
    """Whether node_modules is copied, and the last folder of the build stage is the project's, where the command will run."""
    build = facts.image.stages[0]
    copied = [write for layer in facts.final.layers for write in layer.writes if write.origin.startswith("stage:")]
    inside = any(below(install.target, write.origin.split(":", 2)[-1].partition(" ")[0]) for write in copied)
    return inside and build.state.config.workdir == posixpath.dirname(install.target) and bool(History(facts.image).of(install.target))
