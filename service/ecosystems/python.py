"""Python: pip, virtual environments, pipenv, poetry, uv."""

from __future__ import annotations

import json
import tomllib

from service.ecosystems import environments
from service.ecosystems.model import Ecosystem, Manifest, Step
from service.ecosystems.rules import here, option, positionals, unknown
from service.ecosystems.setuppy import configured, required
from service.image.effects import Phase

_PIP = "pip documentation (pip.pypa.io), sysconfig's posix_prefix scheme"
_VALUED = frozenset(
    {
        "-r",
        "--requirement",
        "-c",
        "--constraint",
        "-i",
        "--index-url",
        "--extra-index-url",
        "-f",
        "--find-links",
        "-t",
        "--target",
        "--prefix",
        "--root",
        "-e",
        "--editable",
        "--trusted-host",
        "--timeout",
        "--default-timeout",
        "--no-binary",
        "--only-binary",
        "--platform",
        "--python",
        "-p",
        "--cache-dir",
        "--retries",
        "--proxy",
        "--global-option",
        "--install-option",
        "--src",
        "-d",
        "--group",
        "--extra",
        "--upgrade-strategy",
        "--python-version",
        "--index",
        "--only",
        "--with",
        "--without",
        "-E",
        "--extras",
        "--config-settings",
        "--progress-bar",
        "--python-preference",
        "--no-install-package",
    }
)


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """`-r other.txt`, `-c`, `-e .` and paths in a requirements file; what else a project file needs cannot be told (its build runs code)."""
    if not name.endswith((".txt", ".in")):
        return () if name in ("Pipfile", "Pipfile.lock", "poetry.lock", "uv.lock") else None
    found: list[str] = []
    for line in content.splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0] in ("-r", "--requirement", "-c", "--constraint", "-e", "--editable") and len(words) > 1:
            found.append(words[1].partition("[")[0])
        elif words[0].startswith(("--requirement=", "--constraint=", "--editable=")):
            found.append(words[0].partition("=")[2].partition("[")[0])
        elif words[0].startswith(("-r", "-c", "-e")) and len(words[0]) > 2 and not words[0].startswith("--"):
            found.append(words[0][2:].partition("[")[0])
        elif words[0].startswith(("./", "../", "file:")) or words[0] == ".":
            found.append(words[0].removeprefix("file:").partition("[")[0])
        elif "@" in words and words[-1].startswith(("file:", "./", "../")):
            found.append(words[-1].removeprefix("file:"))
    return tuple(path for path in found if not path.startswith(("git+", "http:", "https:")))


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """The distributions that a requirements file, a Pipfile, a lock, a pyproject.toml or a setup.py names; None where it cannot be read."""
    if name.endswith((".txt", ".in")):
        return tuple(found for line in content.splitlines() for found in [_distribution(line)] if found)
    if name in ("setup.py", "setup.cfg"):
        lines = required(content) if name == "setup.py" else configured(content)
        return None if lines is None else tuple(found for line in lines for found in [_distribution(line)] if found)
    try:
        data = json.loads(content) if name == "Pipfile.lock" else tomllib.loads(content) if name.endswith((".toml", ".lock", "Pipfile")) else {}
    except (ValueError, RecursionError):
        return None
    if name == "Pipfile.lock":
        return tuple(package for section in ("default", "develop") for package in _keys(data.get(section)))
    if name == "Pipfile":
        return tuple(package for section in ("packages", "dev-packages") for package in _keys(data.get(section)))
    if name.endswith(".lock"):
        rows = data.get("package")
        return tuple(row["name"] for row in rows if isinstance(row, dict) and isinstance(row.get("name"), str)) if isinstance(rows, list) else ()
    project, tool = _table(data, "project"), _table(_table(data, "tool"), "poetry")
    listed = project.get("dependencies")
    names = [_distribution(line) for line in listed if isinstance(line, str)] if isinstance(listed, list) else []
    return tuple(found for found in (*names, *_keys(tool.get("dependencies"))) if found and found != "python")


def _table(data: object, name: str) -> dict[str, object]:
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def _keys(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, dict) else ()


def _distribution(line: str) -> str:
    """The name in front of extras, versions and markers (PEP 508); empty for options, comments and addresses without a name."""
    text = line.split("#")[0].strip()
    if not text or text.startswith(("-", ".", "/")) or "://" in text.partition("@")[0]:
        return text.partition("#egg=")[2] if "#egg=" in line else ""
    end = next((index for index, letter in enumerate(text) if not (letter.isalnum() or letter in "._-")), len(text))
    return text[:end]


_TESTS = "test tools: their reports are nobody's input"
_PYTHONS = "|".join(["python", "python2", "python2.7", "python3", *(f"python3.{minor}" for minor in range(5, 16)), "pypy", "pypy3"])
_PIPS = "pip|pip2|pip3|pip3.8|pip3.9|pip3.10|pip3.11|pip3.12|pip3.13|pip2.7"

ECOSYSTEM = Ecosystem(
    name="python",
    summary="Python packages, virtual environments and projects",
    images=("python", "pypy"),
    manifests=(
        Manifest(("requirements*.txt", "requirements*.in"), ("requirements*.txt", "requirements*.in", "constraints*.txt")),
        Manifest(("Pipfile",), ("Pipfile", "Pipfile.lock")),
        Manifest(("pyproject.toml",), ("pyproject.toml", "poetry.lock", "uv.lock", "pdm.lock")),
    ),
    interpreters=("python", "python3", "python2", "pypy", "pypy3"),
    modules=(("mkdocs", "mkdocs"), ("sphinx", "sphinx-build")),
    development=("ipython", "pytest", "tox", "nox", "jupyter", "bpython", "ptw", "watchmedo"),
    build_env=("PIP_*", "POETRY_*", "PIPENV_*", "UV_*"),
    steps=(
        Step(
            f"{_PIPS} install",
            Phase.INSTALL,
            writes=environments.installed,
            caches=environments.cache,
            valued=_VALUED,
            install=environments.requirements,
            source=_PIP,
        ),
        Step(
            f"{_PYTHONS} -m pip install",
            Phase.INSTALL,
            writes=environments.installed,
            caches=environments.cache,
            valued=_VALUED - {"-c"},
            install=environments.requirements,
            source=_PIP,
        ),
        Step(
            f"{_PIPS} wheel|download",
            Phase.INSTALL,
            writes=option("-w", "--wheel-dir", "-d", "--dest", otherwise=here(".")),
            caches=environments.cache,
            valued=_VALUED | {"-w", "--wheel-dir", "--dest"},
            source=_PIP,
        ),
        Step(
            "opentelemetry-bootstrap",
            Phase.INSTALL,
            writes=environments.bootstrapped,
            caches=environments.cache,
            valued=frozenset({"-a", "--action"}),
            install=environments.instrumentation,
            source="opentelemetry.io/docs/zero-code/python: -a install runs pip for the libraries that are installed; else it prints what it would",
        ),
        Step(f"{_PIPS} uninstall", Phase.INSTALL, writes=environments.installed, valued=_VALUED, source=_PIP),
        Step(
            f"{_PYTHONS} -m pip wheel|download",
            Phase.INSTALL,
            writes=option("-w", "--wheel-dir", "-d", "--dest", otherwise=here(".")),
            caches=environments.cache,
            valued=_VALUED - {"-c"} | {"-w", "--wheel-dir", "--dest"},
            source=_PIP,
        ),
        Step(f"{_PYTHONS} -m pip uninstall", Phase.INSTALL, writes=environments.installed, valued=_VALUED - {"-c"}, source=_PIP),
        Step(f"{_PIPS} config set|edit|unset", Phase.CHECK, writes=environments.configured, tree=False, source=_PIP),
        Step(f"{_PYTHONS} -m pip config set|edit|unset", Phase.CHECK, writes=environments.configured, tree=False, source=_PIP),
        Step(f"{_PIPS} cache purge|remove", Phase.CLEAN, deletes=environments.cache, source=_PIP),
        Step(f"{_PYTHONS} -m pip cache purge|remove", Phase.CLEAN, deletes=environments.cache, source=_PIP),
        Step(f"{_PIPS} cache|config|list|freeze|check|show", Phase.CHECK, source=_PIP),
        Step(f"{_PYTHONS} -m pip cache|config|list|freeze|check|show", Phase.CHECK, source=_PIP),
        Step(
            f"{_PYTHONS} -m venv",
            Phase.INSTALL,
            writes=environments.folders,
            valued=frozenset({"--prompt"}),
            source="docs.python.org/3/library/venv.html",
        ),
        Step(
            f"{_PYTHONS} -m virtualenv",
            Phase.INSTALL,
            writes=environments.folders,
            caches=here("~/.cache/virtualenv"),
            valued=frozenset({"-p", "--python", "--prompt"}),
            source="virtualenv documentation",
        ),
        Step(
            "virtualenv",
            Phase.INSTALL,
            writes=environments.folders,
            caches=here("~/.cache/virtualenv"),
            valued=frozenset({"-p", "--python", "--prompt"}),
            source="virtualenv documentation",
        ),
        Step(
            f"{_PYTHONS} -m compileall|py_compile",
            Phase.BUILD,
            writes=environments.compiled,
            valued=frozenset({"-x", "-d", "-s", "-p", "-j", "-r", "-i", "-o", "-e", "--invalidation-mode"}),
            source="docs.python.org/3/library/compileall.html",
        ),
        Step(
            f"{_PYTHONS} setup.py install|develop|bdist_wheel|build|build_ext|sdist",
            Phase.BUILD,
            writes=environments.built,
            install=environments.set_up,
            valued=frozenset({"--prefix", "--root", "--home", "-d", "--dist-dir", "--install-dir", "--record"}),
            source="setuptools documentation",
        ),
        Step(
            f"{_PYTHONS} manage.py collectstatic|compilemessages|migrate|compress",
            Phase.RUN,
            writes=unknown,
            source="docs.djangoproject.com/en/stable/ref/django-admin: STATIC_ROOT and DATABASES say where",
        ),
        Step(
            "mkdocs build",
            Phase.BUILD,
            writes=option("-d", "--site-dir", otherwise=here("site")),
            valued=frozenset({"-d", "--site-dir", "-f", "--config-file", "-t", "--theme"}),
            source="mkdocs.org/user-guide/cli",
        ),
        Step(
            "sphinx-build",
            Phase.BUILD,
            writes=positionals(1, 2),
            valued=frozenset({"-b", "-c", "-d", "-j", "-D", "-A", "-t"}),
            source="sphinx-doc.org/en/master/man/sphinx-build.html",
        ),
        Step(f"{_PYTHONS} --version|-V", Phase.CHECK, source="python(1)"),
        Step(f"{_PYTHONS} -m pytest|unittest|nose|nose2|doctest|flake8|mypy|pylint|pycodestyle|bandit", Phase.CHECK, source=_TESTS),
        Step("pytest|py.test|nosetests|nose2|flake8|mypy|pylint|pycodestyle|pydocstyle|bandit|pip-audit|safety", Phase.CHECK, source=_TESTS),
        Step("ruff check", Phase.CHECK, source=_TESTS),
        Step("coverage run|report|xml|html", Phase.CHECK, source=_TESTS),
        Step(
            "pipenv install|sync",
            Phase.INSTALL,
            writes=environments.pipenv,
            caches=here("~/.cache/pipenv", "~/.cache/pip", "~/.cache/virtualenv"),
            valued=_VALUED,
            install=environments.project("pipenv install", "Pipfile", "Pipfile.lock"),
            source="pipenv documentation",
        ),
        Step(
            "pipenv lock|requirements|check|clean",
            Phase.INSTALL,
            writes=environments.pipenv_locked,
            caches=here("~/.cache/pipenv", "~/.cache/pip", "~/.cache/virtualenv"),
            source="pipenv documentation",
        ),
        Step(
            "poetry install|sync|update|add",
            Phase.INSTALL,
            writes=environments.poetry,
            caches=environments.poetry_cache,
            valued=_VALUED | {"-C", "--directory", "-P", "--project"},
            install=environments.project("poetry install", "pyproject.toml", "poetry.lock", production=("--no-dev", "--only", "--without")),
            source="python-poetry.org/docs",
        ),
        Step(
            "poetry config|self",
            Phase.INSTALL,
            writes=environments.poetry_settings,
            valued=_VALUED,
            source="python-poetry.org/docs",
        ),
        Step(
            "poetry export|build|lock|version|check",
            Phase.INSTALL,
            writes=environments.poetry_made,
            caches=environments.poetry_stores,
            valued=_VALUED | {"-o", "--output", "-C", "--directory", "-P", "--project"},
            source="python-poetry.org/docs",
        ),
        Step(
            "uv sync",
            Phase.INSTALL,
            writes=environments.uv_sync,
            caches=environments.uv_cache,
            valued=_VALUED | {"--project", "--directory", "--link-mode", "--no-group", "--only-group", "--no-extra", "--package"},
            install=environments.project("uv sync", "pyproject.toml", "uv.lock", production=("--no-dev",)),
            source="docs.astral.sh/uv",
        ),
        Step(
            "uv pip install|sync",
            Phase.INSTALL,
            writes=environments.uv,
            caches=environments.uv_cache,
            valued=_VALUED | {"--link-mode"},
            install=environments.requirements,
            source="docs.astral.sh/uv",
        ),
        Step("uv venv", Phase.INSTALL, writes=environments.uv_venv, caches=environments.uv_cache, valued=_VALUED, source="docs.astral.sh/uv"),
    ),
    local_references=local_references,
    packages_of=packages_of,
    downloads=True,
    source_endings=(".py",),
    toolchain=(
        "python",
        "python2",
        "python3",
        "python3-minimal",
        "python-is-python3",
        "python3-dev",
        "python3-all-dev",
        "python-dev",
        "python-dev-is-python3",
        "libpython3-dev",
        "python-pip",
        "python3-pip",
        "python3-venv",
        "python3-virtualenv",
        "python3-setuptools",
        "python3-wheel",
        "python3-distutils",
        "pipx",
        "pipenv",
    ),
    runners=("pip", "pip3", "gunicorn", "uvicorn", "flask", "celery", "uwsgi"),
)
