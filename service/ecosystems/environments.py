"""Where Python's package managers install: the interpreter's own folder, virtual environments, and the stores of pip, Pipenv, Poetry and uv."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from service.ecosystems.condaroots import active as environment_of_conda
from service.ecosystems.datafiles import data_files
from service.ecosystems.model import Arguments, Invocation
from service.ecosystems.rules import here
from service.image.effects import LanguageInstall


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
        return folder if named or any(write.path == folder for act in invocation.before() if act.step in MAKERS for write in act.writes) else None
    return None


MAKERS = frozenset({"python -m venv", "python -m virtualenv", "virtualenv", "uv venv"})
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


def installed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Where pip installs: the folder that an option or a variable names, the user's own, a virtual environment, else the interpreter's."""
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
    local = [word for word in arguments.positionals if word and (word.startswith((".", "/")) and not word.endswith((".whl", ".gz", ".zip")))]
    data = (path for word in local for path in _data(invocation, site, word.partition("[")[0], by_pip=True))
    return (*own, *site, *editable, *dict.fromkeys(data))


def _data(invocation: Invocation, site: tuple[str, ...], project: str, by_pip: bool) -> tuple[str, ...]:
    """What a project installs beside its modules, where of the prefix only parts are named."""
    return data_files(invocation, invocation.path(project), "/usr/local", by_pip) if len(site) > 1 and "/usr/local/bin" in site else ()


def _set(invocation: Invocation, *names: str) -> str | None:
    """pip's options as variables of the environment (pip documentation, Configuration)."""
    return next((value for name in names if (value := invocation.env.get(name))), None)


def _editable(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    return tuple(invocation.path(value.partition("[")[0]) for value in arguments.values("-e", "--editable") if value and "://" not in value)


def _editable_by_file(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """`-e ./lib` in a requirements file: its egg-info and what it compiles stay in that folder."""
    contents = (invocation.read(invocation.path(value)) for value in arguments.values("-r", "--requirement") if value)
    rows = (line.split("#")[0].split() for content in contents for line in (content or "").splitlines() if line.lstrip().startswith("-"))
    return tuple(
        invocation.path(words[1].partition("[")[0]) for words in rows if len(words) > 1 and words[0] in ("-e", "--editable") and "://" not in words[1]
    )


def built(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Where setup.py installs, and the project that it builds in."""
    placed = tuple(invocation.path(value) for value in arguments.values("--prefix", "--root", "--home", "-d", "--dist-dir", "--install-dir") if value)
    inside = environment(invocation, invocation.words[0] or "")
    site = (invocation.path("~/.local"),) if arguments.has("--user") else (inside,) if inside else _site(invocation)
    if site is None:
        return None
    data = _data(invocation, site, ".", by_pip=False) if "install" in invocation.words and not placed else ()
    return (*site, *placed, invocation.path("."), *data)


def compiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Folders, and what lies beside a file (docs.python.org/3/library/compileall.html)."""
    words = arguments.positionals or (".",)
    paths = tuple(invocation.path(word) for word in words if word is not None)
    beside = "" if arguments.has("-b") else "__pycache__"
    found = tuple(posixpath.join(posixpath.dirname(path), beside).rstrip("/") or "/" if path.endswith(".py") else path for path in paths)
    return None if None in words else tuple(dict.fromkeys(found))


def configured(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Where `pip config set` writes (pip documentation, Configuration Files)."""
    if arguments.has("--site"):
        inside = environment(invocation, invocation.words[0] or "")
        return (posixpath.join(inside, "pip.conf"),) if inside else None
    return ("/etc/pip.conf",) if arguments.has("--global") else (invocation.path("~/.config/pip/pip.conf"),)


def folders(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The folders of `python -m venv A B`."""
    return tuple(invocation.path(word) for word in arguments.positionals if word) or None


def cache(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """pip's cache; none where an option or PIP_NO_CACHE_DIR, of whatever value, turns it off."""
    off = arguments.has("--no-cache-dir") or invocation.env.get("PIP_NO_CACHE_DIR") in ("1", "true", "yes", "on", "off", "0", "no", "false")
    named = arguments.value("--cache-dir") or invocation.env.get("PIP_CACHE_DIR") or "~/.cache/pip"
    return () if off else here(named)(invocation, arguments)


def requirements(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    """What pip is told to install: names, files, and projects of the context."""
    files = tuple(invocation.path(value) for value in arguments.values("-r", "--requirement") if value)
    names = tuple(word for word in arguments.positionals if word is not None and not _local(word))
    editable = (value or "" for value in arguments.values("-e", "--editable"))
    folders = (*(word for word in arguments.positionals if word and _local(word)), *(value for value in editable if value and "://" not in value))
    local = tuple(invocation.path(word.partition("[")[0]) for word in folders)
    projects = tuple(posixpath.join(path, name) for path in local for name in _PROJECT)
    store = None if not cache(invocation, arguments) else "~/.cache/pip"
    target = (installed(invocation, arguments) or ("",))[0]
    return LanguageInstall("pip install", "python", names, (*files, *projects), target, cache=store)


_PROJECT = ("pyproject.toml", "setup.py", "setup.cfg")


def _local(word: str) -> bool:
    """Whether a word is a folder or an archive rather than a name (pip install, VCS and local projects)."""
    return word.startswith((".", "/")) or ("/" in word and "://" not in word and "@" not in word)


def set_up(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    """What `setup.py install` or `develop` installs beside the project: what it requires (setuptools, Declaring dependencies)."""
    if not {"install", "develop"} & set(invocation.words):
        return None
    made = built(invocation, arguments) or ("",)
    return LanguageInstall("python setup.py", "python", manifests=tuple(invocation.path(name) for name in _PROJECT), target=made[0])


def bootstrapped(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-a install` runs pip; any other action prints what it would install."""
    return installed(invocation, Arguments((), ())) if arguments.value("-a", "--action") == "install" else ()


def instrumentation(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    """Which packages it installs hangs on what is installed; all of them are pure Python on top of this one (opentelemetry-python-contrib)."""
    made = bootstrapped(invocation, arguments)
    named = ("opentelemetry-instrumentation",)
    return LanguageInstall("opentelemetry-bootstrap", "python", named, target=made[0], cache="~/.cache/pip") if made else None


def project(step: str, *names: str, production: tuple[str, ...] = ()) -> Callable[[Invocation, Arguments], LanguageInstall | None]:
    """The rule of a tool that installs a project by its manifests, as production where one of some options is given."""
    def rule(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
        files = tuple(invocation.path(name) for name in names)
        return LanguageInstall(
            step, "python", manifests=files, target=invocation.path(".venv"), production=not production or arguments.has(*production)
        )

    return rule


def pipenv(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Pipenv's environment or, by --system, the interpreter's own folder; and the lock where there is none yet."""
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


def pipenv_locked(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Locking makes the environment first."""
    return (invocation.path("."), *(_pipenv_environment(invocation) if "lock" in invocation.words else ()))


def poetry(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Poetry's environment, wherever its settings put it, the lock where there is none yet, and the project itself."""
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


def poetry_cache(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Downloads and what was built of them, not the environments that lie in the same folder."""
    stores = (posixpath.join(_poetry_store(invocation), name) for name in ("cache", "artifacts"))
    return tuple(invocation.path(path) for path in (*stores, "~/.cache/virtualenv"))


def poetry_settings(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Poetry's settings: its own file, and poetry.toml for --local."""
    own = (invocation.path("poetry.toml"),) if arguments.has("--local") else ()
    return (invocation.path(invocation.env.get("POETRY_CONFIG_DIR") or "~/.config/pypoetry"), *own)


def poetry_made(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The project's folder, and the file that --output names in it."""
    output = arguments.value("-o", "--output")
    root = arguments.value("-C", "--directory", "-P", "--project") or "."
    return (invocation.path(root), *((invocation.path(posixpath.join(root, output)),) if output else ()))


def poetry_stores(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Locking and building make an environment first, with nothing of the project in it."""
    return (invocation.path(posixpath.join(_poetry_store(invocation), "virtualenvs")), *(poetry_cache(invocation, arguments) or ()))


def uv_sync(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The project's own environment, whatever is active, and uv.lock unless it is only read (docs.astral.sh/uv/concepts/projects/sync)."""
    root = arguments.value("--project", "--directory") or "."
    lock = posixpath.join(root, "uv.lock")
    kept = arguments.has("--frozen", "--locked") or invocation.has(invocation.path(lock))
    active = invocation.env.get("VIRTUAL_ENV") if arguments.has("--active") else None
    chosen = active or invocation.env.get("UV_PROJECT_ENVIRONMENT") or ".venv"
    found = (invocation.path(posixpath.join(root, chosen)), *(() if kept else (invocation.path(lock),)))
    return (*found, *_linked_to(invocation, arguments))


def uv(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Where `uv pip` installs: --target, the interpreter of --system or --python, else the environment that is active."""
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


def uv_cache(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """uv's cache, unless it is turned off or the environment is made of links into it."""
    if arguments.has("--no-cache", "-n") or invocation.env.get("UV_NO_CACHE") or _linked_to(invocation, arguments):
        return ()
    return (_uv_store(invocation, arguments),)


def _uv_store(invocation: Invocation, arguments: Arguments) -> str:
    return invocation.path(arguments.value("--cache-dir") or invocation.env.get("UV_CACHE_DIR") or "~/.cache/uv")


def _linked_to(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """With links instead of copies the cache is part of the environment (docs.astral.sh/uv/reference/settings/#link-mode)."""
    mode = arguments.value("--link-mode") or invocation.env.get("UV_LINK_MODE")
    return (_uv_store(invocation, arguments),) if mode == "symlink" else ()


def uv_venv(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The folder that is named, else .venv."""
    return folders(invocation, arguments) or (invocation.path(".venv"),)
