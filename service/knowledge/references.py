"""Image references: registry prefix, repository, tag, digest; and what a tag says."""

from __future__ import annotations

from dataclasses import dataclass

_HUB = (
    "docker.io/library/",
    "index.docker.io/library/",
    "registry-1.docker.io/library/",
    "docker.io/",
    "index.docker.io/",
    "public.ecr.aws/docker/library/",
    "mirror.gcr.io/library/",
    "mirror.gcr.io/",
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
        "oldstable",
        "stable",
    }
)
_UBUNTU = {
    "14.04": "trusty",
    "16.04": "xenial",
    "18.04": "bionic",
    "20.04": "focal",
    "22.04": "jammy",
    "24.04": "noble",
    "26.04": "resolute",
}


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


def parse_reference(text: str) -> Reference:
    """Splits `registry/name:tag@digest`; without a tag it is `latest`, with only a digest it is empty."""
    name, _, digest = text.partition("@")
    head, slash, last = name.rpartition("/")
    last, colon, tag = last.partition(":")
    repository = f"{head}{slash}{last}"
    prefix = next((mirror for mirror in _HUB if repository.startswith(mirror)), "")
    return Reference(prefix, repository[len(prefix) :], tag if colon else "" if digest else "latest", digest)


def parse_tag(tag: str) -> Tag:
    """What a tag says by the official images' conventions: version first, then variant and suite."""
    words = tag.split("-")
    version = words[0] if words[0][:1].isdigit() else ""
    rest = words[1:] if version else words
    suite = next((word for word in rest if word in SUITES), None)
    if suite is None:
        suite = next((word for word in rest if word.startswith("alpine") and word != "alpine"), None)
    if suite is None:
        suite = next((_UBUNTU[word.removeprefix("ubuntu")] for word in rest if word.removeprefix("ubuntu") in _UBUNTU), None)
    return Tag(version, tuple(word for word in rest if word != "latest"), suite)


def ubuntu_suite(version: str) -> str | None:
    return _UBUNTU.get(version)


def older(version: str, limit: str) -> bool:
    """Whether a dotted version is below another; parts that are no numbers count as zero."""

    def parts(text: str) -> tuple[int, ...]:
        return tuple(int(part) if part.isdigit() else 0 for part in text.split("."))

    return parts(version) < parts(limit)
