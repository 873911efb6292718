"""Variables and functions of make (the GNU make manual, chapters 6 and 8). Depth, number and length of expansions are bounded."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping

from service.ecosystems.makefiles.model import FILES, UNKNOWN, Makefile, Unreadable

_MOST_EXPANSIONS = 20_000
_MOST_LETTERS = 500_000
LONGEST_VALUE = 16_384
_DEPTH = 30
_CHANGING = frozenset({"install", "cp", "mv", "ln", "tar", "make", "curl", "wget", "rm"})


def value_of(name: str, file: Makefile) -> str:
    return expand(f"$({name})", file)


def expand(text: str, file: Makefile, automatic: Mapping[str, str] | None = None, depth: int = 0) -> str:
    """The text with its references replaced. Depth, number and length of expansions are bounded."""
    file.expansions += 1
    spend(len(text), file)
    if depth > _DEPTH or file.expansions > _MOST_EXPANSIONS:
        raise Unreadable
    if "$" not in text:
        return text
    found: list[str] = []
    length, place = 0, 0
    while place < len(text):
        start = text.find("$", place)
        if start < 0:
            found.append(text[place:])
            break
        found.append(text[place:start])
        letter = text[start + 1 : start + 2]
        if letter in ("(", "{"):
            end = _closing(text, start + 1)
            found.append(_reference(text[start + 2 : end], file, automatic, depth))
            place = end + 1
        else:
            found.append("$" if letter == "$" else _variable(letter, file, automatic, depth) if letter else "")
            place = start + 2
        length += len(found[-1])
        if length > LONGEST_VALUE:
            raise Unreadable
    spend(length, file)
    return "".join(found)


def spend(amount: int, file: Makefile) -> None:
    file.letters += amount
    if file.letters > _MOST_LETTERS:
        raise Unreadable


def _closing(text: str, start: int) -> int:
    opening = text[start]
    closing = ")" if opening == "(" else "}"
    depth = 0
    for place in range(start, len(text)):
        if text[place] == opening:
            depth += 1
        elif text[place] == closing:
            depth -= 1
            if not depth:
                return place
    raise Unreadable


def _variable(name: str, file: Makefile, automatic: Mapping[str, str] | None, depth: int) -> str:
    if automatic is not None and name in automatic:
        return automatic[name].replace("$$", "$")
    variable = file.variables.get(name)
    if variable is None:
        return ""
    # The value of a `:=` was expanded when it was read; what came from the environment is as it is.
    return variable.value if variable.simple else expand(variable.value, file, automatic, depth + 1)


def _reference(body: str, file: Makefile, automatic: Mapping[str, str] | None, depth: int) -> str:
    name, _, rest = body.partition(" ")
    if name in _FUNCTIONS or name in _TOLD_APART:
        spend(len(body), file)
        return _function(name, rest.strip() if name != "subst" else rest, file, automatic, depth)
    if "$" in body:
        body = expand(body, file, automatic, depth + 1)
        if UNKNOWN in body or FILES in body:
            return UNKNOWN
    variable, colon, change = body.partition(":")
    value = _variable(variable.strip(), file, automatic, depth)
    if not colon:
        return value
    before, equals, after = change.partition("=")
    if not equals:
        return UNKNOWN
    if "%" not in before:
        before, after = f"%{before}", f"%{after}"
    return _replaced(before, after, value)


def _replaced(pattern: str, replacement: str, text: str) -> str:
    if any(mark in part for mark in (UNKNOWN, FILES) for part in (pattern, replacement, text)):
        return UNKNOWN
    return " ".join(_patsubst(word, pattern, replacement) for word in text.split())


def _patsubst(word: str, pattern: str, replacement: str) -> str:
    before, mark, after = pattern.partition("%")
    if not mark:
        return replacement if word == pattern else word
    if len(word) < len(before) + len(after) or not word.startswith(before) or not word.endswith(after):
        return word
    return replacement.replace("%", word[len(before) : len(word) - len(after)], 1)


def _matches(word: str, patterns: Iterable[str]) -> bool:
    return any(word == one or ("%" in one and _patsubst(word, one, "\0%") != word) for one in patterns)


_REFUSED_FUNCTIONS = frozenset({"eval", "file", "guile", "let"})
_NOT_FOLLOWED = frozenset({"foreach", "call", "origin", "flavor", "value", "or", "and"})
_TOLD_APART = _REFUSED_FUNCTIONS | _NOT_FOLLOWED | {"shell", "wildcard", "if", "error", "info", "warning", "abspath", "realpath"}


def _function(name: str, rest: str, file: Makefile, automatic: Mapping[str, str] | None, depth: int) -> str:
    if name in _REFUSED_FUNCTIONS:
        raise Unreadable
    if name == "if":
        return _if(split_outside(rest, ","), file, automatic, depth)
    if name in _NOT_FOLLOWED:
        # What they give is not followed, but what they hold must not change rules or files.
        expand(rest, file, automatic, depth + 1)
        return UNKNOWN
    values = [expand(part, file, automatic, depth + 1) for part in split_outside(rest, ",")]
    text = ",".join(values)
    if name in ("info", "warning"):
        return ""
    if name == "error":
        return UNKNOWN
    if name == "shell":
        return _shell(text, file)
    if name == "wildcard":
        return wildcard(text, file)
    if UNKNOWN in text or FILES in text:
        return UNKNOWN
    if name in ("abspath", "realpath"):
        return " ".join(placed(word, file) for word in text.split())
    return _FUNCTIONS[name](values) if len(values) >= _ARGUMENTS.get(name, 1) else UNKNOWN


def _if(parts: list[str], file: Makefile, automatic: Mapping[str, str] | None, depth: int) -> str:
    condition = expand(parts[0], file, automatic, depth + 1).strip()
    if UNKNOWN in condition or FILES in condition:
        return UNKNOWN
    chosen = parts[1] if condition and len(parts) > 1 else ",".join(parts[2:]) if not condition else ""
    return expand(chosen, file, automatic, depth + 1)


def _shell(text: str, file: Makefile) -> str:
    """A build runs on Linux, in make's folder; files that a command lists are there. Everything else that a command says is not known."""
    words = text.split()
    if not words or any(word in _CHANGING for word in words):
        raise Unreadable
    if words in (["uname"], ["uname", "-s"]):
        return "Linux"
    if words == ["pwd"]:
        return file.call.folder
    if words[0] in ("find", "ls") or words[:2] == ["git", "ls-files"]:
        return FILES if "|" not in text else UNKNOWN
    return UNKNOWN


def wildcard(text: str, file: Makefile) -> str:
    if UNKNOWN in text or FILES in text:
        return FILES
    found: list[str] = []
    for pattern in text.split():
        if not any(letter in "*?[" for letter in pattern):
            there = file.around.has(placed(pattern, file))
            if there is not True and (there is None or file.around.made(placed(pattern, file))):
                return UNKNOWN
            found += [pattern] if there else []
            continue
        files = file.around.matching(placed(pattern, file))
        if files is None:
            return FILES
        start = "" if pattern.startswith("/") else file.call.folder.rstrip("/") + "/"
        found += sorted(path.removeprefix(start) for path in files)
    return " ".join(found)


def _chosen(place: str, text: str) -> str:
    words = text.split()
    return words[int(place) - 1] if place.strip().isdigit() and len(place) < 6 and 0 < int(place) <= len(words) else ""


def _joined(one: str, other: str) -> str:
    first, second = one.split(), other.split()
    return " ".join(
        (first[place] if place < len(first) else "") + (second[place] if place < len(second) else "") for place in range(max(len(first), len(second)))
    )


_ARGUMENTS = {"subst": 3, "patsubst": 3, "filter": 2, "filter-out": 2, "findstring": 2, "word": 2, "addsuffix": 2, "addprefix": 2, "join": 2}
_FUNCTIONS: Mapping[str, Callable[[list[str]], str]] = {
    "subst": lambda values: values[2].replace(values[0], values[1]) if values[0] else values[2],
    "patsubst": lambda values: _replaced(values[0].strip(), values[1].strip(), values[2]),
    "strip": lambda values: " ".join(",".join(values).split()),
    "findstring": lambda values: values[0] if values[0] in values[1] else "",
    "filter": lambda values: " ".join(word for word in values[1].split() if _matches(word, values[0].split())),
    "filter-out": lambda values: " ".join(word for word in values[1].split() if not _matches(word, values[0].split())),
    "sort": lambda values: " ".join(sorted(set(",".join(values).split()))),
    "word": lambda values: _chosen(values[0], values[1]),
    "words": lambda values: str(len(",".join(values).split())),
    "firstword": lambda values: next(iter(values[0].split()), ""),
    "lastword": lambda values: next(reversed(values[0].split()), ""),
    "wordlist": lambda values: UNKNOWN,
    "dir": lambda values: " ".join(posixpath.dirname(word) + "/" if "/" in word else "./" for word in values[0].split()),
    "notdir": lambda values: " ".join(posixpath.basename(word) for word in values[0].split()),
    "suffix": lambda values: " ".join(ending for word in values[0].split() if (ending := posixpath.splitext(word)[1])),
    "basename": lambda values: " ".join(posixpath.splitext(word)[0] for word in values[0].split()),
    "addsuffix": lambda values: " ".join(word + values[0].strip() for word in values[1].split()),
    "addprefix": lambda values: " ".join(values[0].strip() + word for word in values[1].split()),
    "join": lambda values: _joined(values[0], values[1]),
}


def outside(text: str) -> Iterator[tuple[int, str]]:
    """The letters outside of references, with their places."""
    depth, place = 0, 0
    while place < len(text):
        letter = text[place]
        if letter == "$" and text[place + 1 : place + 2] in ("(", "{"):
            depth += 1
            place += 2
            continue
        if depth and letter in "({":
            depth += 1
        elif depth and letter in ")}":
            depth -= 1
        elif not depth:
            yield place, letter
        place += 1


def split_outside(text: str, separator: str) -> list[str]:
    """Parts between separators that stand outside of references and parentheses."""
    found, start, depth = [], 0, 0
    for place, letter in outside(text):
        if letter in "({":
            depth += 1
        elif letter in ")}":
            depth -= 1
        elif letter == separator and depth <= 0:
            found.append(text[start:place])
            start = place + 1
    return [*found, text[start:]]


def placed(name: str, file: Makefile) -> str:
    return posixpath.normpath(posixpath.join(file.call.folder, name))
