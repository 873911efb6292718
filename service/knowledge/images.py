"""What is known of base images: configuration, packages, users, suite, C library, capabilities, programs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from service.image.model import BaseImage, Config
from service.knowledge import apt
from service.knowledge.families import DATA, Row, family_row, java_of, kind_of, refined
from service.knowledge.references import Reference, Tag, parse_reference, parse_tag
from service.knowledge.releases import Release, distribution_of, release
from service.remembering import remembered

_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CAPABLE = ("ca-certificates", "tzdata", "locales", "openssl", "git", "curl", "wget")
_ALWAYS = frozenset({"shell", "tmp", "passwd"})
_EMPTY = "{empty}"
_BARE = ("bare", "scratch", "busybox")


@remembered(1_024)
def base_image(reference: str) -> BaseImage:
    """The facts of a reference. It always answers: what is not known is None, and an unknown family has only its reference.

    The facts of a tag that moves are those of its last listing in the catalogue; `exact` is False where the tag is not in it, or where a
    digest pins another build.
    """
    name = parse_reference(reference)
    family, row = family_row(name.repository)
    tag = parse_tag(name.tag)
    if row is None or not name.tag or "$" in reference or _windows(tag):
        return BaseImage(reference, family=family, documentation=_documentation(family, tag), exact=False)
    return _known(reference, name, family, row, tag)


def _windows(tag: Tag) -> bool:
    return any(word.startswith(("windows", "nanoserver")) for word in tag.words)


def _known(reference: str, name: Reference, family: str, row: Row, tag: Tag) -> BaseImage:
    place = release(name, tag, row)
    kind = kind_of(row, tag)
    distribution = "alpine" if "alpine" in tag.words else distribution_of(place.suite) or row.get("distribution", "debian")
    if row.get("distribution") in _BARE:
        distribution = row["distribution"]
    facts = refined(row, tag, kind, place.suite, distribution)
    if facts.get("distribution") in _BARE:
        distribution = facts["distribution"]
    packages = _packages(facts, kind, place, distribution)
    programs = (*facts.get("programs", ()), *(facts.get("jdk_programs", ()) if kind.startswith("jdk") else ()))
    return BaseImage(
        reference,
        family=family,
        version=tag.version,
        variant="-".join(tag.words),
        config=_config(facts, tag, distribution),
        packages=packages,
        capabilities=_capabilities(facts, packages, distribution),
        users=_users(facts, place.suite, distribution),
        programs=frozenset(programs),
        toolchain=tuple(facts.get("toolchain", ())),
        suite=place.suite,
        libc=_libc(facts, tag, distribution),
        documentation=_documentation(family, tag, distribution),
        arguments_of=tuple(facts.get("arguments_of", ())),
        workbench=tuple(facts.get("workbench", ())),
        exact=place.exact,
        source=DATA["source"],
        date=place.date or DATA["date"],
    )


def _libc(facts: Row, tag: Tag, distribution: str) -> str | None:
    if "libc" in facts:
        return str(facts["libc"])
    if distribution == "busybox":
        return next((word for word in tag.words if word in ("glibc", "musl")), None)
    return "musl" if distribution == "alpine" else "glibc"


def _documentation(family: str, tag: Tag, distribution: str | None = None) -> bool | None:
    """Whether the image's root keeps documentation: by the FROM lines of the family's Dockerfiles; Ubuntu's images exclude it, and so does every
    slim tag."""
    known = DATA["documentation"]
    if distribution == "ubuntu" or "slim" in tag.words or family in known["excluded"]:
        return False
    return True if family in known["kept"] else None


def _packages(facts: Row, kind: str, place: Release, distribution: str) -> frozenset[str] | None:
    """The minimal base and the closure of the family's sets; for a release of Ubuntu without a table what every release has, and what the
    family itself installs. rpm and apk: unknown."""
    if distribution in _BARE:
        return _in(facts.get("packages", ()), place.suite)
    sets = facts.get(kind) or facts.get("full") or facts.get("jdk")
    if distribution in ("alpine", "rpm"):
        return None
    if sets is None and distribution != "ubuntu":
        return None
    names = tuple(name for key in sets or () for name in DATA["package_sets"][key])
    if distribution == "ubuntu" and place.suite not in apt.UBUNTU:
        return apt.lasting() | _in(names, place.suite)
    return _closed(names, _table_of(place.suite))


def _table_of(suite: str | None) -> str:
    """A suite without a table lends its neighbour's: names of tools hardly change, and both sides of a swap are taken from the same one."""
    if suite is not None and suite in (*apt.SUITES, *apt.UBUNTU):
        return suite
    return "bullseye" if suite in ("buster", "stretch", "jessie", "wheezy") else "bookworm"


def _in(names: tuple[str, ...] | list[str], suite: str | None) -> frozenset[str]:
    """Names of a set; `lib:libssl-dev` stands for the libraries behind it, where the suite's table says them."""
    table = apt.table(suite)
    found = {name for name in names if not name.startswith("lib:")}
    for name in (name for name in names if name.startswith("lib:") and table is not None):
        found |= set((table.runtime_libraries(name[4:]) if table is not None else None) or ())
    return frozenset(found)


@lru_cache(maxsize=128)
def _closed(names: tuple[str, ...], suite: str) -> frozenset[str]:
    table = apt.table(suite)
    assert table is not None
    base, wanted = apt.minbase(suite), _in(names, suite)
    return base | wanted | frozenset(table.closure(tuple(sorted(wanted)), base, False))


def _capabilities(facts: Row, packages: frozenset[str] | None, distribution: str) -> frozenset[str] | None:
    """On Alpine the root certificates and BusyBox's wget come with the distribution (ca-certificates-bundle)."""
    listed = frozenset(facts.get("capabilities", ()))
    if distribution == "scratch":
        return frozenset()
    if distribution == "bare":
        return listed
    if distribution == "busybox":
        return _ALWAYS | {"wget"}
    if distribution == "alpine":
        return _ALWAYS | listed | {"ca-certificates", "wget"}
    if packages is None:
        return None
    fonts = {"fonts"} if _have_fonts(packages) else set()
    return _ALWAYS | listed | fonts | {"bash", *(name for name in _CAPABLE if name in packages)}


@lru_cache(maxsize=128)
def _have_fonts(packages: frozenset[str]) -> bool:
    return any(name.startswith(("fonts-", "ttf-")) for name in packages)


def _users(facts: Row, suite: str | None, distribution: str) -> Mapping[str, int]:
    if distribution == "scratch":
        return {}
    own = facts.get("users", {})
    if "bare_users" in facts:
        known: dict[str, int | None] = dict(facts["bare_users"])
        own = {}
    elif distribution == "alpine":
        known = dict(DATA["alpine_users"])
    elif distribution in ("debian", "ubuntu"):
        known = {**DATA["debian_users"], **DATA["release_users"].get(suite or "", {})}
    else:
        known = {"root": 0, "nobody": 65534}
    return {name: number for name, number in {**known, **own}.items() if number is not None}


def _config(facts: Row, tag: Tag, distribution: str) -> Config:
    """Values that change with every build stand as `<NAME>`; `{empty}` is one that the image sets to nothing."""
    values = {"PATH": _DEFAULT_PATH, **facts.get("env", {})}
    env = tuple((name, "" if value == _EMPTY else _filled(value, tag) or f"<{name}>") for name, value in values.items() if value is not None)
    command = facts.get("cmd")
    if distribution == "alpine" and command in (["bash"], ["/bin/bash"]):
        command = ["/bin/sh"]
    return Config(
        env=env,
        workdir=facts.get("workdir", "/"),
        user=facts.get("user", ""),
        entrypoint=tuple(facts["entrypoint"]) if facts.get("entrypoint") else None,
        cmd=tuple(_filled(word, tag) for word in command) if command else None,
        ports=frozenset(facts.get("ports", ())),
        volumes=frozenset(facts.get("volumes", ())),
        labels=tuple(facts.get("labels", {}).items()),
        stop_signal=facts.get("stop_signal", ""),
        shell=tuple(facts.get("shell", ("/bin/sh", "-c"))),
    )


def _filled(text: str, tag: Tag) -> str:
    """`{java}` is the Java release that the tag names, `{version}` its version."""
    if "{java}" in text and not java_of(tag):
        return ""
    return text.replace("{java}", java_of(tag)).replace("{version}", tag.version)
