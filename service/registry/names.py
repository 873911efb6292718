"""Where a reference's image lies: registry, repository, and tag or digest."""

from __future__ import annotations

from dataclasses import dataclass

_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})
_HUB_HOST = "registry-1.docker.io"
_PLAIN = set("abcdefghijklmnopqrstuvwxyz0123456789._-/")
_TAG = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


@dataclass(frozen=True, slots=True)
class Place:
    """`name` is a tag, or a digest (`sha256:...`)."""

    host: str
    repository: str
    name: str

    @property
    def pinned(self) -> bool:
        return ":" in self.name

    def url(self, kind: str, name: str) -> str:
        return f"https://{self.host}/v2/{self.repository}/{kind}/{name}"


def place_of(reference: str) -> Place | None:
    """None for what is no complete reference: a variable in it, a stage's name, `scratch`, characters that no registry takes."""
    rest, at, digest = reference.partition("@")
    head, slash, last = rest.rpartition("/")
    last, _, tag = last.partition(":")
    host, repository = _split(f"{head}{slash}{last}")
    name = digest if at else tag or "latest"
    if at and not (digest.startswith("sha256:") and len(digest) == 71 and set(digest[7:]) <= set("0123456789abcdef")):
        return None
    if repository.endswith("/") or not set(repository) <= _PLAIN or len(repository) > 255 or ".." in repository or "//" in repository:
        return None
    if repository == "library/scratch" or (not at and (not set(name) <= _TAG or len(name) > 128)):
        return None
    return Place(host, repository, name) if repository else None


def _split(path: str) -> tuple[str, str]:
    first, slash, rest = path.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost") and first not in _HUB:
        return first.lower(), rest
    plain = rest if first in _HUB else path
    return _HUB_HOST, plain if "/" in plain else f"library/{plain}"
