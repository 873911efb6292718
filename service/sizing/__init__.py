"""Estimates of layers and sizes from the interpreted image, without building anything."""

from __future__ import annotations

from service.sizing.estimate import Estimator, SizesOf, estimate
from service.sizing.model import Estimate, LayerEstimate, Removable, Size, Wasted

__all__ = ["Estimate", "Estimator", "LayerEstimate", "Removable", "Size", "SizesOf", "Wasted", "estimate"]
