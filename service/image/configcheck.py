"""The configuration, key by key: what differs is licensed by a closed table, or fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.dockerfile.patterns import glob_matches
from service.ecosystems import ECOSYSTEMS
from service.image.compare import differences
from service.image.effects import Phase
from service.image.image import Image
from service.image.licences import EXEC_FORM, PRIVILEGES, lesser_user, same_command
from service.image.model import BaseImage
from service.image.toolchains import runs_on
from service.image.verdict import Difference
from service.knowledge import environment

if TYPE_CHECKING:
    from service.image.verify import Findings, Pair


def check_config(pair: Pair, found: Findings) -> None:
    """Appends a `Difference` with its licence for each key, or a failure."""
    for key, before, after in differences(pair.before.config, pair.after.config):
        because = _licence(key, before, after, pair, found)
        if because is None:
            found.failures.append(f"{key} would change from {before!r} to {after!r}")
        else:
            found.differences.append(Difference(key, before, after, because))


def _base(image: Image) -> BaseImage:
    return image.chain(image.final)[0].state.base


def _licence(key: str, before: str | None, after: str | None, pair: Pair, found: Findings) -> str | None:
    kind, _, name = key.partition(" ")
    old, new = _base(pair.before), _base(pair.after)
    if kind == "ENV":
        return _licence_env(name, before, after, pair, old, new)
    if key in ("Entrypoint", "Cmd") and EXEC_FORM in pair.licences and same_command(key, pair.before, pair.after):
        return "the same words, started without a shell"
    if key == "User" and PRIVILEGES in pair.licences and lesser_user(pair.before.config, pair.after.config, pair.after):
        found.assumptions.append(f"the program writes nothing that only root may write; it runs as {after}")
        return "asked for: the program no longer runs as root"
    if old.reference == new.reference:
        return None
    if kind in ("EXPOSE", "VOLUME", "LABEL"):
        return f"{new.reference} brings it" if before is None else f"{old.reference} brought it" if after is None and _inherited(key, old) else None
    if key == "Entrypoint" and pair.before.config.entrypoint == old.config.entrypoint and pair.after.config.entrypoint == new.config.entrypoint:
        return f"{old.reference}'s own entrypoint only runs its arguments; {new.reference} brings its own"
    if key == "User" and {before or "root", after or "root"} == {"root"}:
        return "an image that names no user runs as root"
    if key == "StopSignal" and pair.before.config.stop_signal == old.config.stop_signal and new.family in pair.program.names:
        return f"{new.reference} stops its server so"
    if key == "OnBuild":
        return None
    return None


def _inherited(key: str, base: BaseImage) -> bool:
    kind, _, name = key.partition(" ")
    if kind == "LABEL":
        return name in dict(base.config.labels)
    return name in (base.config.ports if kind == "EXPOSE" else base.config.volumes)


def _licence_env(name: str, before: str | None, after: str | None, pair: Pair, old: BaseImage, new: BaseImage) -> str | None:
    was, is_now = old.config.env_value(name), new.config.env_value(name)
    if before is None:
        return f"{new.reference} sets {name}" if after == is_now else None
    if after is None and before != was:
        return "only building reads it" if _build_only(name, pair) else None
    if name == "PATH":
        return _licence_path(before, after, old, new)
    if before == was and old.reference != new.reference:
        kind = environment.kind(name)
        if kind == "behaviour" and after is None:
            return None
        if after is None and _read_by_program(name, pair):
            return None
        return f"{old.reference} set {name} ({kind})" if after in (None, is_now) else None
    return None


def _licence_path(before: str | None, after: str | None, old: BaseImage, new: BaseImage) -> str | None:
    """Entries may go that the new base does not have: a toolchain's folders."""
    gone = set((before or "").split(":")) - set((after or "").split(":"))
    mine = set((old.config.env_value("PATH") or "").split(":")) - set((new.config.env_value("PATH") or "").split(":"))
    added = set((after or "").split(":")) - set((before or "").split(":"))
    return f"toolchain folders of {old.reference}" if gone <= mine and added <= set((new.config.env_value("PATH") or "").split(":")) else None


def _read_by_program(name: str, pair: Pair) -> bool:
    return any(f"${name}" in text or f"${{{name}" in text for text in pair.program.texts)


def _build_only(name: str, pair: Pair) -> bool:
    """An ecosystem that built something, and that the program does not run on, documents the variable."""
    acts = [act for stage in pair.before.stages for layer in stage.layers for act in layer.acts]
    built = {act.ecosystem for act in acts if act.phase in (Phase.INSTALL, Phase.BUILD)}
    return not _read_by_program(name, pair) and any(
        ecosystem.name in built
        and any(glob_matches(pattern, name) for pattern in ecosystem.build_env)
        and not runs_on(ecosystem, pair.program, pair.view, acts)
        for ecosystem in ECOSYSTEMS
    )
