"""What an install command of Python asks for, from its words and the manifests that the build context brought."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from service.context import BuildContext
from service.image.effects import Act, Kind
from service.knowledge.pip import Request
from service.sizing.pythonlocks import poetry_lock, uv_lock
from service.sizing.requirements import Listed, pipfile, pipfile_lock, project_file, requirement, requirements_file
from service.sizing.setuptools import setup_cfg, setup_py

_MOST_FILES = 50
_PIP_STEPS = ("pip install", "uv pip install")
_COMPILING = {"pip install": True, "pipenv install": True, "uv pip install": False, "uv sync": False, "poetry install": False}
"""Whether bytecode is written by default: pip's --compile, `uv pip install --compile-bytecode`, `poetry install --compile` (their documentation)."""
_SEEDED = frozenset({"poetry install", "pipenv install"})
_INDEX_OPTIONS = ("--index-url", "--extra-index-url", "--index", "--default-index", "-f", "--find-links")
_INDEX_VARIABLES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_INDEX", "UV_DEFAULT_INDEX")
_PINNED, _FREE = 0.01, 0.03
"""How far the resolver's own choice moves the whole: with everything pinned, and otherwise."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`unknown` counts what no index names; `locked`: a lock with everything pinned decides. `apart`: the command installs where nothing is yet
    (a target folder); `anew`: whatever is there. `without_gpu`: from an index of builds for the CPU. `resolution` is a fraction of the whole."""

    requests: tuple[Request, ...]
    unknown: int = 0
    locked: bool = False
    dependencies: bool = True
    bytecode: bool = True
    bytecode_unsure: bool = False
    upgrade: bool = False
    apart: bool = False
    anew: bool = False
    without_gpu: bool = False
    resolution: float = _FREE


def wanted(act: Act, context: BuildContext, minor: int, env: Mapping[str, str]) -> Wanted | None:
    """None where nothing is known of what is asked for: a manifest whose content was not sent, or none at all."""
    words = [word for word in act.words if word is not None]
    install = act.install
    step = install.step if install is not None else ""
    listed = _by_pip(act, context, minor, words) if act.step in _PIP_STEPS else _by_project(act, context, minor, words, env)
    if listed is None:
        return None
    if act.step in _SEEDED and _own_environment(act, env):
        listed = replace(listed, requests=(*listed.requests, Request("pip", alone=True)))
    compiling = _COMPILING.get(act.step, _COMPILING.get(step, True))
    told = _flag(words, "--compile", "--compile-bytecode") or env.get("UV_COMPILE_BYTECODE", "").lower() in ("1", "true", "yes", "on")
    pinned = listed.locked or all(any(operator == "==" for operator, _ in each.bounds) for each in listed.requests)
    return Wanted(
        listed.requests,
        listed.unknown,
        listed.locked,
        dependencies=not _flag(words, "--no-deps"),
        bytecode=(compiling or told) and not _flag(words, "--no-compile", "--no-compile-bytecode"),
        bytecode_unsure=not compiling and not told,
        upgrade=_flag(words, "-U", "--upgrade", "--force-reinstall", "-I", "--ignore-installed"),
        apart=act.step in _SEEDED and _own_environment(act, env) or any(_value(words, name) for name in ("-t", "--target", "--prefix", "--root")),
        anew=_flag(words, "--force-reinstall", "-I", "--ignore-installed"),
        without_gpu=_without_gpu(listed, words, env),
        resolution=_PINNED if pinned else _FREE,
    )


def _own_environment(act: Act, env: Mapping[str, str]) -> bool:
    """Whether poetry or pipenv makes a virtual environment, which virtualenv seeds with pip: where the command's writes lie beside the system's."""
    places = [write.path for write in act.writes if write.kind is not Kind.CACHE]
    return any(".venv" in path or "virtualenvs" in path for path in places) and not any(
        path.startswith("/usr/local") for path in places if "virtualenvs" not in path
    )


def _without_gpu(listed: Listed, words: Sequence[str], env: Mapping[str, str]) -> bool:
    """An index that ends in `/cpu` (as PyTorch's), or versions for it (`2.1.0+cpu`)."""
    named = (*listed.indexes, *_values(words, "-i", *_INDEX_OPTIONS), *(env.get(name, "") for name in _INDEX_VARIABLES))
    return any(part.rstrip("/").endswith("/cpu") for text in named for part in text.split()) or any(
        version.endswith("+cpu") for each in listed.requests for _, version in each.bounds
    )


def _by_pip(act: Act, context: BuildContext, minor: int, words: Sequence[str]) -> Listed | None:
    """Named packages, requirement files with those that they include, constraints, projects of the context."""
    install = act.install
    if install is None:
        return None
    parts = [_named(install.packages, minor)]
    texts = {path: context.files.get(path) for path in install.manifests}
    requirements = [path for path in install.manifests if not path.endswith((".toml", ".py", ".cfg"))]
    asked = sum(word in ("-r", "--requirement") or word.startswith(("--requirement=", "-r")) and word != "-r" for word in words)
    lost = asked > len(requirements) or any(texts[path] is None for path in requirements)
    parts += _included(requirements, context, minor)
    projects = [path for path in install.manifests if path.endswith("pyproject.toml") and texts[path]]
    extras = tuple(each for word in words if word.startswith(".") and "[" in word for each in word.partition("[")[2].rstrip("]").split(","))
    legacy = [path for path in install.manifests if path.endswith(("setup.cfg", "setup.py")) and texts[path]]
    parts += [_setuptools(path, texts[path] or "", minor) for path in legacy]
    parts += [found for path in projects for found in [project_file(texts[path] or "", minor, extras, False)] if found]
    if not any(part.requests or part.unknown for part in parts):
        return None
    whole = _joined(parts)
    return replace(_constrained(whole, act, context, minor, words), unknown=whole.unknown + 3 * lost)


def _named(packages: Sequence[str], minor: int) -> Listed:
    found = [requirement(word[:4_000], minor) for word in packages[:2_000]]
    return Listed(tuple(each for each in found if isinstance(each, Request)), unknown=sum(each is None for each in found))


def _setuptools(path: str, text: str, minor: int) -> Listed:
    """Literal requirements of a project of setuptools; nothing where its pyproject.toml or a computation says them."""
    return _named((setup_cfg(text) if path.endswith(".cfg") else setup_py(text)) or (), minor)


def _included(paths: Sequence[str], context: BuildContext, minor: int) -> list[Listed]:
    """The files and those that they name, each once; constraints apply to all."""
    queue, seen, found = list(paths), set(paths), []
    for path in queue:
        text = context.files.get(path)
        if text is None:
            continue
        listed = requirements_file(text, minor)
        found.append(listed)
        for name in listed.files:
            other = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
            if other not in seen and len(seen) < _MOST_FILES:
                seen.add(other)
                queue.append(other)
        beside = (posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) for name in listed.constraints[:_MOST_FILES])
        found += [Listed(constraints=tuple(beside))]
    return [replace(each, constraints=()) if each.requests else each for each in found]


def _constrained(listed: Listed, act: Act, context: BuildContext, minor: int, words: Sequence[str]) -> Listed:
    """With the bounds of `-c` files, by a further request for each distribution that has one: it brings nothing by itself."""
    install = act.install
    folder = posixpath.dirname(install.manifests[0]) if install is not None and install.manifests else ""
    named = list(_values(words, "-c", "--constraint"))
    paths = [*listed.constraints, *(posixpath.normpath(posixpath.join(folder, posixpath.basename(name))) for name in named)]
    texts = [text for path in paths[:_MOST_FILES] for text in [context.files.get(path)] if text]
    bounds = {each.name: each.bounds for text in texts for each in requirements_file(text, minor).requests}
    if not bounds:
        return listed
    return replace(listed, requests=tuple(replace(each, bounds=(*each.bounds, *bounds.get(each.name, ()))) for each in listed.requests))


def _by_project(act: Act, context: BuildContext, minor: int, words: Sequence[str], env: Mapping[str, str]) -> Listed | None:
    """The lock where it was sent, else the project's own table."""
    install = act.install
    texts = {posixpath.basename(path): context.files.get(path) for path in install.manifests} if install is not None else {}
    extras = tuple(each for name in ("--extra", "-E", "--extras") for value in _values(words, name) for each in value.replace(",", " ").split())
    development = _development(act.step, words, env)
    project = texts.get("pyproject.toml")
    listed = project_file(project, minor, extras, development) if project else None
    if text := texts.get("uv.lock"):
        return uv_lock(text, minor, extras, development)
    if text := texts.get("poetry.lock"):
        return poetry_lock(text, minor, development, listed.requests if listed is not None else ())
    if text := texts.get("Pipfile.lock"):
        return pipfile_lock(text, minor, development)
    if text := texts.get("Pipfile"):
        return pipfile(text, minor, development)
    return listed


def _development(step: str, words: Sequence[str], env: Mapping[str, str]) -> bool:
    """pipenv leaves development packages out unless told, poetry and uv bring them unless told."""
    if step == "pipenv install":
        return _flag(words, "--dev", "-d")
    without = ",".join([*_values(words, "--without"), *_values(words, "--no-group")])
    only = ",".join(_values(words, "--only"))
    if _flag(words, "--no-dev", "--only-root", "--no-default-groups") or "dev" in without or (only and "dev" not in only):
        return False
    return "dev" not in env.get("POETRY_WITHOUT", "") and env.get("UV_NO_DEV", "") not in ("1", "true")


def _joined(parts: Sequence[Listed]) -> Listed:
    return Listed(
        tuple(each for part in parts for each in part.requests),
        constraints=tuple(path for part in parts for path in part.constraints),
        unknown=sum(part.unknown for part in parts),
        indexes=tuple(address for part in parts for address in part.indexes),
        locked=all(part.locked for part in parts if part.requests or part.unknown),
    )


def _flag(words: Sequence[str], *names: str) -> bool:
    return any(word in names for word in words)


def _value(words: Sequence[str], name: str) -> str | None:
    return next(_values(words, name), None)


def _values(words: Sequence[str], *names: str) -> Iterator[str]:
    for position, word in enumerate(words):
        if word in names and position + 1 < len(words):
            yield words[position + 1]
        elif word.startswith(tuple(f"{name}=" for name in names if name.startswith("--"))):
            yield word.partition("=")[2]
