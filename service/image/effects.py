"""What instructions do to the file system, the packages and the users: the vocabulary that layers are written in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from service.dockerfile.model import Instruction
from service.quick import quick


class Kind(StrEnum):
    """Why a path was written."""

    CONTEXT = "context"  # COPY or ADD from the build context
    STAGE = "stage"  # COPY --from another stage or image
    ARTIFACT = "artifact"  # a build wrote it
    INTERMEDIATE = "intermediate"  # a build wrote it on the way: of it only what the program names is needed
    DEPENDENCIES = "dependencies"  # a package manager of a language wrote it (node_modules, site-packages)
    FETCHED = "fetched"  # downloaded or cloned
    SYSTEM = "system"  # set-up of the system: a user, a locale, a file under /etc
    CACHE = "cache"  # an exact package cache, safe to lose
    TEMPORARY = "temporary"  # under /tmp or /var/tmp
    FILES = "files"  # mkdir, cp, mv, ln, touch, echo > file


class Phase(StrEnum):
    """What a command is for; it decides the stage that a split puts it in."""

    PACKAGES = "packages"  # the distribution's package manager
    INSTALL = "install"  # a language's package manager: its result is needed to run
    BUILD = "build"  # compiles, bundles, generates
    PRUNE = "prune"  # removes development dependencies
    FETCH = "fetch"  # downloads or clones
    FILES = "files"  # mkdir, cp, mv, ln, chmod: on paths it names
    RUN = "run"  # the project's own program, for data it makes once: it runs again where it stands behind the build
    SETUP = "setup"  # users, locales, links and files of the system: run again in the runtime stage
    CHECK = "check"  # leaves nothing: --version, echo, test
    CLEAN = "clean"  # deletes caches and temporary files


@quick
@dataclass(frozen=True, slots=True)
class Write:
    """`path` is absolute and normalised; `tree` says that it is a folder with whatever lies below it.

    `origin` identifies where the content comes from, equal for equal content in two versions of one file: `context:src/app`,
    `stage:<name>:<path>`, `run:<ordinal>:<text of the command>`, or `link:<path>:<target>`. `by` is the step's name (`npm ci`), empty for COPY
    and ADD. `link` is the absolute path that a symbolic link points to: a COPY of it would bring what lies there instead.
    """

    path: str
    kind: Kind
    tree: bool
    origin: str
    by: str = ""
    link: str = ""


@quick
@dataclass(frozen=True, slots=True)
class PackageChange:
    """System packages: `manager` is `apt`, `apk`, `dnf`...; names without version pins. `recommends`: apt installs Recommends too.
    `lists_removed`: the same RUN deletes the package lists; `virtual` names apk's --virtual group; `upgrades`: what is there already is brought up
    to date."""

    manager: str
    installed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    recommends: bool = False
    lists_removed: bool = False
    virtual: str = ""
    upgrades: bool = False


@quick
@dataclass(frozen=True, slots=True)
class LanguageInstall:
    """A language's package manager ran: `step` (`pip install`), packages named on the command line (with version pins, `flask==3.0`),
    manifest paths relative to the build context whose content decides the set, the target folder, and whether development
    dependencies are left out. `cache` is the cache folder it fills, None where the command turns it off. `optional`: whether optional
    dependencies are installed too."""

    step: str
    ecosystem: str
    packages: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    target: str = ""
    production: bool = False
    cache: str | None = None
    optional: bool = True


@quick
@dataclass(frozen=True, slots=True)
class Act:
    """One leaf command of a RUN, as the tables describe it.

    `index` is its place in the script's commands. `step` and `ecosystem` are names, empty for a command that nobody describes; such an act
    is `opaque`, and so is a run of the project's own program (`Phase.RUN`) whose writes cannot be bounded. `cwd` is the folder it runs in,
    `env` the assignments in front of it. `static`: what it links needs no C library. `alters` are paths that it changes in place, each with whether
    everything below is meant: what a lower layer holds of them is stored again. `copies` are (source, destination) of what it copies or moves
    within the image. `runs_on`: programs that what it makes needs. `unmountable` are caches that
    belong to one build. `texts` are (path, text, whether it is added) of what is written word for word, None for a text that is not constant.
    """

    index: int
    phase: Phase
    step: str = ""
    ecosystem: str = ""
    words: tuple[str | None, ...] = ()
    cwd: str = "/"
    writes: tuple[Write, ...] = ()
    deletes: tuple[str, ...] = ()
    packages: PackageChange | None = None
    install: LanguageInstall | None = None
    users: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    opaque: bool = False
    static: bool = False
    alters: tuple[tuple[str, bool], ...] = ()
    copies: tuple[tuple[str, str], ...] = ()
    runs_on: tuple[str, ...] = ()
    unmountable: tuple[str, ...] = ()
    texts: tuple[tuple[str, str | None, bool], ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class Layer:
    """One instruction that makes a layer, or that changes users and packages. `opaque` names folders that an unreadable command may have
    written anywhere in (`("/",)`: everything); runs of the project's own program do not count."""

    instruction: Instruction
    writes: tuple[Write, ...] = ()
    deletes: tuple[str, ...] = ()
    packages: tuple[PackageChange, ...] = ()
    installs: tuple[LanguageInstall, ...] = ()
    users: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()
