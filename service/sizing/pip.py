"""What a language's package manager adds to a layer."""

from __future__ import annotations

from service.context import BuildContext
from service.image.effects import Act
from service.image.model import BaseImage
from service.sizing.model import Addition


def added(act: Act, context: BuildContext, base: BaseImage) -> Addition | None:
    return None
