"""Two configurations, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.image.model import Config

Row = tuple[str, str | None, str | None]


def differences(before: Config, after: Config) -> tuple[Row, ...]:
    """(key, before, after) for each key that differs: `ENV NAME`, `LABEL name`, `EXPOSE 80/tcp`, `VOLUME /data`, `WorkingDir`, `User`, `Entrypoint`,
    `Cmd`, `StopSignal`, `Healthcheck`, `Shell`, `OnBuild`, `Author`; None where a side has none."""
    return (
        *_mapping("ENV", dict(before.env), dict(after.env)),
        *_mapping("LABEL", dict(before.labels), dict(after.labels)),
        *_mapping("EXPOSE", dict.fromkeys(sorted(before.ports), ""), dict.fromkeys(sorted(after.ports), "")),
        *_mapping("VOLUME", dict.fromkeys(sorted(before.volumes), ""), dict.fromkeys(sorted(after.volumes), "")),
        *(row for row in _single(before, after) if row[1] != row[2]),
    )


def _mapping(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Row]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield f"{kind} {name}", before.get(name), after.get(name)


def _single(before: Config, after: Config) -> Iterator[Row]:
    yield "WorkingDir", before.workdir, after.workdir
    yield "User", before.user, after.user
    yield "Entrypoint", _words(before.entrypoint), _words(after.entrypoint)
    yield "Cmd", _words(before.cmd), _words(after.cmd)
    yield "StopSignal", before.stop_signal, after.stop_signal
    yield "Healthcheck", str(before.healthcheck) if before.healthcheck else None, str(after.healthcheck) if after.healthcheck else None
    yield "Shell", _words(before.shell), _words(after.shell)
    yield "OnBuild", _words(before.on_build), _words(after.on_build)
    yield "Author", before.author, after.author


def _words(words: tuple[str, ...] | None) -> str | None:
    return None if not words else " ".join(words) if len(words) == 1 else str(list(words))
