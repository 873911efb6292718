"""Python: pip, virtual environments, pipenv, poetry, uv."""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from collections.abc import Callable

from service.ecosystems.condaroots import active as environment_of_conda
from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import here, option, positionals, unknown
from service.image.effects import LanguageInstall, Phase

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


def environment(invocation: Invocation, program: str = "") -> str | None:
    """The virtual environment that a program belongs to, or that PATH puts first."""
    if "/" in program and posixpath.basename(posixpath.dirname(program)) == "bin":
        folder = posixpath.dirname(posixpath.dirname(invocation.path(program)))
        return None if folder in ("/usr", "/usr/local", "/") else folder
    conda = environment_of_conda(invocation)
    if conda is not None:
        return conda
    active = invocation.env.get("VIRTUAL_ENV")
    first = invocation.env.get("PATH", "").split(":")[0]
    if active and (not first or first.startswith(active)):
        return active
    known = ("/usr", "/usr/local", "/", "")
    if posixpath.basename(first) == "bin" and posixpath.dirname(first) not in known and first not in ("/bin", "/sbin", "/go/bin"):
        folder = posixpath.dirname(first)
        named = any(mark in folder for mark in ("venv", "env", "virtualenv", "conda"))
        return folder if named or any(write.path == folder for act in invocation.before() if act.step in _MAKERS for write in act.writes) else None
    return None


_MAKERS = frozenset({"python -m venv", "python -m virtualenv", "virtualenv", "uv venv"})


_DISTRIBUTIONS = frozenset(
    {
        "debian",
        "ubuntu",
        "buildpack-deps",
        "node",
        "golang",
        "rust",
        "ruby",
        "openjdk",
        "eclipse-temurin",
        "nginx",
        "php",
        "maven",
        "gradle",
        "httpd",
        "perl",
        "gcc",
    }
)


_SHARING = frozenset({"nvidia/cuda", "nvcr.io/nvidia/cuda"})
"""Images that keep something of their own in /usr/local."""
_MINORS = {"bionic": "3.6", "focal": "3.8", "jammy": "3.10", "noble": "3.12"}
"""Ubuntu's own Python by release (packages.ubuntu.com/python3)."""
_VERSIONED = re.compile(r"(?:python|pip)(3\.\d{1,2})")


def _minor(invocation: Invocation) -> str | None:
    """The version of the Python that a command belongs to: in its name, else the release's, unless another one was installed beside it."""
    named = _VERSIONED.fullmatch((invocation.words[0] or "").rsplit("/", 1)[-1])
    if named is not None:
        return str(named.group(1))
    own: str | None = _MINORS.get(invocation.base.suite or "")
    packages = {name for act in invocation.before() if act.packages is not None for name in act.packages.installed}
    others = {found.group(1) for name in packages for found in [_VERSIONED.fullmatch(name.removesuffix("-dev").removesuffix("-venv"))] if found}
    return own if not others - {own} else None


def _site(invocation: Invocation) -> tuple[str, ...] | None:
    """Where the image's own interpreter installs. The public images live in /usr/local (docker-library/python), PyPy's in /opt/pypy; with a
    floating version all of it. Debian's pip, of any Python, writes below /usr/local; where that is on other systems is not told here."""
    base = invocation.base
    if base.family == "python":
        exact = base.version.count(".") >= 1
        minor = ".".join(base.version.split(".")[:2])
        return (f"/usr/local/lib/python{minor}/site-packages", "/usr/local/bin") if exact else ("/usr/local",)
    if base.family == "pypy":
        return ("/opt/pypy",)
    if base.family in _SHARING:
        own = _minor(invocation)
        return None if own is None else (f"/usr/local/lib/python{own}/dist-packages", "/usr/local/bin", "/usr/local/share")
    return ("/usr/local",) if base.family in _DISTRIBUTIONS and base.libc == "glibc" else None


def _installed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    editable = (*_editable(invocation, arguments), *_editable_by_file(invocation, arguments))
    target = arguments.value("-t", "--target", "--prefix", "--root") or _set(invocation, "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")
    if target is not None:
        return (invocation.path(target), *editable)
    user = invocation.path(invocation.env.get("PYTHONUSERBASE") or "~/.local")
    if arguments.has("--user") or _set(invocation, "PIP_USER") in ("1", "true", "yes", "on"):
        return (user, *editable)
    inside = environment(invocation, invocation.words[0] or "")
    site = (inside,) if inside else _site(invocation)
    if site is None:
        return None
    # Who may not write to the interpreter's own folder installs for himself (pip documentation, User Installs).
    own = (user,) if not inside and invocation.home != "/root" else ()
    return (*own, *site, *editable)


def _set(invocation: Invocation, *names: str) -> str | None:
    """pip's options as variables of the environment (pip documentation, Configuration)."""
    return next((value for name in names if (value := invocation.env.get(name))), None)


def _editable(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    return tuple(invocation.path(value.partition("[")[0]) for value in arguments.values("-e", "--editable") if value and "://" not in value)


def _editable_by_file(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """`-e ./lib` in a requirements file: its egg-info and what it compiles stay in that folder."""
    contents = (invocation.read(invocation.path(value)) for value in arguments.values("-r", "--requirement") if value)
    rows = (line.split("#")[0].split() for content in contents for line in (content or "").splitlines())
    return tuple(
        invocation.path(words[1].partition("[")[0]) for words in rows if len(words) > 1 and words[0] in ("-e", "--editable") and "://" not in words[1]
    )


def _built(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    placed = tuple(invocation.path(value) for value in arguments.values("--prefix", "--root", "--home", "-d", "--dist-dir", "--install-dir") if value)
    inside = environment(invocation, invocation.words[0] or "")
    site = (invocation.path("~/.local"),) if arguments.has("--user") else (inside,) if inside else _site(invocation)
    return None if site is None else (*site, *placed, invocation.path("."))


def _compiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Folders, and what lies beside a file (docs.python.org/3/library/compileall.html)."""
    words = arguments.positionals or (".",)
    paths = tuple(invocation.path(word) for word in words if word is not None)
    beside = "" if arguments.has("-b") else "__pycache__"
    found = tuple(posixpath.join(posixpath.dirname(path), beside).rstrip("/") or "/" if path.endswith(".py") else path for path in paths)
    return None if None in words else tuple(dict.fromkeys(found))


def _configured(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Where `pip config set` writes (pip documentation, Configuration Files)."""
    if arguments.has("--site"):
        inside = environment(invocation, invocation.words[0] or "")
        return (posixpath.join(inside, "pip.conf"),) if inside else None
    return ("/etc/pip.conf",) if arguments.has("--global") else (invocation.path("~/.config/pip/pip.conf"),)


def _folders(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The folders of `python -m venv A B`."""
    return tuple(invocation.path(word) for word in arguments.positionals if word) or None


def _cache(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    off = arguments.has("--no-cache-dir") or invocation.env.get("PIP_NO_CACHE_DIR") in ("1", "true", "yes", "on", "off", "0", "no", "false")
    named = arguments.value("--cache-dir") or invocation.env.get("PIP_CACHE_DIR") or "~/.cache/pip"
    return () if off else here(named)(invocation, arguments)


def _requirements(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    files = tuple(invocation.path(value) for value in arguments.values("-r", "--requirement") if value)
    names = tuple(word for word in arguments.positionals if word is not None)
    local = tuple(
        invocation.path(name.partition("[")[0])
        for name in (*names, *(v or "" for v in arguments.values("-e", "--editable")))
        if name.startswith((".", "/"))
    )
    projects = tuple(posixpath.join(path, name) for path in local for name in ("pyproject.toml", "setup.py", "setup.cfg"))
    cache = None if not _cache(invocation, arguments) else "~/.cache/pip"
    return LanguageInstall(
        "pip install",
        "python",
        tuple(name for name in names if not name.startswith((".", "/"))),
        (*files, *projects),
        (_installed(invocation, arguments) or ("",))[0],
        cache=cache,
    )


def _bootstrapped(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return _installed(invocation, Arguments((), ())) if arguments.value("-a", "--action") == "install" else ()


def _instrumentation(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    """Which packages it installs hangs on what is installed; all of them are pure Python on top of this one (opentelemetry-python-contrib)."""
    made = _bootstrapped(invocation, arguments)
    named = ("opentelemetry-instrumentation",)
    return LanguageInstall("opentelemetry-bootstrap", "python", named, target=made[0], cache="~/.cache/pip") if made else None


def _project(step: str, *names: str, production: tuple[str, ...] = ()) -> Callable[[Invocation, Arguments], LanguageInstall | None]:
    def rule(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
        files = tuple(invocation.path(name) for name in names)
        return LanguageInstall(
            step, "python", manifests=files, target=invocation.path(".venv"), production=not production or arguments.has(*production)
        )

    return rule


def _pipenv(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    kept = "sync" in invocation.words or arguments.has("--deploy", "--ignore-pipfile", "--skip-lock")
    lock = () if kept or invocation.has(invocation.path("Pipfile.lock")) else (invocation.path("Pipfile.lock"),)
    if arguments.has("--system") or invocation.env.get("PIPENV_SYSTEM"):
        site = _site(invocation)
        return None if site is None else (*site, *lock)
    return (*_pipenv_environment(invocation), *lock)


def _pipenv_environment(invocation: Invocation) -> tuple[str, ...]:
    if invocation.env.get("PIPENV_VENV_IN_PROJECT"):
        return (invocation.path(".venv"),)
    return (invocation.path("~/.local/share/virtualenvs"),)


def _pipenv_locked(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Locking makes the environment first."""
    return (invocation.path("."), *(_pipenv_environment(invocation) if "lock" in invocation.words else ()))


def _poetry(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    site = _site(invocation)
    if site is None:
        return None
    root = arguments.value("-C", "--directory", "-P", "--project") or "."
    lock = invocation.path(posixpath.join(root, "poetry.lock"))
    # The project itself is installed where it lies, with what its build script compiles.
    own = (invocation.path(root),) if not arguments.has("--no-root") else () if invocation.has(lock) else (lock,)
    if _poetry_setting(invocation, "virtualenvs.create", "POETRY_VIRTUALENVS_CREATE") == "false":
        return (*site, *own)
    if _poetry_setting(invocation, "virtualenvs.in-project", "POETRY_VIRTUALENVS_IN_PROJECT") in ("true", "1"):
        return (invocation.path(posixpath.join(root, ".venv")), *own)
    # A poetry.toml may say otherwise: both places are kept, and of the second what is there in any case.
    return (*site, invocation.path(invocation.env.get("POETRY_VIRTUALENVS_PATH") or _poetry_store(invocation)), *own)


def _poetry_setting(invocation: Invocation, name: str, variable: str) -> str:
    """The variable of the environment, else what an earlier `poetry config` said (python-poetry.org/docs/configuration)."""
    if variable in invocation.env:
        return invocation.env[variable].lower()
    settings = (act.words for act in invocation.before() if act.step == "poetry config" and name in act.words)
    return next(((words[-1] or "").lower() for words in settings), "")


def _poetry_store(invocation: Invocation) -> str:
    return invocation.env.get("POETRY_CACHE_DIR") or "~/.cache/pypoetry"


def _poetry_cache(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    stores = (posixpath.join(_poetry_store(invocation), name) for name in ("cache", "artifacts"))
    return tuple(invocation.path(path) for path in (*stores, "~/.cache/virtualenv"))


def _poetry_settings(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    own = (invocation.path("poetry.toml"),) if arguments.has("--local") else ()
    return (invocation.path(invocation.env.get("POETRY_CONFIG_DIR") or "~/.config/pypoetry"), *own)


def _poetry_made(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    output = arguments.value("-o", "--output")
    root = arguments.value("-C", "--directory", "-P", "--project") or "."
    return (invocation.path(root), *((invocation.path(posixpath.join(root, output)),) if output else ()))


def _poetry_stores(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Locking and building make an environment first, with nothing of the project in it."""
    return (invocation.path(posixpath.join(_poetry_store(invocation), "virtualenvs")), *(_poetry_cache(invocation, arguments) or ()))


def _uv_sync(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The project's own environment, whatever is active, and uv.lock unless it is only read (docs.astral.sh/uv/concepts/projects/sync)."""
    root = arguments.value("--project", "--directory") or "."
    lock = posixpath.join(root, "uv.lock")
    kept = arguments.has("--frozen", "--locked") or invocation.has(invocation.path(lock))
    active = invocation.env.get("VIRTUAL_ENV") if arguments.has("--active") else None
    chosen = active or invocation.env.get("UV_PROJECT_ENVIRONMENT") or ".venv"
    found = (invocation.path(posixpath.join(root, chosen)), *(() if kept else (invocation.path(lock),)))
    return (*found, *_linked_to(invocation, arguments))


def _uv(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    linked = _linked_to(invocation, arguments)
    target = arguments.value("--target", "-t", "--prefix")
    if target is not None:
        return (invocation.path(target), *linked)
    python = arguments.value("--python", "-p") or invocation.env.get("UV_PYTHON") or ""
    if arguments.has("--system") or invocation.env.get("UV_SYSTEM_PYTHON"):
        site = _site(invocation)
    elif "/" in python:
        folder = invocation.path(python)
        folder = posixpath.dirname(posixpath.dirname(folder)) if posixpath.basename(posixpath.dirname(folder)) == "bin" else folder
        site = _site(invocation) if folder in ("/usr", "/usr/local") else (folder,)
    else:
        # uv looks for VIRTUAL_ENV and not on PATH (docs.astral.sh/uv/pip/environments).
        site = (invocation.env.get("VIRTUAL_ENV") or environment(invocation) or invocation.path(".venv"),)
    return None if site is None else (*site, *linked)


def _uv_cache(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    if arguments.has("--no-cache", "-n") or invocation.env.get("UV_NO_CACHE") or _linked_to(invocation, arguments):
        return ()
    return (_uv_store(invocation, arguments),)


def _uv_store(invocation: Invocation, arguments: Arguments) -> str:
    return invocation.path(arguments.value("--cache-dir") or invocation.env.get("UV_CACHE_DIR") or "~/.cache/uv")


def _linked_to(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """With links instead of copies the cache is part of the environment (docs.astral.sh/uv/reference/settings/#link-mode)."""
    mode = arguments.value("--link-mode") or invocation.env.get("UV_LINK_MODE")
    return (_uv_store(invocation, arguments),) if mode == "symlink" else ()


def _uv_venv(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return _folders(invocation, arguments) or (invocation.path(".venv"),)


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
    """The distributions that a requirements file, a Pipfile, a lock or a pyproject.toml names; None where it cannot be read."""
    if name.endswith((".txt", ".in")):
        return tuple(found for line in content.splitlines() for found in [_distribution(line)] if found)
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
    development=("ipython", "pytest", "tox", "nox", "jupyter", "bpython", "ptw", "watchmedo"),
    build_env=("PIP_*", "POETRY_*", "PIPENV_*", "UV_*"),
    steps=(
        Step(f"{_PIPS} install", Phase.INSTALL, writes=_installed, caches=_cache, valued=_VALUED, install=_requirements, source=_PIP),
        Step(
            f"{_PYTHONS} -m pip install",
            Phase.INSTALL,
            writes=_installed,
            caches=_cache,
            valued=_VALUED - {"-c"},
            install=_requirements,
            source=_PIP,
        ),
        Step(
            f"{_PIPS} wheel|download",
            Phase.INSTALL,
            writes=option("-w", "--wheel-dir", "-d", "--dest", otherwise=here(".")),
            caches=_cache,
            valued=_VALUED | {"-w", "--wheel-dir", "--dest"},
            source=_PIP,
        ),
        Step(
            "opentelemetry-bootstrap",
            Phase.INSTALL,
            writes=_bootstrapped,
            caches=_cache,
            valued=frozenset({"-a", "--action"}),
            install=_instrumentation,
            source="opentelemetry.io/docs/zero-code/python: -a install runs pip for the libraries that are installed; else it prints what it would",
        ),
        Step(f"{_PIPS} uninstall", Phase.INSTALL, writes=_installed, valued=_VALUED, source=_PIP),
        Step(
            f"{_PYTHONS} -m pip wheel|download",
            Phase.INSTALL,
            writes=option("-w", "--wheel-dir", "-d", "--dest", otherwise=here(".")),
            caches=_cache,
            valued=_VALUED - {"-c"} | {"-w", "--wheel-dir", "--dest"},
            source=_PIP,
        ),
        Step(f"{_PYTHONS} -m pip uninstall", Phase.INSTALL, writes=_installed, valued=_VALUED - {"-c"}, source=_PIP),
        Step(f"{_PIPS} config set|edit|unset", Phase.CHECK, writes=_configured, tree=False, source=_PIP),
        Step(f"{_PYTHONS} -m pip config set|edit|unset", Phase.CHECK, writes=_configured, tree=False, source=_PIP),
        Step(f"{_PIPS} cache purge|remove", Phase.CLEAN, deletes=_cache, source=_PIP),
        Step(f"{_PYTHONS} -m pip cache purge|remove", Phase.CLEAN, deletes=_cache, source=_PIP),
        Step(f"{_PIPS} cache|config|list|freeze|check|show", Phase.CHECK, source=_PIP),
        Step(f"{_PYTHONS} -m pip cache|config|list|freeze|check|show", Phase.CHECK, source=_PIP),
        Step(
            f"{_PYTHONS} -m venv",
            Phase.INSTALL,
            writes=_folders,
            valued=frozenset({"--prompt"}),
            source="docs.python.org/3/library/venv.html",
        ),
        Step(
            f"{_PYTHONS} -m virtualenv",
            Phase.INSTALL,
            writes=_folders,
            caches=here("~/.cache/virtualenv"),
            valued=frozenset({"-p", "--python", "--prompt"}),
            source="virtualenv documentation",
        ),
        Step(
            "virtualenv",
            Phase.INSTALL,
            writes=_folders,
            caches=here("~/.cache/virtualenv"),
            valued=frozenset({"-p", "--python", "--prompt"}),
            source="virtualenv documentation",
        ),
        Step(
            f"{_PYTHONS} -m compileall|py_compile",
            Phase.BUILD,
            writes=_compiled,
            valued=frozenset({"-x", "-d", "-s", "-p", "-j", "-r", "-i", "-o", "-e", "--invalidation-mode"}),
            source="docs.python.org/3/library/compileall.html",
        ),
        Step(
            f"{_PYTHONS} setup.py install|develop|bdist_wheel|build|build_ext|sdist",
            Phase.BUILD,
            writes=_built,
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
        Step(
            "pipenv install|sync",
            Phase.INSTALL,
            writes=_pipenv,
            caches=here("~/.cache/pipenv", "~/.cache/pip", "~/.cache/virtualenv"),
            valued=_VALUED,
            install=_project("pipenv install", "Pipfile", "Pipfile.lock"),
            source="pipenv documentation",
        ),
        Step(
            "pipenv lock|requirements|check|clean",
            Phase.INSTALL,
            writes=_pipenv_locked,
            caches=here("~/.cache/pipenv", "~/.cache/pip", "~/.cache/virtualenv"),
            source="pipenv documentation",
        ),
        Step(
            "poetry install|sync|update|add",
            Phase.INSTALL,
            writes=_poetry,
            caches=_poetry_cache,
            valued=_VALUED | {"-C", "--directory", "-P", "--project"},
            install=_project("poetry install", "pyproject.toml", "poetry.lock", production=("--no-dev", "--only", "--without")),
            source="python-poetry.org/docs",
        ),
        Step(
            "poetry config|self",
            Phase.INSTALL,
            writes=_poetry_settings,
            valued=_VALUED,
            source="python-poetry.org/docs",
        ),
        Step(
            "poetry export|build|lock|version|check",
            Phase.INSTALL,
            writes=_poetry_made,
            caches=_poetry_stores,
            valued=_VALUED | {"-o", "--output", "-C", "--directory", "-P", "--project"},
            source="python-poetry.org/docs",
        ),
        Step(
            "uv sync",
            Phase.INSTALL,
            writes=_uv_sync,
            caches=_uv_cache,
            valued=_VALUED | {"--project", "--directory", "--link-mode", "--no-group", "--only-group", "--no-extra", "--package"},
            install=_project("uv sync", "pyproject.toml", "uv.lock", production=("--no-dev",)),
            source="docs.astral.sh/uv",
        ),
        Step(
            "uv pip install|sync",
            Phase.INSTALL,
            writes=_uv,
            caches=_uv_cache,
            valued=_VALUED | {"--link-mode"},
            install=_requirements,
            source="docs.astral.sh/uv",
        ),
        Step("uv venv", Phase.INSTALL, writes=_uv_venv, caches=_uv_cache, valued=_VALUED, source="docs.astral.sh/uv"),
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
