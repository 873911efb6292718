"""Image references: registry prefix, repository, tag, digest; and what a tag says."""

from __future__ import annotations

from dataclasses import dataclass

from service.quick import quick
from service.remembering import remembered

_HUB = (
    "docker.io/library/",
    "index.docker.io/library/",
    "registry-1.docker.io/library/",
    "docker.io/",
    "index.docker.io/",
    "public.ecr.aws/docker/library/",
    "mirror.gcr.io/library/",
    "mirror.gcr.io/",
    "registry.hub.docker.com/library/",
    "amd64/",
    "library/",
)
SUITES = frozenset(
    {
        "stretch",
        "buster",
        "bullseye",
        "bookworm",
        "trixie",
        "sid",
        "jessie",
        "wheezy",
        "bionic",
        "focal",
        "jammy",
        "noble",
        "resolute",
        "xenial",
        "trusty",
        "artful",
        "cosmic",
        "disco",
        "eoan",
        "groovy",
        "hirsute",
        "impish",
        "kinetic",
        "lunar",
        "mantic",
        "oracular",
        "plucky",
        "questing",
        "precise",
        "oldstable",
        "stable",
    }
)
UBUNTU_RELEASES = {
    "14.04": "trusty",
    "16.04": "xenial",
    "18.04": "bionic",
    "20.04": "focal",
    "22.04": "jammy",
    "24.04": "noble",
    "26.04": "resolute",
}


UBUNTU = frozenset(
    {
        *UBUNTU_RELEASES.values(),
        *("precise", "artful", "cosmic", "disco", "eoan", "groovy", "hirsute", "impish", "kinetic", "lunar", "mantic", "oracular", "plucky"),
        "questing",
    }
)
_OTHERS = {
    "ubi": "ubi",
    "amazonlinux": "amazonlinux",
    "oraclelinux": "oraclelinux",
    "al": "amazonlinux",
    "fedora": "fedora",
    "centos": "centos",
    "rockylinux": "rockylinux",
    "azurelinux": "azurelinux",
    "mariner": "mariner",
}


@quick
@dataclass(frozen=True, slots=True)
class Reference:
    """`prefix` is a registry that mirrors the official images, kept for the new base; `repository` is without it."""

    prefix: str
    repository: str
    tag: str
    digest: str


@dataclass(frozen=True, slots=True)
class Tag:
    """`version` is the leading number (`3.12.1`), `words` the rest split at dashes; `suite` a distribution release named in it."""

    version: str
    words: tuple[str, ...]
    suite: str | None


@remembered(2_048)
def parse_reference(text: str) -> Reference:
    """Splits `registry/name:tag@digest`; without a tag it is `latest`, with only a digest it is empty."""
    name, _, digest = text.partition("@")
    head, slash, last = name.rpartition("/")
    last, colon, tag = last.partition(":")
    repository = f"{head}{slash}{last}"
    prefix = next((mirror for mirror in _HUB if repository.startswith(mirror)), "")
    return Reference(prefix, repository[len(prefix) :], tag if colon else "" if digest else "latest", digest)


@remembered(2_048)
def parse_tag(tag: str) -> Tag:
    """What a tag says by the official images' conventions: version first, then variant and suite."""
    words = tag.split("-")
    version = words[0] if words[0][:1].isdigit() else ""
    rest = words[1:] if version else words
    suite = next((word for word in rest if word in SUITES), None)
    if suite is None:
        suite = next((word for word in rest if word.startswith("alpine") and word != "alpine"), None)
    if suite is None:
        suite = next((UBUNTU_RELEASES[word.removeprefix("ubuntu")] for word in rest if word.removeprefix("ubuntu") in UBUNTU_RELEASES), None)
    return Tag(version, tuple(word for word in rest if word != "latest"), suite)


def suite_in(words: str) -> str:
    """The release named in a tag or in a folder of Dockerfiles: `bookworm`, `noble`, `alpine3.20`, `ubi9`, `oraclelinux9`; empty for none.

    `8-jdk-alpine-3.20` and `21/jdk/ubuntu/noble` are both read.
    """
    parts = words.replace("/", "-").split("-")
    for index, word in enumerate(parts):
        found = _release(word, parts[index + 1] if index + 1 < len(parts) else "")
        if found:
            return found
    return ""


def _release(word: str, after: str) -> str:
    if word in SUITES and word not in ("stable", "oldstable", "sid"):
        return word
    name = word.rstrip("0123456789.")
    number = word[len(name) :] or (after if after[:1].isdigit() else "")
    if name == "ubuntu":
        return UBUNTU_RELEASES.get(number, "")
    if name == "alpine":
        return f"alpine{number}" if number else ""
    return f"{_OTHERS[name]}{number}" if name in _OTHERS and word != name else ""


def java_version(words: tuple[str, ...]) -> str:
    """The Java release that a tag names beside its own version: `3.9-eclipse-temurin-21`, `8.5-jdk17-alpine`, `3.6.1-jdk-11-slim`."""
    for index, word in enumerate(words):
        after = words[index + 1] if index + 1 < len(words) else ""
        if word.startswith(("jdk", "jre")) and word[3:].isdigit():
            return word[3:]
        if word in ("temurin", "jdk", "jre", "openjdk", "corretto", "amazoncorretto", "sapmachine", "jdk8u") and after.isdigit():
            return after
    return ""


def older(version: str, limit: str) -> bool:
    """Whether a dotted version is below another; parts that are no numbers count as zero."""

    def parts(text: str) -> tuple[int, ...]:
        return tuple(int(part) if part.isdecimal() and len(part) < 10 else 0 for part in text.split("."))

    return parts(version) < parts(limit)
