"""Asks container registries how large a base image is, where an operator allows it. Off by default: nothing else in Restage uses the network.

    RESTAGE_REGISTRY=1               asks at all
    RESTAGE_REGISTRY_HOSTS=a,b       registries to ask beside the well-known ones
    RESTAGE_REGISTRY_SECONDS=3       what one image may take in all
    RESTAGE_REGISTRY_REQUESTS=200    manifests and blobs that the process may fetch in all

A HEAD comes first, which registries do not count: where the digest is one that the catalogue has, the catalogue answers. Proxies of the
environment are not used.
"""

from __future__ import annotations

from service.registry.lookup import Registry, look_up, sizes_of
from service.registry.settings import Settings

__all__ = ["Registry", "Settings", "look_up", "sizes_of"]
