"""The interpreted Dockerfile: one `StageImage` a stage; the last one, or the one a caller targets, is what ships."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.dockerfile.model import Stage
from service.image.effects import LanguageInstall, Layer
from service.image.model import BaseImage, Config
from service.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class Scope:
    """The state just before an instruction: ENV (the base's included), build arguments in scope, working directory, user and shell."""

    env: Mapping[str, str]
    args: Mapping[str, str]
    workdir: str
    user: str
    shell: tuple[str, ...]

    def variables(self) -> dict[str, str]:
        """What a line may name: build arguments, and ENV where no argument has the name."""
        # By their pairs: unpacking a mapping of our own asks it for each name.
        return {**dict(self.env.items()), **dict(self.args.items())}


@dataclass(frozen=True, slots=True)
class StageConfig:
    """A stage's configuration, folded by BuildKit's rules.

    `parent` is the index of the stage it is FROM, None for an image. `base` holds the facts of the image at the root of the chain; where
    nothing is known of it, a `BaseImage` with only its reference. `scopes` has one entry for each of `stage.instructions`.
    """

    stage: Stage
    parent: int | None
    base: BaseImage
    scopes: tuple[Scope, ...]
    config: Config


@dataclass(frozen=True, slots=True)
class StageImage:
    """A stage with its configuration and its own layers (the parent's not repeated), in order. One layer for each RUN, COPY, ADD and
    each WORKDIR other than `/`."""

    state: StageConfig
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Image:
    """All stages; `final` is the index of the one that ships."""

    stages: tuple[StageImage, ...]
    final: int

    @property
    def config(self) -> Config:
        return self.stages[self.final].state.config

    @property
    def installs(self) -> tuple[LanguageInstall, ...]:
        """What languages' package managers and builds brought, in all stages: a stage that copies from another runs on the same things."""
        return tuple(install for stage in self.stages for layer in stage.layers for install in layer.installs)

    def chain(self, index: int) -> tuple[StageImage, ...]:
        """The stages that make up a stage's file system, the root first."""
        found: list[StageImage] = []
        current: int | None = index
        while current is not None:
            found.append(self.stages[current])
            current = self.stages[current].state.parent
        return tuple(reversed(found))
