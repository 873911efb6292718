"""The settings, where the HTTP adapter looks for them."""

from __future__ import annotations

from service.settings import BadSetting, Settings, is_loopback

__all__ = ["BadSetting", "Settings", "is_loopback"]
