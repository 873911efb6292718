"""System packages that are one language's toolchain, in an image that ends up running another language: Debian's npm under a PHP program."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from service.ecosystems import ECOSYSTEMS, Ecosystem
from service.image.effects import Act, Kind, LanguageInstall, Phase, Write
from service.image.files import FileView
from service.image.history import below
from service.image.image import Image
from service.image.mentions import mentioned
from service.image.model import BaseImage
from service.image.program import IDLE, Call, Program
from service.knowledge import apt
from service.knowledge.globals import programs_of
from service.knowledge.installers import BY_STEP
from service.knowledge.needs import needs
from service.knowledge.programs import PROGRAMS, package_of
from service.knowledge.starters import CONFIGURED, SERVING
from service.remembering import remembered

_COMPILED = frozenset(one.name for one in ECOSYSTEMS if one.compiled)
_PORTABLE = frozenset(one.name for one in ECOSYSTEMS if one.portable)
_INTERPRETERS = frozenset(name for one in ECOSYSTEMS for name in one.interpreters)
_SYSTEM = (
    frozenset({"sh", "bash", "ash", "dash", "exec", "tini", "dumb-init", "gosu"})
    | _INTERPRETERS
    | frozenset(name for one in ECOSYSTEMS if not one.manifests for step in one.steps for name in step.command.split()[0].split("|"))
    | PROGRAMS
)
"""Commands that no package of a language brings: shells, interpreters themselves, and what the tables of the system describe."""
_LOADING = frozenset({"apache2", "apache2ctl", "apachectl", "httpd", "apache2-foreground"})
_MODULES = ("libapache2-mod-",)
_VERSION = re.compile("[@=<>!~;\\[ ]")
_NAME = re.compile(r"[A-Za-z0-9_.+-]{1,24}(?![A-Za-z0-9_.+-])")
_WORKING = frozenset({Phase.INSTALL, Phase.BUILD})


def idle(package: str, base: BaseImage, acts: Iterable[Act], program: Program, view: FileView) -> str | None:
    """Why a package only served the build, though it is no compiler; None where the program may need it. `acts` are those of the original."""
    owner, acts = owner_of(package), tuple(acts)
    if owner is not None and base.family in owner.images and not _by_path(owner, program, acts):
        return f"{base.reference} has its own {owner.name}: {package} only serves building"
    if owner is not None and called(owner, program, view, acts):
        return None
    if owner is not None and any(act.ecosystem == owner.name and act.phase in _WORKING for act in acts):
        return f"{package} built something; nothing in the image runs {owner.name}"
    if owner is not None and (word := _generating(owner, acts, program, view)):
        return f"{package} served `{word}`; nothing in the image runs {owner.name}"
    installing = {act.ecosystem for act in acts if act.phase is Phase.INSTALL}
    helped = next((one for one in ECOSYSTEMS if package in one.build_packages and one.name in installing), None)
    if helped is not None and (owner is None or not _has_sources(owner, view)):
        return f"{package} compiles native {helped.name} packages; nothing in the image runs it"
    return _listed_for_building(package, base, acts)


def _generating(owner: Ecosystem, acts: tuple[Act, ...], program: Program, view: FileView) -> str:
    """The build command of another language that calls a toolchain by itself, where all that was installed for that language is known and none of it
    needs the toolchain when it runs; else empty."""
    for other in (one for one in ECOSYSTEMS if view.context.complete and any(name == owner.name for _, name in one.generators)):
        words = {word for act in acts if act.ecosystem == other.name and act.phase is Phase.BUILD for word in act.words if word}
        # What the program generates when it starts, it generates with the toolchain.
        words -= {word for _, word in program.words()}
        found = next((word for word, name in other.generators if name == owner.name and word in words), "")
        if found and not any(_brings_need(owner, act, other, view) for act in acts if act.ecosystem == other.name and act.phase is Phase.INSTALL):
            return found
    return ""


def _brings_need(owner: Ecosystem, act: Act, other: Ecosystem, view: FileView) -> bool:
    """Whether a package that a command installs needs a toolchain when it runs; what cannot be told may."""
    if act.install is None:
        return False
    names = names_of(act.install, other, view)
    found = [needs(other.name, name) for name in names or ()]
    return names is None or any(owner_of(package) is owner for one in found if one is not None for package in one.packages)


def grouped_for_building(package: str, acts: Iterable[Act], program: Program, view: FileView) -> str | None:
    """Why a package goes that the author installs in a group named for building (`apk add --virtual .build-deps`), whether it is deleted or not;
    None for any other, for headers, whose libraries stay, and where something calls it."""
    groups = (act.packages for act in acts if act.packages is not None and "build" in act.packages.virtual)
    group = next((change.virtual for change in groups if package in change.installed), "")
    named = group and not package.endswith("-dev") and not {package} & mentioned(program, view)
    return f"{group} says that {package} only serves building" if named else None


def _listed_for_building(package: str, base: BaseImage, acts: tuple[Act, ...]) -> str | None:
    """Whether a package was installed with all others of the base's own list of what building takes (`apk add $PHPIZE_DEPS`)."""
    for variable in (one.build_variable for one in ECOSYSTEMS if one.build_variable):
        listed = frozenset((base.config.env_value(variable) or "").split())
        if package in listed and any(act.packages is not None and listed <= set(act.packages.installed) for act in acts):
            return f"{package} is one of ${variable}, which only serves building"
    return None


@remembered(2_048)
def owner_of(package: str) -> Ecosystem | None:
    """The ecosystem whose toolchain a distribution's package is part of."""
    return next((one for one in ECOSYSTEMS if any(fnmatchcase(package, pattern) for pattern in one.toolchain)), None)


def beside_manager(package: str, base: BaseImage, acts: Iterable[Act], program: Program, view: FileView) -> tuple[str, ...] | None:
    """What stays of a package manager that only installs (Debian's pip): what it depends on, but for what it calls to install, since what it
    installed may count on that, and of what it recommends the library of the interpreter, which programs that embed it are linked with (uWSGI),
    but no compiler. None for any other package, and where something else calls it."""
    own, programs = apt.table(base.suite), apt.manager(package)
    if not programs or program.unread or program.opaque or programs & mentioned(program, view):
        return None
    asking = (act.words[:3] for act in acts if act.phase is not Phase.INSTALL and act.phase is not Phase.PACKAGES)
    if any(posixpath.basename(word or "") in programs for words in asking for word in words):
        return None
    found = own.package(package) if own is not None else None
    if own is None or found is None:
        return apt.beside(package, base.suite) if own is None else None
    headers = [alternatives[0] for alternatives in found.recommends if alternatives[0].endswith("-dev")]
    libraries = (own.runtime_libraries(f"lib{name}") or () for name in headers)
    kept = (alternatives[0] for alternatives in found.depends if not apt.called_by_manager(package, alternatives[0]))
    return (*kept, *(library for found in libraries for library in found))


def language_of(base: BaseImage) -> Ecosystem | None:
    """The interpreted language that an image is made for."""
    return next((one for one in ECOSYSTEMS if base.family in one.images and one.interpreters), None)
def serves_idle(step: str, image: Image, program: Program, view: FileView) -> bool:
    """Whether an installer only makes packages available that nothing in the image needs (NodeSource's list, where Node only served the build)."""
    row = BY_STEP.get(step)
    if row is None or not row.serves:
        return False
    stages = image.chain(image.final)
    acts = tuple(act for stage in stages for layer in stage.layers for act in layer.acts)
    return all(idle(name, stages[0].state.base, acts, program, view) is not None for name in row.serves)


def idle_toolchain(step: str, program: Program, view: FileView) -> bool:
    """Whether an installer brought a toolchain (rustup) of which neither the program nor a source calls a command."""
    row = BY_STEP.get(step)
    owner = next((one for one in ECOSYSTEMS if row is not None and one.name == row.ecosystem), None)
    return owner is not None and not mentioned(program, view) & {command.split()[0] for command in owner.development}


def unused_language(base: BaseImage, acts: Iterable[Act], program: Program, view: FileView) -> bool:
    """Whether a base is one language's image, and the program in the end is no program of that language (nginx on a Node image)."""
    owner = language_of(base)
    acts = tuple(acts)
    if any(act.ecosystem in _PORTABLE and act.phase is Phase.BUILD for act in acts):
        # A start script that the build wrote, or a program without its name, runs on the runtime all the same.
        return False
    known = bool(program.names) and not program.unread and view.context.complete
    return owner is not None and known and not called(owner, program, view, acts)


def _starts_sources(owner: Ecosystem, program: Program, view: FileView, acts: tuple[Act, ...]) -> bool:
    """Whether sources of a language lie beside a program of the system that may start them, in a way that is not known (a daemon of inetd's kind)."""
    if not any(copy.path.endswith(owner.source_endings) for copy in view.placed):
        return False
    installed = {package for act in acts if act.packages is not None for package in act.packages.installed}
    return any(name in installed or package_of(name, "apt") in installed for name in program.names - SERVING - _INTERPRETERS)


def idle_packages(act: Act, acts: Iterable[Act], program: Program, view: FileView) -> bool:
    """Whether a language's packages only served the build: nothing in the image runs the language, and neither the program nor a source calls one of
    them by its name (a compiler that PyPI has, under a program that it compiled; a generator of pages, under a web server)."""
    owner = next((one for one in ECOSYSTEMS if one.name == act.ecosystem and one.interpreters and one.toolchain), None)
    if owner is None or act.install is None or act.phase is not Phase.INSTALL or program.unread or program.opaque:
        return False
    acts = tuple(acts)
    if _idle_globals(act, owner, program, view) and (view.context.complete or not called(owner, program, view, acts)):
        return True
    if not view.context.complete or called(owner, program, view, acts):
        return False
    if any(other.ecosystem in _PORTABLE and other.phase is Phase.BUILD for other in acts):
        return False
    names = names_of(act.install, owner, view)
    return names is not None and not names & mentioned(program, view)


def _idle_globals(act: Act, owner: Ecosystem, program: Program, view: FileView) -> bool:
    """Whether packages were installed for their programs alone (`npm install -g pnpm`, `pip install uv`), of which nothing calls one."""
    assert act.install is not None
    programs = programs_of(owner.name, act.install.packages, act.words) if not act.install.manifests else None
    return programs is not None and not programs & mentioned(program, view)


def names_of(install: LanguageInstall, owner: Ecosystem, view: FileView) -> frozenset[str] | None:
    """The plain names of the packages that a command asks for, itself or by its manifests; None where they cannot be told."""
    named = set(_plain(install.packages))
    for path in install.manifests:
        content = view.context.files.get(path)
        found = owner.packages_of(posixpath.basename(path), content) if owner.packages_of is not None and content is not None else None
        if found is None:
            return None
        named |= _plain(found)
    return frozenset(named) or None


def _by_path(owner: Ecosystem, program: Program, acts: tuple[Act, ...]) -> bool:
    """Whether Debian's own interpreter is started by its path."""
    started = (*program.started(), *(act.words[0] or "" for act in acts if act.words))
    return any(path.startswith("/usr/bin/") and path.rsplit("/", 1)[-1].startswith(owner.interpreters) for path in started)


def runs_on(owner: Ecosystem, program: Program, view: FileView, acts: Iterable[Act]) -> bool:
    """Whether the program is started by a language's interpreter, or is a command of one of its packages (`harp`), where nothing is compiled."""
    by_name = bool(program.names & frozenset(owner.interpreters))
    return by_name or (bool(owner.interpreters) and not owner.compiled and called(owner, program, view, tuple(acts)))


def called(owner: Ecosystem, program: Program, view: FileView, acts: tuple[Act, ...]) -> bool:
    """Whether the program, or one of the project's own that runs during the build, starts an interpreter or runner of a language, or a command
    that one of the language's packages may have brought (`http` of httpie)."""
    names = mentioned(program, view) | {(act.words[0] or "").rsplit("/", 1)[-1] for act in acts if act.phase is Phase.RUN and act.words}
    names |= {name for act in acts for name in act.runs_on} | _named(owner, program)
    if any(name.startswith(owner.interpreters) for name in names) or names & (frozenset(owner.runners) | CONFIGURED | _asked_for(acts, owner)):
        return True
    if owner.interpreters and not owner.compiled and _starts_sources(owner, program, view, acts):
        return True
    # `python setup.py install` makes programs too; what a compiler makes is a program of its own.
    placing = _WORKING if owner.interpreters and not owner.compiled else {Phase.INSTALL}
    installs = any(act.ecosystem == owner.name and act.phase in placing for act in acts)
    if installs and any(not explained(call, view, acts, owner) for call in program.calls):
        return True
    return installs and any(_rests_on(package, owner) for package in _packages_of(program, acts))


def _named(owner: Ecosystem, program: Program) -> frozenset[str]:
    """Interpreters, of a release or not, that a command is given among its arguments: it may start them in a way that no table describes."""
    words = (word for call in program.calls if call.name not in IDLE for word in call.words[1:] if word)
    names = frozenset(name for word in words for name in _NAME.findall(word))
    return frozenset(name for name in names if name.rstrip("0123456789.") in owner.interpreters)


def _packages_of(program: Program, acts: tuple[Act, ...]) -> frozenset[str]:
    """The author's packages of Debian that the program's commands came with, and the modules that a web server among them loads."""
    installed = {name for act in acts if act.packages is not None and act.packages.manager == "apt" for name in act.packages.installed}
    own = {package for name in program.names for package in (name, package_of(name, "apt")) if package in installed}
    modules = {name for name in installed if name.startswith(_MODULES)} if program.names & _LOADING else set()
    return frozenset(own | modules)


@remembered(1_024)
def _rests_on(package: str, owner: Ecosystem) -> bool:
    """Whether a distribution's program is one in a language (duplicity is in Python), as the packages that it depends on say. Which those are hardly
    changes from release to release."""
    table = apt.table(apt.NEIGHBOUR)
    return table is not None and any(owner_of(name) is owner for name in table.closure((package,)))


def explained(call: Call, view: FileView, acts: tuple[Act, ...], owner: Ecosystem) -> bool:
    """Whether it is known where a command comes from: the system, its packages, another language, the context, or a compiler's own output."""
    name = call.name
    if not name:
        return False
    packages = {package for act in acts if act.packages is not None for package in act.packages.installed}
    if name in _asked_for(acts, owner):
        return False
    if name in _SYSTEM or name in packages or package_of(name, "apt") in packages:
        return True
    installing = {act.ecosystem for act in acts if act.phase is Phase.INSTALL} - {owner.name}
    if any(name in one.runners for one in ECOSYSTEMS if one.name in installing) and name not in owner.runners:
        return True
    path = posixpath.normpath(posixpath.join(call.cwd, call.words[0] or ""))
    built = [(write, act.cwd) for act in acts if act.phase is Phase.BUILD and act.ecosystem in _COMPILED for write in act.writes]
    return view.read(path) is not None or any(
        write.path == path or posixpath.basename(write.path) == name or _made_inside(path, write, folder) for write, folder in built
    )


def _asked_for(acts: Iterable[Act], owner: Ecosystem) -> frozenset[str]:
    """The plain names of the packages that commands of a language name (`npm install -g bun@1` brings bun, which is an interpreter elsewhere)."""
    return frozenset().union(*(_plain(act.install.packages) for act in acts if act.ecosystem == owner.name and act.install is not None))


def _plain(packages: Iterable[str]) -> frozenset[str]:
    """Without scope, version and extras."""
    return frozenset(_VERSION.split(name.rpartition("/")[2].lstrip("@"), maxsplit=1)[0] for name in packages)


def _made_inside(path: str, made: Write, folder: str) -> bool:
    """Whether a path lies in what a compiler left: in a folder of its own below the one that it ran in, or in its folder of what is made on the
    way."""
    if not made.tree or path == made.path or not below(path, made.path):
        return False
    return made.kind is Kind.INTERMEDIATE or (made.path != folder and below(made.path, folder))


def _has_sources(owner: Ecosystem, view: FileView) -> bool:
    """Whether the context may hold a program in the package's language, which could be started without its interpreter's name."""
    return not view.context.complete or any(path.endswith(owner.source_endings) for path in view.context.files)
