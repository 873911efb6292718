"""Estimates of layers and sizes from the interpreted image, without building anything."""

from __future__ import annotations

from service.sizing.estimate import estimate
from service.sizing.model import Estimate, LayerEstimate, Size

__all__ = ["Estimate", "LayerEstimate", "Size", "estimate"]
