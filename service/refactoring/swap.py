"""What a change of base takes away, and what of it the runtime stage must install."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from service.deadline import check
from service.ecosystems import ECOSYSTEMS, Ecosystem, Lock
from service.image.brought import brought
from service.image.effects import LanguageInstall, Phase
from service.image.mentions import mentioned
from service.image.model import BaseImage
from service.image.packagesources import is_source
from service.knowledge.apt import table
from service.knowledge.folders import data_of
from service.knowledge.needs import needs, programs_needed
from service.knowledge.programs import PROGRAMS, package_of
from service.refactoring.facts import Facts

_BY_NAME = {ecosystem.name: ecosystem for ecosystem in ECOSYSTEMS}
_OWN_CERTIFICATES = ("node", "java", "scala", "clojure")
"""Ecosystems whose runtime carries its own root certificates (nodejs.org/api/cli.html#--use-bundled-ca; the JDK's lib/security/cacerts)."""

_ARCHIVED = frozenset({"jessie", "stretch", "buster", "wheezy"})
"""Releases that Debian's mirrors no longer carry (debian.org/distrib/archive, 2026): an author's line that still installs there proves otherwise."""

_LONG_ARCHIVED = frozenset({"wheezy", "jessie", "stretch"})
"""Of these, whose keys have run out too: nothing is installed there that the author does not install."""


@dataclass(slots=True)
class Swap:
    """`install` are (package, why) that the new base lacks; `copies` (path, why) of what has to come as files; `missing` are files whose content
    would decide; `problem` is why it cannot be."""

    manager: str
    install: dict[str, str] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    problem: str = ""
    early: bool = False
    """A repeated line calls what is installed: it has to come first."""


def swap(facts: Facts, new: BaseImage, compiled: bool) -> Swap:
    """What going from the author's base to `new` asks for. `compiled`: the program is a binary of its own."""
    old = facts.final.state.base
    result = Swap("apk" if new.libc == "musl" else "apt")
    if new.reference == old.reference:
        return result
    kin = (new.family, new.version) == (old.family, old.version) or _portable(facts, new)
    if new.suite is None and new.libc != "none" and not kin:
        # Two tags of one family and version stand on the same release, whichever it is; others may not.
        result.problem = f"which release {new.reference} stands on is not known"
        return result
    if old.libc is not None and new.libc not in (old.libc, "none", None):
        result.problem = f"{new.reference} has another C library"
        return result
    if not kin and new.libc != "none" and old.suite != new.suite:
        result.problem = f"{new.reference} stands on {new.suite}, {old.reference} on {old.suite or 'a release that is not known'}"
        return result
    if old.packages is None and old.capabilities is None:
        result.problem = f"what {old.reference} holds is not known"
        return result
    _programs(facts, old, new, result)
    lacking = sorted(programs_needed(facts.image.installs) & old.programs - new.programs)
    if lacking:
        result.problem = f"{new.reference} has no {lacking[0]}, which what was built runs on"
        return result
    if new.libc == "none":
        # Only what is linked statically, libraries and all, runs there, and nothing can be installed.
        result.problem = f"{new.reference} lacks {', '.join(sorted(result.install))}" if result.install else ""
        return result
    _languages(facts, old, new, result)
    if _loses_screen(facts, old, new):
        result.problem = f"{new.reference} has nothing to draw windows with, and the program has a screen"
    _certificates(facts, old, new, result, compiled)
    proven = any(layer.packages for layer in facts.final.layers) and new.suite not in _LONG_ARCHIVED
    if result.install and new.suite in _ARCHIVED and not proven:
        _copy_data(result)
        if result.install:
            result.problem = f"{new.suite}'s packages have moved to the archive: {', '.join(sorted(result.install))} could not be installed"
    return result


def _copy_data(result: Swap) -> None:
    """Nothing can be installed: what is data comes from the build stage, which has it from its base."""
    for package in [package for package in result.install if data_of(package)]:
        why = result.install.pop(package)
        result.copies |= dict.fromkeys(data_of(package), f"{package}, which can no longer be installed: {why}")


def _portable(facts: Facts, new: BaseImage) -> bool:
    """Whether everything that was built runs on any release, and what the author installs beside it has the same name on the new one."""
    built = {act.ecosystem for layer in facts.final.layers for act in layer.acts if act.phase in (Phase.BUILD, Phase.INSTALL)}
    changes = [act.packages for layer in facts.final.layers for act in layer.acts if act.packages is not None]
    packages = table(new.suite) if changes else None
    named = all(change.manager == "apt" and packages is not None and all(map(packages.known, change.installed)) for change in changes)
    pinned = any(act.packages is not None and any("=" in (word or "=") for word in act.words) for layer in facts.final.layers for act in layer.acts)
    # An archive of packages that is not the distribution's own need not have the other release.
    foreign = any(is_source(write) for layer in facts.final.layers for act in layer.acts for write in act.writes)
    return bool(built) and all(name in _BY_NAME and _BY_NAME[name].portable for name in built) and named and not pinned and not foreign


def _lost(package: str, old: BaseImage, new: BaseImage) -> bool:
    if new.packages is not None and package in new.packages:
        return False
    if old.packages is not None:
        return package in old.packages
    return old.capabilities is not None and package in old.capabilities and (new.capabilities is None or package not in new.capabilities)


def _programs(facts: Facts, old: BaseImage, new: BaseImage, result: Swap) -> None:
    for name in sorted((mentioned(facts.program, facts.view) | _assistants(facts)) & PROGRAMS - brought(facts.image, facts.program)):
        package = package_of(name, result.manager)
        if package and _lost(package, old, new) and name not in new.programs:
            result.install.setdefault(package, f"something in the image calls {name}")


def _assistants(facts: Facts) -> frozenset[str]:
    """Programs that a language's runner calls, where a manifest says so."""
    rows = [row for ecosystem in ECOSYSTEMS for row in ecosystem.assisted if row[0] in facts.program.names]
    files = [(posixpath.basename(path), content) for path, content in facts.context.files.items() if content] if rows else []
    return frozenset(program for _, manifest, mark, program in rows if any(name == manifest and mark in content for name, content in files))


def _languages(facts: Facts, old: BaseImage, new: BaseImage, result: Swap) -> None:
    for install in (install for layer in facts.final.layers for install in layer.installs):
        ecosystem = _BY_NAME[install.ecosystem]
        names = _asked_for(install, ecosystem, facts, result)
        for name in names:
            need = needs(ecosystem.name, name)
            if need is None and ecosystem.compiles_packages and not result.problem and not _same_packages(old, new):
                result.problem = f"what {name} was linked with on {old.reference} is not known"
            for package in need.packages if need is not None else ():
                _require(package, f"{name} needs it", old, new, result)


def _loses_screen(facts: Facts, old: BaseImage, new: BaseImage) -> bool:
    """Whether a Java program is told of a screen, or starts one, and would lose the libraries that its windows are drawn with: Debian's headless
    Java, of the slim variants, comes without them."""
    lost = "java" in new.programs and "slim" in new.variant and "slim" not in old.variant
    told = any(name == "DISPLAY" for name, _ in facts.image.config.env)
    return lost and (told or any(mark in text for text in facts.program.texts for mark in ("DISPLAY", "Xvfb", "xvfb-run")))


def _same_packages(old: BaseImage, new: BaseImage) -> bool:
    """Whether the new base has all that the old one has (Debian's slim variant), so that nothing can miss what it was linked with."""
    return old.packages is not None and new.packages is not None and old.suite == new.suite and old.packages <= new.packages


def _require(package: str, because: str, old: BaseImage, new: BaseImage, result: Swap) -> None:
    """A library that the old base had must come along; one that it had not was the author's business. Of alternatives the base has one."""
    for name in package.split("|"):
        if _lost(name, old, new):
            result.install.setdefault(name, because)


def names_asked_for(ecosystem: Ecosystem, facts: Facts) -> tuple[str, ...]:
    """The packages that an ecosystem's installs ask for, on their command lines and in what was sent of their manifests."""
    installs = (install for layer in facts.final.layers for install in layer.installs if install.ecosystem == ecosystem.name)
    return tuple(name for install in installs for name in _asked_for(install, ecosystem, facts, Swap("")))


def _asked_for(install: LanguageInstall, ecosystem: Ecosystem, facts: Facts, result: Swap) -> list[str]:
    """The packages an install asks for, manifests followed through their own references."""
    found = [_plain(name) for name in install.packages]
    if ecosystem.packages_of is None:
        return found
    if ecosystem.lock is not None:
        locked = _locked(ecosystem.lock, install, ecosystem, facts)
        if locked is not None:
            return [*found, *locked]
        found += ecosystem.lock.presumed
    seen: set[str] = set()
    unread: list[str] = []
    queue, known = list(install.manifests), bool(install.packages)
    while queue and len(seen) < 50:
        check()
        path = queue.pop()
        if path in seen:
            continue
        seen.add(path)
        content = facts.context.files.get(path)
        name = posixpath.basename(path)
        if content is None:
            unread += [path] if ecosystem.lock is not None and name != ecosystem.lock.name else []
            continue
        names = ecosystem.packages_of(name, content)
        if names is None:
            result.assumptions.append(f"{path} could not be read")
            continue
        known = True
        found += names
        for reference in (ecosystem.local_references(name, content) or ()) if ecosystem.local_references else ():
            queue.append(posixpath.normpath(posixpath.join(posixpath.dirname(path), reference)))
    if not known:
        wanted = next((path for path in install.manifests), None) or ecosystem.manifests[0].required[0]
        unread = [wanted]
    result.missing += unread
    return found


def _locked(lock: Lock, install: LanguageInstall, ecosystem: Ecosystem, facts: Facts) -> tuple[str, ...] | None:
    """What the lock file names; None where it was not read."""
    contents = (facts.context.files.get(path) for path in install.manifests if posixpath.basename(path) == lock.name)
    content = next((text for text in contents if text is not None), None)
    return ecosystem.packages_of(lock.name, content) if content is not None and ecosystem.packages_of is not None else None


def _plain(word: str) -> str:
    """`flask[async]>=3` and `git+https://host/pallets/flask.git@main` are flask: a repository is named as its package is, or says so (`#egg=`)."""
    address, _, fragment = word.partition("#") if "://" in word else ("", "", "")
    if address:
        named = next((part.removeprefix("egg=") for part in fragment.split("&") if part.startswith("egg=")), "")
        word = named or address.rstrip("/").rpartition("/")[2].partition("@")[0].removesuffix(".git")
    for mark in "=<>~![;@ ":
        word = word.partition(mark)[0] or word
    return word


def _certificates(facts: Facts, old: BaseImage, new: BaseImage, result: Swap, compiled: bool) -> None:
    built = {act.ecosystem for layer in facts.final.layers for act in layer.acts if act.phase in (Phase.BUILD, Phase.INSTALL)}
    named = any(facts.program.names & frozenset(_BY_NAME[name].interpreters) for name in _OWN_CERTIFICATES)
    brings_own = (not compiled and named) or (bool(built) and built <= set(_OWN_CERTIFICATES))
    if brings_own and not any(name.startswith(("NODE_EXTRA", "SSL_CERT")) for name, _ in facts.image.config.env):
        return
    for package in ("ca-certificates", "tzdata"):
        if _lost(package, old, new) and not (new.capabilities and package in new.capabilities):
            result.install.setdefault(
                package, "a program that talks TLS needs it" if package == "ca-certificates" else "a program that shows local time needs it"
            )
