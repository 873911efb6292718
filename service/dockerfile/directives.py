"""Parser directives at the top: `# syntax=`, `# escape=`, `# check=` (frontend/dockerfile/parser/directives.go)."""

from __future__ import annotations

from service.dockerfile.model import DockerfileError

_KNOWN = frozenset({"syntax", "escape", "check"})


def directives(lines: list[str]) -> tuple[tuple[str, str], ...]:
    """Names and values in order. The first line that is none ends them; a repeated one is an error, so is an unknown escape."""
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        text = (line.removeprefix("\ufeff") if number == 1 else line).strip()
        if number == 1 and text.startswith("#!"):
            continue
        name, equals, value = text.removeprefix("#").partition("=")
        name = name.strip().lower()
        if not text.startswith("#") or not equals or name not in _KNOWN:
            break
        if name in found:
            raise DockerfileError(f"only one {name} parser directive can be used", number)
        if name == "escape" and value.strip() not in ("\\", "`"):
            raise DockerfileError(f"invalid escape token {value.strip()!r}: it must be ` or \\", number)
        found[name] = value.strip()
    return tuple(found.items())
