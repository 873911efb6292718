"""Cutting commands out of a chain and adding one to it, by splicing the author's text, never by printing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from service.shell.model import Command, Script
from service.shell.reader import Operator, reading

_STATE = frozenset({"cd", "export", "set", "pushd", "umask"})
_UNSAFE = frozenset({"trap", "source", ".", "eval", "alias", "popd", "exit", "return"})


@dataclass(frozen=True, slots=True)
class _Element:
    """A chain's element between two top-level operators: the commands in it, by index, and the operator in front of it."""

    start: int
    end: int
    operator: str
    commands: tuple[int, ...]


def keep(script: Script, indexes: Collection[int]) -> str | None:
    """The script with only these commands, and the `cd`, `set`, `export` and assignments in front of them; None where it cannot be cut safely."""
    chosen = _chosen(script, indexes)
    if chosen is None:
        return None
    kept, elements = chosen
    if len(kept) == len(elements):
        return script.text
    return " && ".join(script.text[element.start : element.end].strip() for element in kept)


def keep_source(source: str, offsets: Sequence[int], script: Script, indexes: Collection[int], anywhere: bool = False) -> str | None:
    """A whole instruction's source with only these commands, in the author's layout. `anywhere`: they are the same from any folder."""
    chosen = _chosen(script, indexes, anywhere)
    if chosen is None or len(offsets) != len(script.text) + 1:
        return None
    kept, elements = chosen
    if len(kept) == len(elements):
        return source
    head = source[: offsets[0]]
    places = {element.end: number for number, element in enumerate(elements)}
    pieces: list[str] = []
    for place, element in enumerate(kept):
        if place:
            pieces.append(_gap(source, offsets, elements, places[element.end]))
        pieces.append(source[offsets[element.start] : offsets[element.end - 1] + 1])
    return head + "".join(pieces) + _ending(source)


def append_command(source: str, offsets: Sequence[int], script: Script, command: str) -> str | None:
    """The instruction with ` && command` at its end; on a line of its own where the author gives each command one."""
    found = _elements(script)
    if script.opaque is not None or found is None or not found or len(offsets) != len(script.text) + 1:
        return None
    if any("<<" in redirect.operator for one in script.commands for redirect in one.redirects) or _open_end(script):
        return None
    end = offsets[found[-1].end - 1] + 1
    tail = source[end:]
    if tail.strip():
        return None
    gap = _gap(source, offsets, found, len(found) - 1) if len(found) > 1 and found[-1].operator == "&&" else ""
    joined = gap if "\n" in gap else _own_line(source[:end]) if "\n" in source[:end] else " && "
    return source[:end] + joined + command + _ending(source)


def _own_line(text: str) -> str:
    """A new line for a command behind one that runs over several, indented as its last line is."""
    last = text.rsplit("\n", 1)[-1]
    indent = last[: len(last) - len(last.lstrip())]
    end = "\r\n" if "\r\n" in text else "\n"
    return f" \\{end}{indent}&& "


def _open_end(script: Script) -> bool:
    """Whether what is added would not run behind the rest: after `a &`, `a;` or a comment."""
    found = reading(script.text)
    last = found.operators[-1] if found.operators else None
    return found.comment_at_end or (last is not None and not script.text[last.end :].strip())


def _ending(source: str) -> str:
    return source[len(source.rstrip("\r\n")) :]


def _gap(source: str, offsets: Sequence[int], elements: Sequence[_Element], place: int) -> str:
    """What stands between an element and the one before it in the author's text: the operator, the continuation, the indentation."""
    before, element = elements[place - 1], elements[place]
    text = source[offsets[before.end - 1] + 1 : offsets[element.start]]
    lines = text.split("\n")
    kept = [line for place, line in enumerate(lines) if not line.lstrip().startswith("#") and (line.strip() or place == len(lines) - 1)]
    return "\n".join(kept) if element.operator == "&&" and "&&" in text else " && "


def _chosen(script: Script, indexes: Collection[int], anywhere: bool = False) -> tuple[list[_Element], list[_Element]] | None:
    if script.opaque is not None:
        return None
    elements = _elements(script)
    if elements is None or any(one.top and one.text == "&" for one in reading(script.text).operators):
        return None
    wanted = set(indexes)
    last = max((place for place, element in enumerate(elements) if wanted & set(element.commands)), default=-1)
    strict = _strict(script)
    kept: list[_Element] = []
    for place, element in enumerate(elements):
        inside = wanted & set(element.commands)
        carries = place < last and _carries_state(script, element)
        if inside and inside != set(element.commands) and not _only_reads(script, element, inside):
            return None
        if element.operator not in ("", "&&") and not (element.operator == ";" and strict):
            return None
        if not inside and any(_unsafe(script.commands[index]) for index in element.commands):
            return None
        if inside or (carries and not (anywhere and _moves(script, element))):
            kept.append(element)
    kept = _without_idle_folders(script, kept, wanted)
    return [one for element in kept if (one := _without_idle_values(script, element, kept, wanted)) is not None], elements


def _moves(script: Script, element: _Element) -> bool:
    """Whether an element only goes to a folder."""
    return len(element.commands) == 1 and script.commands[element.commands[0]].name == "cd" and not script.commands[element.commands[0]].wrappers


def _without_idle_folders(script: Script, kept: Sequence[_Element], wanted: set[int]) -> list[_Element]:
    """Less each `cd` to a folder that is left for another one, named from the root, before anything runs in it or reads a variable."""
    found: list[_Element] = []
    left = False
    for element in reversed(kept):
        moves, text = _moves(script, element), script.text[element.start : element.end]
        if moves and left:
            continue
        found.append(element)
        if wanted & set(element.commands) or "$" in text or "`" in text:
            left = False
        elif moves:
            target = script.commands[element.commands[0]].words[1:2]
            left = bool(target) and (target[0].value or "").startswith("/")
    return found[::-1]


def _without_idle_values(script: Script, element: _Element, kept: Sequence[_Element], wanted: set[int]) -> _Element | None:
    """An element that is kept for its state alone, less values that no other one reads: None where nothing is left of it."""
    if wanted & set(element.commands) or len(element.commands) != 1:
        return element
    command = script.commands[element.commands[0]]
    rest = "".join(script.text[other.start : other.end] for other in kept if other is not element)
    if not command.assignments or command.wrappers or any(name in rest for name, _ in command.assignments):
        return element
    if not command.words:
        return None
    return replace(element, start=command.words[0].start) if command.name == "set" else element


def _unsafe(command: Command) -> bool:
    """What later commands may hang on in ways that are not followed: traps, sourced files, functions."""
    return command.name in _UNSAFE or "function" in command.nesting


def _only_reads(script: Script, element: _Element, inside: set[int]) -> bool:
    """Whether what is not chosen only feeds what is: substitutions inside a chosen command, or a pipe's source."""
    return all(
        index in inside or "$(" in script.commands[index].nesting or script.commands[index].name in ("echo", "printf", "cat", "curl", "wget", "true")
        for index in element.commands
    )


def _strict(script: Script) -> bool:
    """A leading `set -e` makes `;` stop at a failure, as `&&` does."""
    first = script.commands[0] if script.commands else None
    return (
        first is not None
        and first.name == "set"
        and not first.wrappers
        and any((word.value or "").startswith("-") and "e" in (word.value or "") for word in first.words[1:])
    )


def _carries_state(script: Script, element: _Element) -> bool:
    return any(_is_state(script.commands[index]) for index in element.commands)


def _is_state(command: Command) -> bool:
    return "(" not in command.nesting and ((not command.words and bool(command.assignments)) or command.name in _STATE)


def _elements(script: Script) -> list[_Element] | None:
    """The chain's elements; None for a script that no top-level operator reading explains."""
    operators = [one for one in reading(script.text).operators if one.top and one.text not in ("|", "|&")]
    spans = _spans(script.text, operators)
    found: list[_Element] = []
    starts = [command.start for command in script.commands]
    for start, end, operator in spans:
        commands = tuple(range(bisect_left(starts, start), bisect_left(starts, end)))
        if commands:
            found.append(_Element(start, end, operator if found else "", commands))
    return found or None


def _spans(text: str, operators: Sequence[Operator]) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    start, joined = 0, ""
    for one in operators:
        found.append((*_trimmed(text, start, one.start), joined))
        start, joined = one.end, ";" if one.text in ("\n", ";;") else one.text
    found.append((*_trimmed(text, start, len(text)), joined))
    return [span for span in found if span[0] < span[1]]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def drop_words(source: str, offsets: Sequence[int], script: Script, values: Collection[str]) -> str | None:
    """The instruction without the arguments that have one of these values, and the blank in front of each."""
    if script.opaque is not None or len(offsets) != len(script.text) + 1:
        return None
    spans = [(word.start, word.end) for command in script.commands for word in command.words[1:] if word.value in values]
    for start, end in sorted(spans, reverse=True):
        begin, stop = offsets[start], offsets[end - 1] + 1
        while source[begin - 1] in " \t":
            begin -= 1
        line = source.find("\n", stop)
        if source[begin - 1] == "\n" and line >= 0 and source[stop:line].strip() == "\\":
            # The word had a line to itself: the line goes.
            stop = line + 1
        source = source[:begin] + source[stop:]
    return source


def one_chain(script: Script) -> bool:
    """Whether a script is commands joined by `&&` alone, so that it stops where one of them fails."""
    return script.opaque is None and all(one.text in ("&&", "|") for one in reading(script.text).operators if one.top)
