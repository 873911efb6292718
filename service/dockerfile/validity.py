"""What BuildKit's instruction checks reject (frontend/dockerfile/instructions/parse.go), each with its line."""

from __future__ import annotations

from service.dockerfile.arguments import split_pairs
from service.dockerfile.heredocs import shell_words
from service.dockerfile.model import Dockerfile, DockerfileError, Instruction

FLAGS: dict[str, frozenset[str]] = {
    "ADD": frozenset({"keep-git-dir", "chmod", "chown", "link", "checksum", "exclude", "unpack"}),
    "COPY": frozenset({"from", "chmod", "chown", "link", "parents", "exclude"}),
    "FROM": frozenset({"platform"}),
    "HEALTHCHECK": frozenset({"interval", "timeout", "start-period", "start-interval", "retries"}),
    "RUN": frozenset({"mount", "network", "security", "device"}),
}
FLAGGED = frozenset(
    {
        "ADD",
        "COPY",
        "FROM",
        "HEALTHCHECK",
        "RUN",
        "ARG",
        "CMD",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "LABEL",
        "MAINTAINER",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    }
)
_KEYWORDS = FLAGGED | {"ONBUILD"}
_VALUELESS = frozenset({"link", "parents", "keep-git-dir", "unpack"})
_MOUNTS = frozenset({"bind", "cache", "tmpfs", "secret", "ssh"})
_EXACTLY_ONE = frozenset({"MAINTAINER", "USER", "WORKDIR", "STOPSIGNAL"})
_AT_LEAST_ONE = frozenset({"ENV", "LABEL", "EXPOSE", "VOLUME", "ARG"})


def check_file(dockerfile: Dockerfile) -> None:
    """Checks that need the whole file: a FROM, nothing but ARG before it, stage names."""
    started = False
    for item in dockerfile.instructions:
        if item.keyword == "FROM":
            started = True
        elif not started and item.keyword != "ARG":
            raise _error(item, f"no build stage in current context: {item.keyword} stands before FROM")
    if not started:
        raise DockerfileError("the file has no FROM", dockerfile.instructions[-1].lines[0])


def check_keyword(word: str, line: int) -> None:
    """An instruction that BuildKit does not know."""
    if word.upper() not in _KEYWORDS:
        raise DockerfileError(f"unknown instruction: {word[:40]}", line)


def check_instruction(item: Instruction, escape: str) -> None:
    """Checks of one instruction by itself; ONBUILD's trigger too."""
    _check_flags(item)
    name = item.keyword
    if name == "FROM":
        _check_from(item)
    elif name in ("ADD", "COPY"):
        _check_copy(item)
    elif name == "HEALTHCHECK":
        _check_healthcheck(item)
    elif name == "SHELL":
        if not item.json:
            raise _error(item, "SHELL requires the arguments to be in JSON form")
    elif name == "ONBUILD":
        _check_onbuild(item)
    elif name in _EXACTLY_ONE:
        _check_one(item)
    elif name in _AT_LEAST_ONE:
        _check_some(item, escape)
    elif name == "RUN" and item.json is None and not item.rest.strip() and not item.heredocs:
        raise _error(item, "RUN requires at least one argument")


def _error(item: Instruction, message: str) -> DockerfileError:
    column = len(item.text) - len(item.text.lstrip(" \t\ufeff")) + 1
    return DockerfileError(message, item.lines[0], column)


def _check_flags(item: Instruction) -> None:
    known = FLAGS.get(item.keyword, frozenset())
    seen: set[str] = set()
    for flag in item.flags:
        if flag.name not in known:
            raise _error(item, f"unknown flag: --{flag.name[:40]}")
        if flag.value is None and flag.name not in _VALUELESS:
            raise _error(item, f"missing a value on flag: {flag.name}")
        if flag.value is not None and flag.name in _VALUELESS and flag.value.lower() not in ("true", "false"):
            raise _error(item, f"expecting boolean value for flag {flag.name}")
        if flag.name in seen and flag.name not in ("mount", "exclude", "device"):
            raise _error(item, f"duplicate flag specified: {flag.name}")
        seen.add(flag.name)
        if flag.name == "mount":
            _check_mount(item, flag.value or "")
        if flag.name == "network" and flag.value not in ("default", "none", "host"):
            raise _error(item, f"invalid network mode: {flag.value}")


def _check_mount(item: Instruction, value: str) -> None:
    parts = dict(part.partition("=")[::2] for part in value.split(","))
    kind = parts.get("type", "bind")
    if "$" not in kind and kind not in _MOUNTS:
        raise _error(item, f"unsupported mount type {kind!r}")
    target = parts.get("target") or parts.get("dst") or parts.get("destination")
    if kind in ("bind", "cache", "tmpfs") and not target:
        raise _error(item, f"{kind} mount needs a target")


def _check_from(item: Instruction) -> None:
    words = item.rest.split()
    if len(words) not in (1, 3) or (len(words) == 3 and words[1].upper() != "AS"):
        raise _error(item, "FROM requires either one or three arguments")
    if len(words) == 3:
        name = words[2].lower()
        if not (name[0].isascii() and name[0].isalpha() and all(letter.isascii() and (letter.isalnum() or letter in "-_.") for letter in name)):
            raise _error(item, f"invalid name for build stage: {words[2][:40]!r}")


def _check_copy(item: Instruction) -> None:
    words = item.json if item.json is not None else tuple(item.rest.split())
    if len(words) < 2:
        raise _error(item, f"{item.keyword} requires at least two arguments, but only {len(words)} were provided")
    source = item.flag("from")
    if source is not None and "$" in source:
        raise _error(item, "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround")


def _check_healthcheck(item: Instruction) -> None:
    words = item.rest.split()
    if not words:
        raise _error(item, "HEALTHCHECK requires at least one argument")
    kind = words[0].upper()
    if kind == "NONE":
        if len(words) > 1:
            raise _error(item, "HEALTHCHECK NONE takes no arguments")
        return
    if kind != "CMD":
        raise _error(item, f"unknown type {words[0][:40]!r} in HEALTHCHECK (try CMD)")
    if len(words) == 1 or item.json == ():
        raise _error(item, "missing command after HEALTHCHECK CMD")
    for flag in item.flags:
        if flag.name == "retries":
            if not (flag.value or "").lstrip("+").isdigit():
                raise _error(item, f"--retries must be a whole number, not {flag.value!r}")
        elif not _duration(flag.value or ""):
            raise _error(item, f"invalid duration {flag.value!r} for --{flag.name}")


def _duration(value: str) -> bool:
    """Go's time.ParseDuration, as far as it is used here: numbers with units, none negative."""
    text, units = value.lstrip("+"), ("ms", "us", "µs", "ns", "h", "m", "s")
    if text == "0":
        return True
    found = False
    while text:
        digits = len(text) - len(text.lstrip("0123456789."))
        unit = next((unit for unit in units if text.startswith(unit, digits)), None)
        if not digits or unit is None or text[:digits].count(".") > 1 or text[:digits] == ".":
            return False
        text, found = text[digits + len(unit) :], True
    return found


def _check_onbuild(item: Instruction) -> None:
    if item.trigger is None:
        raise _error(item, "ONBUILD requires at least one argument")
    if item.trigger.keyword == "ONBUILD":
        raise _error(item, "chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
    if item.trigger.keyword in ("FROM", "MAINTAINER"):
        raise _error(item, f"{item.trigger.keyword} isn't allowed as an ONBUILD trigger")
    # The trigger itself is only checked when another image runs it.


def _check_one(item: Instruction) -> None:
    if not item.rest.strip():
        raise _error(item, f"{item.keyword} requires exactly one argument")


def _check_some(item: Instruction, escape: str) -> None:
    if item.json == () or (item.json is None and not item.rest.strip()):
        raise _error(item, f"{item.keyword} requires at least one argument")
    if item.keyword in ("ENV", "LABEL"):
        _check_pairs(item, escape)
    if item.keyword == "ARG":
        for word in shell_words(item.rest, escape):
            if word.startswith("="):
                raise _error(item, "ARG names can not be blank")
    if item.keyword == "VOLUME" and any(not word.strip() for word in (item.json if item.json is not None else item.rest.split())):
        raise _error(item, "VOLUME specified can not be an empty string")


def _check_pairs(item: Instruction, escape: str) -> None:
    words = tuple(shell_words(item.rest, escape))
    if "=" not in words[0]:
        if len(item.rest.split(None, 1)) < 2:
            raise _error(item, f"{item.keyword} must have two arguments")
        return
    for word in words:
        if "=" not in word:
            raise _error(item, f"syntax error - can't find = in {word[:40]!r}. Must be of the form: name=value")
    if any(not name for name, _ in split_pairs(item.rest, escape)):
        raise _error(item, f"{item.keyword} names can not be blank")
