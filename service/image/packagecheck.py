"""System packages, programs and the C library: what the original has and the new image lacks needs a reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from service.image import alternatives
from service.image.brought import brought
from service.image.company import company
from service.image.effects import Act
from service.image.helping import helped
from service.image.image import Image
from service.image.linking import features, links
from service.image.mentions import compiles, mentioned
from service.image.model import BaseImage
from service.image.packagesources import come_too_late, is_source
from service.image.toolchains import beside_manager, grouped_for_building, idle
from service.image.verdict import LeftBehind
from service.knowledge import alpine, apt
from service.knowledge.helpers import HELPERS
from service.knowledge.linked import linked_libraries
from service.knowledge.needs import programs_needed
from service.knowledge.packagers import ENVIRONMENT
from service.knowledge.programs import PROGRAMS, package_of

if TYPE_CHECKING:
    from service.image.verify import Findings, Pair


def check_packages(pair: Pair, found: Findings) -> None:
    old, new = _base(pair.before), _base(pair.after)
    had, there = explicit(pair.before), explicit(pair.after)
    # Debian's time_t transition: the renamed libraries provide the old names.
    has = there | {f"{name}t64" for name in there} | (new.packages or frozenset())
    used, linking = features(_acts(pair.before), pair.view), links(_acts(pair.before))
    foreign = any(is_source(write) for act in _acts(pair.before) for write in act.writes)
    for name in sorted(had - has):
        linked = linked_libraries(name, "apk" if old.libc == "musl" else "apt", old.suite, used)
        if linking and (linked is None or set(linked) - has):
            found.failures.append(f"{', '.join(sorted(set(linked or (name,)) - has))}, which what {name} links may need, would be lost")
            continue
        reason = _reason(name, old, has, foreign) or idle(name, old, _acts(pair.before), pair.program, pair.view) or _compiler(name, has, pair)
        reason = reason or _manager(name, has, pair) or grouped_for_building(name, _acts(pair.before), pair.program, pair.view)
        reason = reason or helped(name, _acts(pair.before), pair.program, pair.view)
        if reason is None and name not in new.programs and name != new.family:
            found.failures.append(f"the package {name} would be lost")
        else:
            found.left_behind.append(LeftBehind(f"package {name}", reason or f"{new.reference} brings it"))
    lost = company(had - has, has, (old, new), _acts(pair.before), pair.program, pair.view)
    found.failures += (f"{name} is called, and {package}, which came with what only served building, would be lost" for package, name in lost.items())
    known = _without_lists(pair.before) if old.reference == new.reference else set()
    for words in sorted(_without_lists(pair.after) - known):
        found.failures.append(f"`{' '.join(words)[:60]}` would find no package lists")
    for words in sorted(_removes_nothing(pair.after) - _removes_nothing(pair.before)):
        found.failures.append(f"`{' '.join(words)[:60]}` would find nothing to remove, and fail")
    found.failures += (f"{path} would come behind the packages that it serves" for path in sorted(come_too_late(pair.before, pair.after)))
    _check_alternatives(pair, had - has, found)
    _check_called(pair, had - has, found)
    _check_asked(pair, found)
    if new.libc != "none" and _upgrades(pair.before) and not _upgrades(pair.after):
        found.failures.append("the base's packages would no longer be brought up to date")
    if old.reference == new.reference:
        return
    _check_base(pair, old, new, has, found)


def _check_alternatives(pair: Pair, gone: frozenset[str], found: Findings) -> None:
    """What makes a link to a program of a package that is not there fails."""
    final = (act for layer in pair.after.stages[pair.after.final].layers for act in layer.acts)
    missing = {path for act in final if (path := alternatives.lacking(act, gone))}
    found.failures += (f"{path}, an alternative, would not be there" for path in sorted(missing))


def _check_called(pair: Pair, gone: frozenset[str], found: Findings) -> None:
    """A line of the runtime stage that calls what only worked for the build would fail."""
    programs = {program for name in gone & HELPERS.keys() for program in HELPERS[name].programs}
    final = pair.after.stages[pair.after.final]
    called = {(act.words[0] or "").rsplit("/", 1)[-1] for layer in final.layers for act in layer.acts if act.words}
    found.failures += (f"{name}, which a line of the runtime stage calls, would not be there" for name in sorted(called & programs))


def _compiler(name: str, has: frozenset[str], pair: Pair) -> str | None:
    runtime = apt.runtime_of(name, "apk" if _base(pair.before).libc == "musl" else "apt")
    return f"{runtime} is there, and nothing compiles" if runtime in has and not compiles(pair.program, pair.view) else None


def _manager(name: str, has: frozenset[str], pair: Pair) -> str | None:
    beside = beside_manager(name, _base(pair.before), _acts(pair.before), pair.program, pair.view)
    return "what it depends on is there, and nothing calls it" if beside is not None and _there(beside, has) else None


def _acts(image: Image) -> tuple[Act, ...]:
    return tuple(act for stage in image.chain(image.final) for layer in stage.layers for act in layer.acts)


def _base(image: Image) -> BaseImage:
    return image.chain(image.final)[0].state.base


def explicit(image: Image) -> frozenset[str]:
    """Packages that the final chain installs and does not remove again, neither by name nor with their apk group."""
    names: set[str] = set()
    groups: dict[str, tuple[str, ...]] = {}
    for stage in image.chain(image.final):
        for change in (change for layer in stage.layers for change in layer.packages):
            names |= set(change.installed)
            groups |= {change.virtual: change.installed} if change.virtual else {}
            names -= {name for removed in change.removed for name in (removed, *groups.get(removed, ()))}
    return frozenset(names)


def _without_lists(image: Image) -> set[tuple[str, ...]]:
    """Installs that no update comes before, or only one whose lists are gone again, of something that is not there yet. What the base itself may
    hold of lists is not counted on."""
    found: set[tuple[str, ...]] = set()
    lists, there = False, set(_base(image).packages or ())
    for act in (act for stage in image.chain(image.final) for layer in stage.layers for act in layer.acts):
        named = act.packages.installed if act.packages is not None else ()
        if act.step == "apt-get update":
            lists = True
        elif act.step == "apt-get install" and not lists and not there.issuperset(named):
            found.add(tuple(word or "?" for word in act.words))
        there.update(named)
        if any(path.startswith("/var/lib/apt") for path in act.deletes):
            lists = False
    return found


def _removes_nothing(image: Image) -> set[tuple[str, ...]]:
    """`rm /var/cache/apk/*` without -f, where no command before it has left anything there."""
    found: set[tuple[str, ...]] = set()
    left = {"/var/cache/apk": False, "/var/lib/apt/lists": False}
    for act in _acts(image):
        if act.step in ("apk add", "apk update"):
            left["/var/cache/apk"] |= "--no-cache" not in act.words
        elif act.step == "apt-get update":
            left["/var/lib/apt/lists"] = True
        forced = any(word and word.startswith("-") and "f" in word for word in act.words)
        for folder in (folder for folder in left if any(path.startswith(folder) for path in act.deletes)):
            if act.step == "rm" and not forced and not left[folder]:
                found.add(tuple(word or "?" for word in act.words))
            left[folder] = False
    return found


def _upgrades(image: Image) -> bool:
    return any(act.packages is not None and act.packages.upgrades for act in _acts(image))


def _check_asked(pair: Pair, found: Findings) -> None:
    """What packages ask their environment while they are installed (debconf's frontend, a licence) is answered as it was."""
    was, now = _environments(pair.before), _environments(pair.after)
    for package in sorted(now.keys() & was.keys()):
        lost = sorted(set(was[package].items()) - set(now[package].items()))
        found.failures += (f"{package} would be installed without {name}={value}" for name, value in lost)


def _environments(image: Image) -> dict[str, dict[str, str]]:
    """By package, what of the variables that package managers read is set where the final chain installs it."""
    found: dict[str, dict[str, str]] = {}
    for stage in image.chain(image.final):
        scopes = {id(item): scope for item, scope in zip(stage.state.stage.instructions, stage.state.scopes, strict=False)}
        for layer in stage.layers:
            scope = scopes.get(id(layer.instruction))
            for act in layer.acts:
                if act.packages is not None and act.packages.installed:
                    around = scope.variables() if scope is not None else {}
                    asked = {name: value for name, value in {**around, **dict(act.env)}.items() if name in ENVIRONMENT}
                    given = [flag.value or "" for flag in layer.instruction.flags if flag.name == "mount" and "type=cache" not in (flag.value or "")]
                    found |= dict.fromkeys(act.packages.installed, asked | dict.fromkeys(given, "mounted"))
    return found


def _there(packages: Iterable[str], has: frozenset[str]) -> bool:
    return all(name in has or apt.comes_along(name, has) for name in packages)


def _reason(name: str, base: BaseImage, has: frozenset[str], foreign: bool) -> str | None:
    own = apt.table(base.suite)
    libraries = own.runtime_libraries(name) if own is not None else alpine.runtime_libraries(name, base.suite) or apt.replaced(name)
    table = own or apt.table(apt.NEIGHBOUR)
    build_only = alpine.build_only(name) or (table is not None and table.build_only(name))
    if libraries and not (build_only and not name.endswith("-dev")):
        return "headers of a library that is there" if _there(libraries, has) else None
    plain = apt.plain_libraries(name) and ((own is None and not foreign) or (foreign and apt.NEWER in has))
    return "a build-only package" if build_only or plain else None


def _shells(image: Image) -> frozenset[str]:
    """The programs that SHELL hands the final stage's commands to, and those of images that are built from it."""
    final = image.stages[image.final]
    lines = zip(final.state.stage.instructions, final.state.scopes, strict=True)
    used = {scope.shell[0] for item, scope in lines if item.keyword == "RUN" and item.json is None and scope.shell}
    return frozenset(word.rsplit("/", 1)[-1] for word in (*used, *image.config.shell[:1]))


def _check_base(pair: Pair, old: BaseImage, new: BaseImage, has: frozenset[str], found: Findings) -> None:
    if new.libc != "none" and old.libc is not None and new.libc != old.libc:
        found.failures.append(f"{new.reference} has another C library than {old.reference}")
    own = brought(pair.before, pair.program)
    missing = sorted(mentioned(pair.program, pair.view) & old.programs - new.programs - own)
    found.failures += (f"{new.reference} has no {name}, which the program starts" for name in missing)
    found.failures += (f"{new.reference} has no {name}, which SHELL names" for name in sorted(_shells(pair.after) & old.programs - new.programs))
    running = sorted(programs_needed(pair.before.installs) & old.programs - new.programs)
    found.failures += (f"{new.reference} has no {name}, which what was built runs on" for name in running)
    manager = "apk" if new.libc == "musl" else "apt"
    for name in sorted(mentioned(pair.program, pair.view) & PROGRAMS - new.programs - own):
        package = package_of(name, manager)
        if package and old.packages is not None and package in old.packages and package not in has:
            found.failures.append(f"{name} is called, and {package} would be lost")
    if new.libc == "none" and pair.program.shell:
        found.failures.append(f"{new.reference} has no shell, and the program is started by one")
    lost = sorted((old.packages or frozenset()) - has)
    if lost:
        found.left_behind.append(LeftBehind(f"{len(lost)} packages of {old.reference}", "nothing in the image is known to need them"))
    found.assumptions.append(f"nothing the program loads at run time needs what {old.reference} has beyond {new.reference}")
