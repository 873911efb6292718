"""A base image's size as its registry says it, within a budget, with the catalogue behind it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from service.knowledge.catalogue import catalogue
from service.knowledge.sizes import ImageSize, image_size
from service.registry.client import Budget, Client
from service.registry.manifests import child_of, size_of
from service.registry.names import Place, place_of
from service.registry.settings import Settings
from service.registry.transport import Transport, Unreachable, https

_DAY = 86_400.0
_KEPT = 512


class Registry:
    """What a process remembers: sizes by digest for ever, digests of tags for a day, both bounded; what it has spent; who wants to be left
    alone until when. Safe for threads."""

    def __init__(self, settings: Settings, transport: Transport = https, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._transport, self._clock = settings, transport, clock
        self._sizes: OrderedDict[str, ImageSize] = OrderedDict()
        self._digests: OrderedDict[Place, tuple[str, float]] = OrderedDict()
        self._quiet: dict[str, float] = {}
        self._spent = 0
        self._lock = threading.Lock()

    def look_up(self, reference: str) -> ImageSize | None:
        """None where the registry is not asked, or does not answer in time, or wants no more requests."""
        place = place_of(reference)
        if not self._settings.enabled or place is None or place.host not in self._settings.hosts:
            return None
        known = self._known(place)
        if known is not None or self._clock() < self._quiet.get(place.host, 0.0):
            return known
        end = self._clock() + self._settings.seconds
        budget = Budget(lambda: end - self._clock(), lambda: self._spend(place.host), lambda seconds: self._hush(place.host, seconds))
        try:
            return self._asked(place, reference, Client(self._transport, place, budget))
        except Unreachable:
            return None

    def _asked(self, place: Place, reference: str, client: Client) -> ImageSize | None:
        digest = place.name if place.pinned else client.head()
        if digest and not place.pinned:
            self._keep(self._digests, place, (digest, self._clock() + _DAY))
        known = self._by_digest(digest)
        if known is not None:
            return known
        document = client.manifest(digest or place.name)
        child = child_of(document)
        if child is not None:
            known = self._by_digest(child)
            document = {} if known is not None else client.manifest(child)
        found = known or size_of(reference, document, self._config(client, document), digest)
        if found is not None and digest:
            self._keep(self._sizes, digest, found)
        return found

    def _config(self, client: Client, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """The image's history says what each layer is; without it the size is only less well known."""
        digest = document.get("config", {}).get("digest") if isinstance(document.get("config"), dict) else None
        try:
            return client.config(digest) if isinstance(digest, str) and digest.startswith("sha256:") else {}
        except Unreachable:
            return {}

    def _known(self, place: Place) -> ImageSize | None:
        with self._lock:
            digest, until = (place.name, self._clock() + 1) if place.pinned else self._digests.get(place, ("", 0.0))
        return self._by_digest(digest) if digest and self._clock() < until else None

    def _by_digest(self, digest: str) -> ImageSize | None:
        """What the process or the catalogue has of a digest; an image never changes under it."""
        if digest in catalogue().by_digest:
            found = image_size(f"{catalogue().by_digest[digest].row['ref'].partition(':')[0]}@{digest}")
            return replace(found, note="; ".join(filter(None, ("the registry has this digest", found.note))))
        with self._lock:
            return self._sizes.get(digest)

    def _keep(self, kept: OrderedDict[Any, Any], key: object, value: object) -> None:
        with self._lock:
            kept[key] = value
            while len(kept) > _KEPT:
                kept.popitem(last=False)

    def _spend(self, host: str) -> None:
        with self._lock:
            if self._spent >= self._settings.requests or self._clock() < self._quiet.get(host, 0.0):
                raise Unreachable("no requests left")
            self._spent += 1

    def _hush(self, host: str, seconds: float) -> None:
        with self._lock:
            self._quiet[host] = max(self._quiet.get(host, 0.0), self._clock() + min(seconds, _DAY))


@lru_cache(maxsize=8)
def _registry(settings: Settings) -> Registry:
    return Registry(settings)


def look_up(reference: str, settings: Settings) -> ImageSize | None:
    """The size of an image as its registry says it now; None where it is not asked or does not say. One memory and budget a process."""
    return _registry(settings).look_up(reference)


def sizes_of(settings: Settings, registry: Registry | None = None) -> Callable[[str], ImageSize]:
    """The look-up that an adapter gives to the estimate: the registry's answer, else the catalogue's with a note. It asks for at most
    `settings.images` images, each once, so one is made for each file."""
    if not settings.enabled:
        return image_size
    asked: dict[str, ImageSize] = {}
    live = registry or _registry(settings)

    def sized(reference: str) -> ImageSize:
        if reference not in asked:
            place = place_of(reference)
            wanted = place is not None and place.host in settings.hosts
            found = live.look_up(reference) if wanted and len(asked) < settings.images else None
            bundled = image_size(reference)
            note = "; ".join(filter(None, (bundled.note, "the registry did not answer"))) if wanted else bundled.note
            asked[reference] = found or replace(bundled, note=note)
        return asked[reference]

    return sized
