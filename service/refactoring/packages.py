"""System packages: which of those the author installs the runtime stage still needs, and under which name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from service.ecosystems import ECOSYSTEMS
from service.ecosystems.environments import MAKERS
from service.image.company import company
from service.image.effects import Act, PackageChange, Phase
from service.image.files import FileView
from service.image.helping import helped
from service.image.linking import features, links
from service.image.mentions import compiles
from service.image.model import BaseImage
from service.image.packagesources import is_source
from service.image.toolchains import beside_manager, grouped_for_building, idle, language_of, names_of, owner_of
from service.knowledge import alpine, apt, pip
from service.knowledge.helpers import HELPERS
from service.knowledge.installers import BY_STEP
from service.knowledge.linked import linked_libraries
from service.knowledge.programs import package_of
from service.knowledge.references import parse_reference, parse_tag
from service.refactoring.facts import Facts

_NATIVE = frozenset({"ruby", "php"})
"""Ecosystems whose packages are compiled on Alpine as a rule, for images without the C++ library (Node's have it, Python's wheels bring it)."""
_EMBEDDED = frozenset({"python", "conda"})
"""Ecosystems whose packages may be linked with the interpreter that they are installed for."""
_COMPILERS = frozenset({"gcc", "g++", "clang"})
_MOST_LIBRARIES = 8
"""A -dev package of many libraries stays: nobody would read the list, and most of it is not needed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of one package: `names` are installed in its place (itself, its libraries, or nothing), and why where it changes."""

    name: str
    names: tuple[str, ...]
    because: str = ""

    @property
    def changed(self) -> bool:
        return self.names != (self.name,)


def choose(name: str, manager: str, base: BaseImage, new: BaseImage, foreign: bool = False) -> Choice:
    """Keep by default; a compiler goes, a -dev package gives way to its libraries where the tables know them. `base` is what the author
    installs on, `new` what the program will run on, `foreign` whether packages come from elsewhere than the release too."""
    if manager == "apt":
        return _debian(name, base, new, foreign)
    if manager == "apk":
        return _alpine(name, base.suite)
    return Choice(name, (name,))


def _debian(name: str, base: BaseImage, new: BaseImage, foreign: bool) -> Choice:
    own = apt.table(base.suite)
    libraries = own.runtime_libraries(name) if own is not None else apt.replaced(name)
    if name.endswith("-dev") and libraries and len(libraries) > _MOST_LIBRARIES:
        return Choice(name, (name,))
    if name.endswith("-dev") and libraries:
        installed = new.packages or frozenset()
        wanted = tuple(_known_to_both(library, base) for library in libraries if library not in installed)
        return Choice(name, wanted, f"{name} is headers; the program needs {', '.join(wanted or libraries)}")
    # A section rarely changes between suites: Debian's current stable speaks for a suite without a table, for tools but not for names.
    table = own or apt.table(apt.NEIGHBOUR)
    if table is not None and table.build_only(name) and not (own is None and _has_libraries(name, table)):
        return Choice(name, (), f"{name} only serves building")
    if apt.plain_libraries(name) and foreign and not (own is not None and own.known(name)):
        return Choice(name, (apt.NEWER,), f"{name} only serves building; what it links may need the newer {apt.NEWER}")
    if own is None and not foreign and apt.plain_libraries(name):
        return Choice(name, (), f"{name} only serves building")
    return Choice(name, (name,))


def _has_libraries(name: str, table: apt.AptTable) -> bool:
    """Whether headers or a compiler bring libraries that a plain image lacks: where their names are not known they stay."""
    if apt.versioned_compiler(name):
        return True
    behind = table.runtime_libraries(name) if name.endswith("-dev") and apt.replaced(name) is None else None
    return (name.startswith("lib") and not apt.listed(name)) or not apt.minbase(apt.NEIGHBOUR).issuperset(behind or ())


def _known_to_both(library: str, base: BaseImage) -> str:
    """Debian renamed libraries for 64-bit time stamps, and the new packages provide the old names. A tag that does not say its release may still
    be an older one here and there, and the old name works on both (wiki.debian.org/ReleaseGoals/64bit-time)."""
    written = parse_tag(parse_reference(base.reference).tag).suite
    return library.removesuffix("t64") if written is None else library


def _alpine(name: str, suite: str | None) -> Choice:
    libraries = alpine.runtime_libraries(name, suite)
    if libraries:
        return Choice(name, libraries, f"{name} is headers; the program needs {', '.join(libraries)}")
    return Choice(name, (), f"{name} only serves building") if alpine.build_only(name) else Choice(name, (name,))


def chosen(act: Act, facts: Facts, new: BaseImage) -> tuple[Choice, ...]:
    """The choices for one install command."""
    change, base = act.packages, facts.final.state.base
    if change is None:
        return ()
    acts = tuple(other for layer in facts.final.layers for other in layer.acts)
    used, linking, foreign = features(acts, facts.view), links(acts), any(is_source(write) for act in acts for write in act.writes)
    found = []
    meant = _meant(acts, base)
    for name in change.installed:
        if name in meant:
            found.append(Choice(name, (name,)))
            continue
        because = idle(name, base, acts, facts.program, facts.view)
        if because is None and name in _called_again(acts):
            found.append(Choice(name, (name,)))
            continue
        libraries = _linked(name, change.manager, base, new, acts) if because is not None else ()
        choice = Choice(name, libraries, because) if because is not None else choose(name, change.manager, base, new, foreign)
        choice = _with_linked(choice, change.manager, base, new, used) if linking else choice
        runtime = apt.runtime_of(name, change.manager) if not choice.changed else None
        if runtime is not None and not compiles(facts.program, facts.view):
            rest = () if runtime in change.installed else (runtime,)
            choice = Choice(name, rest, f"{name} compiles; the program needs {runtime}")
        beside = beside_manager(name, base, acts, facts.program, facts.view) if change.manager == "apt" and not choice.changed else None
        if beside is not None:
            names = tuple(one for one in beside if one not in change.installed and one not in (new.packages or frozenset()))
            choice = Choice(name, names, f"{name} only installs; what it installed may need {', '.join(beside)}")
        grouped = grouped_for_building(name, acts, facts.program, facts.view) if not choice.changed else None
        choice = Choice(name, (), grouped) if grouped is not None else choice
        helper = helped(name, acts, facts.program, facts.view) if not choice.changed else None
        choice = Choice(name, _recommended(name, change, new), helper) if helper is not None else choice
        choice = _with_interpreter(_with_modules(choice, change), change, acts, facts, new)
        found.append(_with_compiler_library(choice, change.manager, acts) if because is None else choice)
    return tuple(map(partial(_once, found), _with_company(found, acts, facts, new)) if change.manager == "apt" else found)


def _once(choices: Iterable[Choice], choice: Choice) -> Choice:
    """Without what comes along with packages that stay as they are."""
    staying = {other.name for other in choices if not other.changed}
    names = tuple(name for name in choice.names if not (choice.changed and apt.comes_along(name, staying)))
    return choice if names == choice.names else Choice(choice.name, names, choice.because)


def _recommended(name: str, change: PackageChange, new: BaseImage) -> tuple[str, ...]:
    """What Debian installed beside a package that only worked for the build, and what the program may count on: the certificates."""
    there = {*change.installed, *(new.packages or ())}
    wanted = HELPERS[name].recommends if change.manager == "apt" and change.recommends else ()
    return tuple(package for package in wanted if package not in there)


def _meant(acts: tuple[Act, ...], base: BaseImage) -> frozenset[str]:
    """Programs that an author who removes what only building needs has kept on purpose (`make`, for a program that is a makefile)."""
    changes = [act.packages for act in acts if act.packages is not None]
    removed = {name for change in changes for name in change.removed}
    groups = {change.virtual for change in changes if change.virtual}
    table = apt.table(base.suite) or apt.table(apt.NEIGHBOUR)
    cleaned = removed & groups or any(alpine.build_only(name) or (table is not None and table.build_only(name)) for name in removed)
    stays = {name for change in changes if change.virtual not in removed for name in change.installed} - removed
    headers = {name for name in stays if name.endswith("-dev")} - (apt.LIBC_HEADERS if stays & _COMPILERS else frozenset())
    return frozenset(name for name in stays - apt.NEVER_RUN - headers if not apt.manager(name)) if cleaned else frozenset()


def _with_company(choices: list[Choice], acts: tuple[Act, ...], facts: Facts, new: BaseImage) -> list[Choice]:
    """A package that goes leaves the interpreter that came with it, where the program is started with that."""
    gone = [choice.name for choice in choices if choice.name not in choice.names]
    others = {name for act in acts if act.packages is not None for name in act.packages.installed}
    stays = {name for choice in choices for name in choice.names} | others.difference(choice.name for choice in choices)
    found = dict(company(gone, stays, (facts.final.state.base, new), acts, facts.program, facts.view))
    result = []
    for choice in choices:
        brought = company([choice.name], stays, (facts.final.state.base, new), acts, facts.program, facts.view) if found else {}
        mine = [package for package in brought if found.pop(package, None)]
        why = "; ".join((choice.because, *(f"{package} came with it" for package in mine)))
        result.append(Choice(choice.name, (*choice.names, *mine), why) if mine and choice.name in gone else choice)
    return result


def _with_linked(choice: Choice, manager: str, base: BaseImage, new: BaseImage, used: frozenset[str]) -> Choice:
    """A compiler's package that goes leaves the libraries that its programs are linked with; where their names are not known it stays."""
    if not choice.changed:
        return choice
    libraries = linked_libraries(choice.name, manager, base.suite, used)
    if libraries is None:
        return Choice(choice.name, (choice.name,))
    wanted = tuple(name for name in libraries if name not in (new.packages or frozenset()) and name not in choice.names)
    if not wanted:
        return choice
    return Choice(choice.name, (*choice.names, *wanted), f"{choice.because}; what it links may need {', '.join(wanted)}")


def _called_again(acts: Iterable[Act]) -> frozenset[str]:
    """Packages whose programs set the system up, which happens again in the runtime stage (`add-apt-repository`)."""
    called = ((act.words[0] or "").rsplit("/", 1)[-1] for act in acts if act.phase is Phase.SETUP and act.words)
    return frozenset(package for name in called for package in [package_of(name, "apt")] if package is not None)


def _linked(name: str, manager: str, base: BaseImage, new: BaseImage, acts: Iterable[Act]) -> tuple[str, ...]:
    """The libraries that what a toolchain's packages have built needs, where they came with these packages."""
    owner = owner_of(name)
    table = apt.table(base.suite) if manager == "apt" else None
    if owner is None or table is None or not any(act.ecosystem == owner.name and act.phase is Phase.BUILD for act in acts):
        return ()
    found = (next((one for one in row.split("|") if table.package(one) is not None), "") for row in owner.linked)
    return tuple(library for library in found if library and library not in (new.packages or frozenset()))


def _with_modules(choice: Choice, change: PackageChange) -> Choice:
    """What goes leaves the interpreter's modules that apt installed with it by recommendation, and that a program loads without a word."""
    wanted = apt.recommended_modules(choice.name) if choice.changed and change.manager == "apt" and change.recommends else ()
    wanted = tuple(name for name in wanted if name not in {*change.installed, *choice.names})
    return Choice(choice.name, (*choice.names, *wanted), f"{choice.because}; {', '.join(wanted)} came with it") if wanted else choice


def _with_interpreter(choice: Choice, change: PackageChange, acts: Iterable[Act], facts: Facts, new: BaseImage) -> Choice:
    """An interpreter's headers that go leave its modules, and its library too where a package of its language is compiled against them."""
    installs = [act for act in acts if act.ecosystem in _EMBEDDED and act.phase is Phase.INSTALL]
    if not choice.changed or change.manager != "apt" or not installs or language_of(facts.final.state.base) is not None:
        return choice
    there = {*change.installed, *choice.names, *(new.packages or ())}
    compiled = not all(_as_wheels(act, facts.view) for act in installs)
    came = apt.beside_headers(choice.name, facts.final.state.base.suite)
    wanted = tuple(name for name in came if name not in there and (compiled or not name.startswith("lib")))
    if not wanted:
        return choice
    return Choice(choice.name, (*choice.names, *wanted), f"{choice.because}; what was installed may need {', '.join(wanted)}")


def _as_wheels(act: Act, view: FileView) -> bool:
    """Whether all packages that a command asks for are published built, which rules the interpreter's library out (peps.python.org/pep-0513)."""
    if act.install is None:
        return act.step in MAKERS or act.step in BY_STEP
    owner = next(one for one in ECOSYSTEMS if one.name == act.ecosystem)
    names = names_of(act.install, owner, view)
    found = [pip.distribution(pip.normalised(name)) for name in names or ()]
    return bool(found) and all(one is not None and not one.from_source for one in found)


def _with_compiler_library(choice: Choice, manager: str, acts: Iterable[Act]) -> Choice:
    """Alpine has libstdc++ only with its compiler: native packages in C++ of a language that is interpreted still need it."""
    native = any(act.ecosystem in _NATIVE and act.phase is Phase.INSTALL for act in acts)
    if manager != "apk" or choice.names or choice.name not in ("build-base", "g++", "alpine-sdk") or not native:
        return choice
    return Choice(choice.name, ("libstdc++",), f"{choice.name} only serves building; native packages may need the C++ library that comes with it")
