"""Checks of keys against the database, with a short memory in front of it."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock

from service.access import keys, store
from service.access.keys import Key
from service.access.model import Caller, Refused

# A revoked key is refused after at most this long by a process that knows it, in seconds.
MEMORY_SECONDS = 5.0
_MOST = 4_096


class KeyVerifier:
    """Remembers what the database said of a key's id, absence too, so that a flood of requests is no flood of queries. Thread-safe."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._known: OrderedDict[str, tuple[float, Key | None]] = OrderedDict()
        self._lock = Lock()

    def caller(self, text: str) -> Caller:
        """Raises Refused, or Unavailable where the database does not answer."""
        identity = keys.identity_of(text)
        key = self._find(identity) if identity else None
        # An absent key is compared too, with one that nobody has: the time it takes says nothing of which ids exist.
        if not keys.fits(text, key or _NOBODY) or key is None:
            raise Refused("The key is not known.")
        if not key.usable(time.time()):
            raise Refused("The key is revoked or has expired.")
        return Caller(key.id, key.scopes)

    def _find(self, identity: str) -> Key | None:
        now = time.monotonic()
        with self._lock:
            until, key = self._known.get(identity, (0.0, None))
        if now < until:
            return key
        key = store.find(self._address, identity)
        with self._lock:
            self._known[identity] = now + MEMORY_SECONDS, key
            self._known.move_to_end(identity)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        return key


_NOBODY = Key("", bytes(32), "", frozenset(), 0)
