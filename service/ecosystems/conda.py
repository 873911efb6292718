"""conda, mamba and micromamba: environments of packages that bring their own libraries."""

from __future__ import annotations

import posixpath
import re

from service.ecosystems.condafiles import environment_name, package, packages_of
from service.ecosystems.condaroots import active, prefix, root
from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import here, unknown
from service.image.effects import LanguageInstall, Phase

_CONDA = "docs.conda.io/projects/conda/en/stable: commands, user-guide/concepts/{environments,pkg-specs}"
_CLEAN = "docs.conda.io/projects/conda/en/stable/commands/clean.html; mamba.readthedocs.io/en/latest/user_guide/micromamba.html"
_VALUED = frozenset(
    {
        *("-n", "--name", "-p", "--prefix", "-c", "--channel", "-f", "--file", "--solver", "--repodata-fn", "--revision", "--subdir", "--platform"),
        *("--clone", "-r", "--root-prefix", "--download-threads", "--channel-priority", "--experimental-solver", "--category", "--rc-file"),
    }
)
_INSTALLERS = re.compile(r"(?:mini|ana)conda|miniforge|mambaforge", re.IGNORECASE)
_SCRIPTS = "miniconda.sh|Miniconda3-latest-Linux-x86_64.sh|anaconda.sh|miniforge.sh|Miniforge3.sh|mambaforge.sh|Mambaforge.sh"
_EVERYTHING = ("-a", "--all", "-y", "-afy", "-ay", "-ya", "-tipsy", "-p", "--packages", "-t", "--tarballs", "-tp", "-tip", "-ity", "-tpy")


def _files(arguments: Arguments) -> tuple[str, ...]:
    named = tuple(value for value in arguments.values("-f", "--file") if value)
    return named or tuple(word for word in arguments.positionals if word and word.endswith((".yml", ".yaml", ".lock")))


def _place(invocation: Invocation, arguments: Arguments) -> str | None:
    """The environment: by its folder, its name, the name in environment.yml, else the one that is active, else conda's own."""
    folder = arguments.value("-p", "--prefix")
    if folder is not None:
        return invocation.path(folder)
    if arguments.has("-n", "--name"):
        name = arguments.value("-n", "--name")
        return prefix(invocation, name) if name else None
    files = [path for path in _files(arguments) if path.endswith((".yml", ".yaml"))] or (["environment.yml"] if "env" in invocation.words else [])
    if files and ("env" in invocation.words or "create" in invocation.words):
        content = invocation.read(invocation.path(files[0]))
        name = environment_name(content) if content is not None else None
        return prefix(invocation, name) if name else None
    if "create" in invocation.words:
        return None
    return active(invocation) or root(invocation)


def _installed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The environment's folder; its Python apart, where it asks for one, since that is found on PATH. conda's list of environments
    (~/.conda/environments.txt) is read by nothing in them."""
    place = _place(invocation, arguments)
    if place is None:
        return None
    names = _names(invocation, arguments)
    programs = tuple(f"{place}/bin/{name}" for name in ("python", "python3", "pip", "pip3")) if "python" in names else ()
    return (place, *programs)


def _names(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """The packages that a command and its files name."""
    named = [package(word) for word in arguments.positionals if word and not word.endswith((".yml", ".yaml", ".lock", ".txt"))]
    for file in _files(arguments) or (("environment.yml",) if "env" in invocation.words else ()):
        content = invocation.read(invocation.path(file))
        named += (packages_of(posixpath.basename(file), content) or ()) if content is not None else ()
    return tuple(dict.fromkeys(named))


def _store(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Downloads and unpacked packages, which environments hold links or copies of: CONDA_PKGS_DIRS, else pkgs in conda's own folder."""
    named, folder = invocation.env.get("CONDA_PKGS_DIRS", "").split(",")[0], root(invocation)
    return (invocation.path(named),) if named else (posixpath.join(folder, "pkgs"),) if folder else ()


def _install(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    words = (word for word in arguments.positionals if word and not word.endswith((".yml", ".yaml", ".lock", ".txt")))
    files = _files(arguments) or (("environment.yml",) if "env" in invocation.words else ())
    names = tuple(found for word in words if (found := package(word)))
    place = _place(invocation, arguments) or ""
    return LanguageInstall("conda install", "conda", names, tuple(invocation.path(file) for file in files), place, True)


def _unpacked(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`bash Miniconda3-latest-Linux-x86_64.sh -b -p /opt/conda`: without -p a folder of the home, by the installer's name."""
    folder = arguments.value("-p", "--prefix", "-bfp", "-fbp", "-bp")
    if folder is not None:
        return (invocation.path(folder),)
    script = next((word for word in (*arguments.positionals, invocation.words[0]) if word and _INSTALLERS.search(word)), "")
    found = _INSTALLERS.search(posixpath.basename(script))
    return None if found is None or not arguments.has("-b", "-bf", "-fb", "-bu") else here(f"~/{found.group().lower()}3")(invocation, arguments)


def _unpacks(arguments: Arguments) -> bool:
    words = arguments.positionals
    return bool(words) and words[0] is not None and words[0].endswith(".sh") and _INSTALLERS.search(posixpath.basename(words[0])) is not None


def _configured(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    folder = root(invocation)
    inside = arguments.has("--system", "--env")
    return (f"{folder}/.condarc",) if inside and folder else None if inside else here("~/.condarc")(invocation, arguments)


def _cleaned(arguments: Arguments) -> bool:
    return arguments.has(*_EVERYTHING)


def _initialised(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return here("~/.bashrc")(invocation, arguments)


_PROGRAM = "conda|mamba|micromamba"

ECOSYSTEM = Ecosystem(
    name="conda",
    summary="Environments of conda, mamba and micromamba",
    images=(
        *("continuumio/miniconda3", "continuumio/miniconda", "continuumio/anaconda3", "condaforge/miniforge3", "condaforge/mambaforge"),
        "mambaorg/micromamba",
    ),
    manifests=(Manifest(("environment*.yml",), ("environment*.yml", "environment*.yaml", "conda-lock.yml", "conda-linux-64.lock")),),
    development=("start-notebook.sh", "start-notebook.py", "jupyter-lab", "jupyter-notebook", "conda-build", "conda build", "spyder"),
    build_env=("CONDA_PKGS_DIRS", "CONDA_ALWAYS_YES", "MAMBA_NO_LOW_SPEED_LIMIT", "CONDA_OVERRIDE_CUDA"),
    steps=(
        Step(f"{_PROGRAM} install|create|update|upgrade", Phase.INSTALL, _installed, caches=_store, valued=_VALUED, install=_install, source=_CONDA),
        Step(f"{_PROGRAM} env create|update", Phase.INSTALL, _installed, caches=_store, valued=_VALUED, install=_install, source=_CONDA),
        Step("conda-lock install", Phase.INSTALL, _installed, caches=_store, valued=_VALUED, source="conda.github.io/conda-lock"),
        Step(f"{_PROGRAM} remove|uninstall", Phase.INSTALL, _installed, valued=_VALUED, source=_CONDA),
        Step(f"{_PROGRAM} clean", Phase.CLEAN, deletes=_store, when=_cleaned, source=_CLEAN),
        Step(f"{_PROGRAM} clean", Phase.CHECK, source=f"{_CLEAN}: only the index or lock files"),
        Step(f"{_PROGRAM} config", Phase.CHECK, _configured, tree=False, source=f"{_CONDA}: commands/config"),
        Step(f"{_PROGRAM} init", Phase.INSTALL, _initialised, tree=False, source=f"{_CONDA}: commands/init"),
        Step(f"{_PROGRAM} list|info|search|--version|-V|env list|env export", Phase.CHECK, valued=_VALUED, source=_CONDA),
        Step("conda build|develop|pack", Phase.BUILD, unknown, source="docs.conda.io/projects/conda-build; conda.github.io/conda-pack"),
        Step(
            "bash|sh",
            Phase.INSTALL,
            _unpacked,
            valued=frozenset({"-p", "--prefix", "-bfp", "-fbp", "-bp"}),
            when=_unpacks,
            source="docs.anaconda.com/miniconda/miniconda-install (silent mode)",
        ),
        Step(
            _SCRIPTS,
            Phase.INSTALL,
            _unpacked,
            valued=frozenset({"-p", "--prefix", "-bfp", "-fbp", "-bp"}),
            source="docs.anaconda.com/miniconda/miniconda-install (silent mode)",
        ),
    ),
    local_references=lambda name, content: None if "-e " in content or "- ." in content or "file:" in content else (),
    packages_of=packages_of,
    portable=True,
    downloads=True,
    exclusive=True,
)
