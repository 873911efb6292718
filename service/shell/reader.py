"""From a script's text to its commands. tree-sitter finds the pieces; what joins them is read off the operators in order of their place, since
its nesting of `a && b 2>&1 | c` is not to be trusted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

import tree_sitter_bash
from tree_sitter import Language, Node, Parser, Tree

from service.deadline import check, over
from service.quick import quick
from service.remembering import ByLength
from service.shell.model import Command, Redirect, Script, Word
from service.shell.quoting import value_of
from service.shell.wrappers import unwrap

_BASH = Language(tree_sitter_bash.language())
_PARSER = Parser(_BASH)
_LEAVES = frozenset({"command", "declaration_command", "unset_command", "test_command", "variable_assignment", "variable_assignments"})
_COMPOUND = {
    "subshell": "(",
    "compound_statement": "{",
    "if_statement": "if",
    "while_statement": "while",
    "for_statement": "for",
    "c_style_for_statement": "for",
    "case_statement": "case",
    "function_definition": "function",
    "command_substitution": "$(",
    "process_substitution": "$(",
}
_OPERATORS = frozenset({"&&", "||", ";", "|", "|&", "&", "\n", ";;"})
_REDIRECTS = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})
_SUBSTITUTED = ("$(", "`", "<(", ">(")
_LONGEST = 200_000
_SHORT = 2_000
_MOST_COMMANDS = 5_000
_MOST_HEREDOCS = 200
_MOST_NESTED = 100
_DEPTH = 3


@quick
@dataclass(frozen=True, slots=True)
class Operator:
    """An operator with its place; `top` says that no compound command is around it."""

    text: str
    start: int
    end: int
    top: bool


@quick
@dataclass(frozen=True, slots=True)
class Reading:
    script: Script
    operators: tuple[Operator, ...]
    comment_at_end: bool = False


@dataclass(slots=True)
class _Found:
    text: str
    places: list[int] | None
    commands: list[Command]
    operators: list[Operator]
    redirected: list[tuple[Redirect, tuple[Word, ...]]]
    opaque: str | None = None
    last_comment: int = -1

    def place(self, byte: int) -> int:
        return byte if self.places is None else self.places[byte]

    def slice(self, node: Node) -> str:
        return self.text[self.place(node.start_byte) : self.place(node.end_byte)]


def reading(text: str) -> Reading:
    """The script and its operators. It raises nothing: what cannot be read is opaque, with the reason."""
    return _READINGS(text)


def _read(text: str) -> Reading:
    if len(text) > _LONGEST:
        return Reading(Script(text, (), "the script is too long"), ())
    if text.count("<<") > _MOST_HEREDOCS:
        # tree-sitter keeps all of them in each of its states: their square.
        return Reading(Script(text, (), "the script has too many heredocs"), ())
    data = text.encode("utf-8", "surrogatepass")
    root = _tree(data).root_node
    if root.has_error:
        return Reading(Script(text, (), "the script has a syntax error"), ())
    found = _Found(text, None if len(data) == len(text) else _places(text), [], [], [])
    _walk(root, found)
    if len(found.commands) > _MOST_COMMANDS:
        found.opaque = "the script has too many commands"
    if found.opaque is not None:
        return Reading(Script(text, (), found.opaque), ())
    commands = _joined(found)
    operators = tuple(sorted(found.operators, key=lambda one: one.start))
    return Reading(Script(text, tuple(_unwrapped(commands))), operators, found.last_comment >= len(text.rstrip()))


def _tree(data: bytes) -> Tree:
    """The syntax tree. 60 KB of `a=(` or of `|` take tree-sitter more than a minute: it asks us now and then whether to go on."""
    if len(data) <= _SHORT:
        return _PARSER.parse(data)
    try:
        # A parser of its own: while it asks, another thread may read.
        return Parser(_BASH).parse(lambda offset, point: data[offset:], progress_callback=lambda offset, wrong: over())
    except ValueError:
        check()
        raise


# Everybody who looks at a RUN asks for its commands; a list of commands takes much more room than their text.
_READINGS = ByLength(_read, 250_000)


def read(text: str) -> Script:
    """The commands of a script, in source order; `opaque` where they cannot be told."""
    return reading(text).script


def _places(text: str) -> list[int]:
    """Byte offset to text offset."""
    found: list[int] = []
    for index, letter in enumerate(text):
        found += [index] * len(letter.encode("utf-8", "surrogatepass"))
    return [*found, len(text)]


def _walk(root: Node, found: _Found) -> None:
    """Every leaf command and operator, without recursion: the nesting of hostile text knows no bound."""
    stack: list[tuple[Node, tuple[str, ...]]] = [(root, ())]
    while stack:
        node, nesting = stack.pop()
        check()
        kind = node.type
        if kind == "comment":
            found.last_comment = max(found.last_comment, found.place(node.end_byte))
        if kind in _COMPOUND:
            nesting = (*nesting, _COMPOUND[kind])
        if kind == "function_definition" and (name := node.child_by_field_name("name")) is not None:
            nesting = (*nesting, f"{found.slice(name)}()")
        if len(nesting) > _MOST_NESTED or (
            kind in ("compound_statement", "test_command") and found.text.startswith("((", found.place(node.start_byte))
        ):
            # `((a))` is arithmetic in bash and two subshells in dash.
            found.opaque = "the script nests too deep, or means different things to different shells"
            return
        if kind in _OPERATORS and not node.is_named:
            found.operators.append(Operator(kind, found.place(node.start_byte), found.place(node.end_byte), not nesting))
            continue
        if kind in _LEAVES:
            if len(found.commands) > _MOST_COMMANDS:
                return
            _leaf(node, nesting, found)
            stack += ((inner, nesting) for inner in _substitutions(node, found))
            continue
        if kind == "redirected_statement":
            _redirected(node, found)
        if kind in _REDIRECTS:
            stack += ((inner, nesting) for inner in _substitutions(node, found))
            if kind == "heredoc_redirect":
                # `cat <<EOF | tee x` puts the rest of the pipeline inside the heredoc's node.
                stack += (
                    (child, nesting)
                    for child in node.children
                    if child.type in ("pipeline", "list", "command") or (child.type in _OPERATORS and not child.is_named)
                )
            continue
        stack += ((child, nesting) for child in reversed(node.children))


def _substitutions(node: Node, found: _Found) -> list[Node]:
    """The command substitutions below a node, outermost only."""
    text = found.slice(node)
    if not any(start in text for start in _SUBSTITUTED):
        # Most words have none, and each node that is looked at is made for it.
        return []
    inside: list[Node] = []
    stack = list(node.children)
    while stack:
        check()
        current = stack.pop()
        if current.type in ("command_substitution", "process_substitution"):
            inside.append(current)
        else:
            stack += current.children
    return inside


def _leaf(node: Node, nesting: tuple[str, ...], found: _Found) -> None:
    words: list[Word] = []
    assignments: list[tuple[str, Word]] = []
    redirects: list[Redirect] = []
    cut = False
    parts = [node] if node.type == "variable_assignment" else node.children
    for children in _touching(parts) if node.type != "test_command" else ([child] for child in parts):
        child, end = children[0], found.place(children[-1].end_byte)
        if len(children) > 1 and child.type in _REDIRECTS:
            found.opaque = "words that touch cannot be told apart"
        elif child.type in _REDIRECTS:
            redirect, behind = _redirect(child, found)
            redirects.append(redirect)
            words += behind
        elif child.type == "variable_assignment" and node.type != "declaration_command":
            assignments.append(_assigned(_word(child, end, found)))
            cut |= len(children) > 1
        elif child.type == "command_name" or child.end_byte > child.start_byte:
            words.append(_word(child, end, found))
    while node.type == "command" and cut and words and (name := words[0].raw.partition("=")[0]) != words[0].raw and name.isidentifier():
        # What stands behind it is no argument of what tree-sitter took for the command.
        assignments.append(_assigned(words.pop(0)))
    start, end = found.place(node.start_byte), found.place(node.end_byte)
    found.commands.append(Command(tuple(words), tuple(assignments), tuple(redirects), "", nesting, (), start, end))


def _touching(nodes: list[Node]) -> Iterator[list[Node]]:
    """The nodes, those together that nothing lies between: to the shell they are one word. tree-sitter cuts `a/$V/b-$V-c` in front of its last
    name, and may take what it cut off for a command."""
    group: list[Node] = []
    for node in nodes:
        if group and node.start_byte == group[-1].end_byte and node.type not in _REDIRECTS:
            group.append(node)
            continue
        if group:
            yield group
        group = [node]
    if group:
        yield group


def _assigned(word: Word) -> tuple[str, Word]:
    name, _, value = word.raw.partition("=")
    return name.removesuffix("+"), Word(value, value_of(value), word.start + len(name) + 1, word.end)


def _word(node: Node, end: int, found: _Found) -> Word:
    start = found.place(node.start_byte)
    raw = found.text[start:end]
    return Word(raw, value_of(raw), start, end)


def _redirect(node: Node, found: _Found) -> tuple[Redirect, tuple[Word, ...]]:
    """A redirect, and the command's words behind it (`echo >f a b`), which tree-sitter takes for more targets."""
    descriptor = next((found.slice(child) for child in node.children if child.type == "file_descriptor"), "")
    operator = next((found.slice(child) for child in node.children if not child.is_named), "")
    named = [child for child in node.children if child.is_named and child.type != "file_descriptor"]
    if node.type == "file_redirect" and named:
        first, *behind = (_word(group[0], found.place(group[-1].end_byte), found) for group in _touching(named))
        return Redirect(operator, descriptor, first, found.place(node.start_byte), first.end), tuple(behind)
    last = named[-1] if named else node
    start, end = found.place(node.start_byte), found.place(node.end_byte)
    arguments = _touching(node.children_by_field_name("argument")) if node.type == "heredoc_redirect" else ()
    words = tuple(_word(group[0], found.place(group[-1].end_byte), found) for group in arguments)
    return Redirect(operator, descriptor, _word(last, found.place(last.end_byte), found), start, end), words


def _redirected(node: Node, found: _Found) -> None:
    """`cat <<EOF >f` has the second redirect inside the first one's node."""
    for child in node.children:
        inner = child.children if child.type == "heredoc_redirect" else ()
        found.redirected += (_redirect(one, found) for one in (child, *inner) if one.type in _REDIRECTS)


def _joined(found: _Found) -> list[Command]:
    """Commands in order, each with the operator in front of it and the redirects behind it."""
    commands = sorted(found.commands, key=lambda one: (one.start, -one.end))
    operators = sorted(found.operators, key=lambda one: one.start)
    starts = [command.start for command in commands]
    for redirect, behind in found.redirected:
        owner = (
            max((index for index, start in enumerate(starts) if start < redirect.start), default=None)
            if len(starts) < 200
            else _before(starts, redirect.start)
        )
        if owner is not None:
            command = commands[owner]
            end = max(redirect.end, *(word.end for word in behind)) if behind else redirect.end
            commands[owner] = replace(
                command,
                words=(*command.words, *behind),
                redirects=(*command.redirects, redirect),
                end=max(command.end, end) if command.end <= redirect.start else command.end,
            )
    result: list[Command] = []
    place = 0
    for index, command in enumerate(commands):
        joined = ""
        while place < len(operators) and operators[place].start < command.start:
            joined = ";" if operators[place].text in ("\n", ";;") else "|" if operators[place].text == "|&" else operators[place].text
            place += 1
        joined = joined or ("" if index == 0 else ";")
        result.append(command if joined == command.operator else replace(command, operator=joined))
    return result


def _before(starts: list[int], place: int) -> int | None:
    index = bisect_left(starts, place) - 1
    return index if index >= 0 else None


def _unwrapped(commands: list[Command]) -> list[Command]:
    """Wrappers taken off; a constant `sh -c` script gives its own commands, with the outer one's span."""
    result: list[Command] = []
    for command in commands:
        bare, script = unwrap(command)
        if script is None or sum(kind == "sh -c" for kind in command.nesting) >= _DEPTH:
            result.append(bare)
            continue
        inner = read(script) if len(script) < _LONGEST else Script(script, (), "too long")
        if inner.opaque is not None or not inner.commands:
            result.append(bare)
            continue
        for index, one in enumerate(inner.commands):
            result.append(
                replace(
                    one,
                    start=command.start,
                    end=command.end,
                    operator=command.operator if index == 0 else one.operator,
                    nesting=(*command.nesting, "sh -c", *one.nesting),
                    words=tuple(replace(word, start=command.start, end=command.end) for word in one.words),
                )
            )
    return result
