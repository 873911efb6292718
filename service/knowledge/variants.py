"""Smaller images that run what a base has built."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files

from service.image.model import BaseImage
from service.knowledge.families import java_of
from service.knowledge.images import base_image
from service.knowledge.references import UBUNTU_RELEASES, Reference, older, parse_reference, parse_tag
from service.knowledge.tags import listed, tag_facts

_ROWS: Mapping[str, Mapping[str, str]] = json.loads(files(__package__).joinpath("variants.json").read_text())["families"]

_DEBIAN = frozenset({"wheezy", "jessie", "stretch", "buster", "bullseye", "bookworm", "trixie"})
"""Releases of Debian that have a slim image; of those before bullseye nothing can be installed any more, but what needs nothing runs there."""


def slimmer(base: BaseImage) -> tuple[str, ...]:
    """References of smaller runtime variants of a base, best first: same family, version and distribution. None for a base pinned by digest,
    since the pin would be lost, nor for a family without a row in variants.json, and no tag that was never published."""
    name = parse_reference(base.reference)
    row = _ROWS.get(base.family)
    if row is None or name.digest or "$" in base.reference or not name.tag:
        return ()
    rule = _RULES[row["rule"]]
    others = (found for found in rule(base, name.repository, name.tag, row) if found != f"{name.repository}:{name.tag}")
    return tuple(f"{name.prefix}{found}" for found in others if _published(found, name))


def _published(reference: str, base: Reference) -> bool:
    """Whether a tag exists as far as anybody can say: a family outside the catalogue may have it, and so may one whose base is newer than that."""
    name = parse_reference(reference)
    if not listed(_catalogued(name.repository)) or tag_facts(_catalogued(name.repository), name.tag) is not None:
        return True
    return name.repository == base.repository and tag_facts(_catalogued(base.repository), base.tag) is None


def _catalogued(repository: str) -> str:
    """The name under which the catalogue has a repository: Microsoft's moved, with their tags."""
    return repository.replace("mcr.microsoft.com/dotnet/core/", "mcr.microsoft.com/dotnet/")


def own_libraries(base: BaseImage, features: Iterable[str] = ("c++", "fortran", "openmp")) -> tuple[tuple[str, ...], str]:
    """Globs of the shared libraries that a family's compiler brings and links with beyond its distribution's, for what a program makes of it
    (`image.linking.features`), and the folder of the runtime stage that they go to; a distribution's compiler brings none."""
    row = _ROWS.get(base.family, {})
    globs = (glob for key in sorted(features) for glob in row.get(key, "").split())
    return tuple(dict.fromkeys(globs)), row.get("library_folder", "")


def heavy_folders(base: BaseImage) -> tuple[str, ...]:
    """Folders of a base that weigh much by what the base itself puts there."""
    return tuple(_ROWS.get(base.family, {}).get("heavy", "").split())


def stored_folders(base: BaseImage) -> tuple[str, ...]:
    """Folders of a base that its own package manager fills, and the author's packages with it: a copy stores all of that again."""
    return tuple(_ROWS.get(base.family, {}).get("stored", "").split())


def bare(base: BaseImage) -> tuple[str, ...]:
    """The distribution alone, for a program that does not use the language a base is made for."""
    name = parse_reference(base.reference)
    if name.digest or "$" in base.reference or base.family in ("debian", "alpine"):
        return ()
    if base.libc == "musl":
        release = (base.suite or "").removeprefix("alpine")
        return (f"alpine:{release}",) if release else ()
    return (f"debian:{base.suite}-slim",) if base.suite in _DEBIAN and base.libc == "glibc" else ()


def static_base() -> BaseImage:
    """The base of a program that needs no C library: certificates, time zones, /tmp and a user database are in it."""
    return base_image("gcr.io/distroless/static-debian12")


def _slim(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """`3.12-bookworm` -> `3.12-slim-bookworm`; `latest` -> `slim`."""
    parsed = parse_tag(tag)
    if parsed.words and ("slim" in parsed.words or any(word.startswith("alpine") for word in parsed.words)):
        return []
    suite = [word for word in parsed.words if word == parsed.suite]
    if not suite and not parsed.version and row.get("order") == "suite-first" and base.family == "debian":
        # Debian has no tag `slim`: its slim variants carry the release's name.
        return [f"{repository}:{base.suite}-slim"] if base.suite else []
    if len(parsed.words) > len(suite):
        # `lts`, `iron`, `1.16-otp-26`: a name of the family's own, whose slim variant has the same one.
        slim = f"{tag}-slim"
        return [f"{repository}:{slim}"] if tag_facts(repository, slim) is not None else []
    order = [*suite, "slim"] if row.get("order") == "suite-first" else ["slim", *suite]
    return [f"{repository}:{'-'.join([*([parsed.version] if parsed.version else []), *order])}"]


def _distribution(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """The distribution under a toolchain image: `debian:bookworm-slim`, `alpine:3.20`."""
    if base.libc == "musl":
        version = (base.suite or "").removeprefix("alpine")
        return [f"alpine:{version}"] if version else []
    if base.suite in _DEBIAN:
        return [f"debian:{base.suite}-slim"]
    return [f"ubuntu:{number}" for number, suite in UBUNTU_RELEASES.items() if suite == base.suite]


def _listed_slim(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """As `_slim`, where the family's catalogue says that it publishes one."""
    found = _slim(base, repository, tag, row)
    return [reference for reference in found if tag_facts(repository, reference.rpartition(":")[2]) is not None]


def _runtime(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """`21-jdk-jammy` -> `21-jre-jammy`, where the family publishes it for that version."""
    words = tag.split("-")
    if "jre" in words:
        return []
    if "versions" in row and java_of(parse_tag(tag)) not in row["versions"].split(","):
        return []
    if "jdk" in words:
        return _drawing(f"{repository}:{'-'.join('jre' if word == 'jdk' else word for word in words)}")
    if not base.version:
        return []
    return _drawing(f"{repository}:{'-'.join([words[0], 'jre', *words[1:]])}")


def _drawing(runtime: str) -> list[str]:
    """A runtime of Java and, in front of it, its slim variant where that has what text is drawn with: a program draws where nobody would think of it
    (a spreadsheet's columns), and fails there alone. Debian's own packages have it, the builds that came after them do not."""
    slim = f"{runtime}-slim"
    name = parse_reference(slim)
    listed_there = tag_facts(name.repository, name.tag) is not None
    return [*([slim] if listed_there and "fonts" in (base_image(slim).capabilities or ()) else []), runtime]


def _java_builder(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """maven and gradle tags name the JDK they carry: `3.9-eclipse-temurin-21`, `3.6.1-jdk-11-slim`, `jdk21`, `8.5-jdk17-alpine`."""
    words = tag.split("-")
    alpine = "alpine" in words
    suite = next((word for word in words if word in ("jammy", "noble", "focal")), "")
    version = _java_version(words)
    if not version:
        return []
    if "temurin" in words or base.family == "gradle":
        found = f"eclipse-temurin:{version}-jre" + ("-alpine" if alpine else f"-{suite}" if suite else "")
        if base.family != "gradle" or _listed("eclipse-temurin", [found.partition(":")[2]]):
            return [found]
    if base.family == "gradle" or "jdk" in words or "openjdk" in words:
        # Of most releases there is a JDK alone: its slim variant is what Maven's stands on.
        tags = [f"{version}-jre-alpine"] if alpine else [f"{version}-jre-slim", f"{version}-jdk-slim"] if "slim" in words else [f"{version}-jre"]
        return _drawing(found) if (found := _listed("openjdk", tags)) else []
    return []


def _java_version(words: list[str]) -> str:
    for index, word in enumerate(words):
        if word.startswith("jdk") and word[3:].isdigit():
            return word[3:]
        if word in ("temurin", "jdk", "openjdk") and index + 1 < len(words) and words[index + 1].isdigit():
            return words[index + 1]
    return ""


def _dotnet(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """The runtimes that are listed for the SDK's release and distribution, the smallest first. An SDK has a number of its own (8.0.404) and
    stands on the full distribution before 5.0: `sdk:3.0.100-buster` -> `aspnet:3.0-buster-slim`."""
    release = ".".join(base.version.split(".")[:2])
    words = [word for word in tag[len(base.version) :].split("-") if word and word != "aot"]
    tags = ["latest"] if tag == "latest" else ["-".join([release, *words])] if "." in release else []
    tags += ["-".join([release, *words, "slim"])] if words and words[-1] == base.suite else []
    folder = repository.rpartition("/")[0]
    return [found for name in ("runtime-deps", "runtime", "aspnet") if (found := _listed(f"{folder}/{name}", tags))]


def _listed(repository: str, tags: list[str]) -> str:
    return next((f"{repository}:{tag}" for tag in tags if tag_facts(_catalogued(repository), tag) is not None), "")


def _old_dotnet(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """`2.1.402-sdk-bionic` -> `2.1-aspnetcore-runtime-bionic`; before 2.1 ASP.NET Core had an image of its own, and the tags were others."""
    release = ".".join(base.version.split(".")[:2])
    words = tag.split("-")
    rest = words[words.index("sdk") + 1 :] if "sdk" in words else []
    plain = tag == "latest" or ("sdk" in words and words.index("sdk") == (1 if base.version else 0))
    if not plain or any(word[:1].isdigit() for word in rest) or (release and release not in ("2.0", "2.1", "2.2")):
        return []
    suite = [f"{word}-slim" if word == "stretch" else word for word in rest]
    kinds = ["runtime-deps", "runtime", *(["aspnetcore-runtime"] if release != "2.0" else [])]
    return [f"{repository}:{'-'.join([*([release] if release else []), kind, *suite])}" for kind in kinds]


def _sbt(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """`eclipse-temurin-21.0.6_7_1.10.11_2.13.16` names the JDK, sbt and Scala: a JDK of Temurin has its build's number behind an underscore."""
    words = tag.split("-")
    parts = tag.split("_")
    if "temurin" in words:
        named = tag.partition("temurin-")[2]
        variant = next((word for word in words if word in ("alpine", "jammy", "noble", "focal")), "")
        parts = named.removeprefix(f"{variant}-").split("_")
        jdk, tail = "_".join(parts[: 2 if len(parts) > 3 else 1]), f"-{variant}" if variant else ""
        tags = [f"{jdk}-jre{tail}", f"{jdk.split('.')[0].split('u')[0]}-jre{tail}"]
        return [found] if (found := _listed("eclipse-temurin", tags)) else []
    if len(parts) < 2 or not parts[0][:1].isdigit() or "-" in parts[0]:
        return []
    return [found] if (found := _listed("openjdk", [f"{parts[0]}-jre", f"{parts[0].split('.')[0].split('u')[0]}-jre"])) else []


def _clojure(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """`temurin-17-lein-alpine` and `openjdk-8-tools-deps-slim-bullseye` name their JDK; until Leiningen 2.9 it was Java 8."""
    words = tag.split("-")
    version = next((after for word, after in zip(words, words[1:], strict=False) if word in ("temurin", "openjdk") and after.isdigit()), "")
    if "temurin" in words and version:
        suite = next((word for word in words if word in ("alpine", "jammy", "noble", "focal")), "")
        tags = [f"{version}-jre-{suite}"] if suite else [f"{version}-jre"]
        return [found] if (found := _listed("eclipse-temurin", tags)) else []
    lein = next((after for word, after in zip(words, words[1:], strict=False) if word == "lein" and after[:2] == "2."), "")
    old = bool(lein) and older(lein, "2.9") and not version
    if "alpine" in words or not (version or old):
        return []
    return [found] if (found := _listed("openjdk", [f"{version or '8'}-jre" + ("-slim" if "slim" in words else "")])) else []


def _words(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """`12.2.0-devel-ubuntu22.04` -> `12.2.0-runtime-ubuntu22.04`: of every build of theirs the family publishes both."""
    words = tag.split("-")
    return [f"{repository}:{'-'.join(row['to'] if word == row['from'] else word for word in words)}"] if row["from"] in words else []


def _conda(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """The distribution that conda's image stands on; an environment has its own libraries and runs on any (docs.conda.io, Environments)."""
    return _distribution(base, repository, tag, row) or ["debian:bookworm-slim"]


_RULES = {
    "none": lambda base, repository, tag, row: [],
    "words": _words,
    "conda": _conda,
    "slim": _slim,
    "listed-slim": _listed_slim,
    "distribution": _distribution,
    "runtime": _runtime,
    "java-builder": _java_builder,
    "dotnet": _dotnet,
    "old-dotnet": _old_dotnet,
    "sbt": _sbt,
    "clojure": _clojure,
}
