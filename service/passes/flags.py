"""A flag put into an instruction's text, behind those that are there."""

from __future__ import annotations

from service.dockerfile import read_fragment


def with_flag(text: str, escape: str, name: str, value: str | None = None) -> str:
    """`COPY a b` with `--name=value`, the author's bytes kept; the same text where the flag is there already."""
    item = read_fragment(text, escape)[0]
    if any(flag.name == name for flag in item.flags):
        return text
    flag = f"--{name}" if value is None else f"--{name}={value}"
    at = item.offsets[0]
    return f"{text[:at]}{flag} {text[at:]}"
