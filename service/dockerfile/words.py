"""Words and expansion as BuildKit's lexer does them (frontend/dockerfile/shell/lex.go), in bounded time."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field

_LONGEST = 65_536
_DEEPEST = 40
_LONGEST_MATCHED = 4_096
_SPECIAL = "@*#?-$!"


class ExpansionError(ValueError):
    """A word that BuildKit refuses to expand, or one whose expansion passes 64 KiB."""


@dataclass(slots=True)
class _Lexer:
    text: str
    scope: Mapping[str, str]
    escape: str
    position: int = 0
    depth: int = 0
    names: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    word: list[str] = field(default_factory=list)
    started: bool = False
    length: int = 0

    def peek(self) -> str:
        return self.text[self.position] if self.position < len(self.text) else ""

    def next(self) -> str:
        letter = self.peek()
        self.position += 1
        return letter


def expand(word: str, scope: Mapping[str, str], escape: str = "\\") -> str:
    """ProcessWord: variables filled in, quotes taken off. Raises `ExpansionError`."""
    if "$" not in word and "'" not in word and '"' not in word and escape not in word:
        return word
    return _stop_on(_Lexer(word, scope, escape), "", False)


def expand_words(text: str, scope: Mapping[str, str], escape: str = "\\") -> list[str]:
    """ProcessWords: as `expand`, split at the blanks that are not quoted; a variable's own blanks split too."""
    lexer = _Lexer(text, scope, escape)
    _stop_on(lexer, "", False)
    if lexer.word or lexer.started:
        lexer.words.append("".join(lexer.word))
    return lexer.words


def references(word: str, escape: str = "\\") -> frozenset[str]:
    """The names of the variables that a word uses."""
    if "$" not in word:
        return frozenset()
    lexer = _Lexer(word, {}, escape)
    with contextlib.suppress(ExpansionError):
        _stop_on(lexer, "", False)
    return frozenset(lexer.names)


def _stop_on(lexer: _Lexer, stop: str, raw: bool) -> str:
    lexer.depth += 1
    if lexer.depth > _DEEPEST:
        raise ExpansionError("the expansion nests too deep")
    found: list[str] = []
    while lexer.position < len(lexer.text):
        letter = lexer.peek()
        if stop and letter == stop:
            lexer.next()
            lexer.depth -= 1
            return "".join(found)
        if letter == "'":
            piece = _single(lexer)
            _raw(lexer, piece)
        elif letter == '"':
            piece = _double(lexer)
            _raw(lexer, piece)
        elif letter == "$":
            piece = _dollar(lexer)
            _split(lexer, piece)
        else:
            piece = _plain(lexer, letter, raw)
        found.append(piece)
        lexer.length += len(piece)
        if lexer.length > _LONGEST * 4:
            raise ExpansionError("the expansion is too long")
    if stop:
        raise ExpansionError(f"unexpected end of statement while looking for matching {stop}")
    lexer.depth -= 1
    result = "".join(found)
    if len(result) > _LONGEST:
        raise ExpansionError("the expansion is too long")
    return result


def _plain(lexer: _Lexer, letter: str, raw: bool) -> str:
    lexer.next()
    if letter == lexer.escape:
        following = lexer.next()
        if not following:
            return ""
        _raw(lexer, following)
        return letter + following if raw else following
    _split(lexer, letter)
    return letter


def _raw(lexer: _Lexer, text: str) -> None:
    lexer.started = True
    lexer.word.append(text)


def _split(lexer: _Lexer, text: str) -> None:
    for letter in text:
        if letter.isspace():
            if lexer.word or lexer.started:
                lexer.words.append("".join(lexer.word))
                lexer.word, lexer.started = [], False
        else:
            lexer.word.append(letter)


def _single(lexer: _Lexer) -> str:
    lexer.next()
    end = lexer.text.find("'", lexer.position)
    if end < 0:
        raise ExpansionError("unexpected end of statement while looking for matching single-quote")
    found = lexer.text[lexer.position : end]
    lexer.position = end + 1
    return found


def _double(lexer: _Lexer) -> str:
    lexer.next()
    found: list[str] = []
    while True:
        letter = lexer.peek()
        if not letter:
            raise ExpansionError("unexpected end of statement while looking for matching double-quote")
        if letter == '"':
            lexer.next()
            return "".join(found)
        if letter == "$":
            found.append(_dollar(lexer))
            continue
        lexer.next()
        if letter == lexer.escape:
            following = lexer.peek()
            if following in ('"', "$", lexer.escape) and following:
                letter = lexer.next()
        found.append(letter)


def _dollar(lexer: _Lexer) -> str:
    lexer.next()
    if lexer.peek() != "{":
        name = _name(lexer)
        if not name:
            return "$"
        lexer.names.add(name)
        return _limited(lexer.scope.get(name, ""))
    lexer.next()
    return _braced(lexer)


def _name(lexer: _Lexer) -> str:
    start = lexer.position
    first = lexer.peek()
    if first and first in "0123456789":
        while lexer.peek() and lexer.peek() in "0123456789":
            lexer.next()
        return lexer.text[start : lexer.position]
    if first and first in _SPECIAL:
        lexer.next()
        return first
    while (letter := lexer.peek()) and (letter == "_" or letter.isalpha() or (letter.isdigit() and lexer.position > start)):
        lexer.next()
    return lexer.text[start : lexer.position]


def _braced(lexer: _Lexer) -> str:
    if lexer.peek() in ("{", ":", "}", ""):
        raise ExpansionError("syntax error: bad substitution")
    name = _name(lexer)
    if name:
        lexer.names.add(name)
    value, known = _limited(lexer.scope.get(name, "")), name in lexer.scope
    sign = lexer.next()
    if sign == "}":
        return value
    if sign in "+-?#%" and sign:
        return _modified(lexer, name, value, known, sign, colon=False)
    if sign == "/":
        return _replaced(lexer, value)
    if sign == ":":
        sign = lexer.next()
        if sign in ("+", "-", "?") and sign:
            return _modified(lexer, name, value, known, sign, colon=True)
        raise ExpansionError(f"unsupported modifier (:{sign}) in substitution")
    raise ExpansionError("missing or unsupported modifier in substitution")


def _modified(lexer: _Lexer, name: str, value: str, known: bool, sign: str, colon: bool) -> str:
    if sign in "#%":
        return _trimmed(lexer, value, sign)
    word = _inner(lexer, "}", False)
    empty = not known or (colon and not value)
    if sign == "+":
        return "" if empty else word
    if sign == "-":
        return word if empty else value
    if empty:
        raise ExpansionError(f"{name}: {word or 'not allowed to be empty' if colon else word or 'not allowed to be unset'}")
    return value


def _inner(lexer: _Lexer, stop: str, raw: bool) -> str:
    """A nested word. BuildKit resets the shared word buffer there: `80${X:-80}` in a list of words gives only what follows."""
    word, lexer.word = lexer.word, []
    started = lexer.started
    found = _stop_on(lexer, stop, raw)
    lexer.word, lexer.started = word, started
    return found


def _trimmed(lexer: _Lexer, value: str, sign: str) -> str:
    greedy = lexer.peek() == sign
    if greedy:
        lexer.next()
    pattern = _inner(lexer, "}", True)
    if len(value) > _LONGEST_MATCHED or len(pattern) > 256:
        raise ExpansionError("a pattern over a long value is not expanded")
    tokens = _shell_pattern(pattern)
    lengths = (
        [length for length in range(len(value) + 1) if _fits(tokens, value[:length] if sign == "#" else value[len(value) - length :])]
        if len(value) <= 512
        else _ends(tokens, value, sign)
    )
    if not lengths:
        return value
    cut = max(lengths) if greedy else min(lengths)
    return value[cut:] if sign == "#" else value[: len(value) - cut]


def _ends(tokens: tuple[str, ...], value: str, sign: str) -> list[int]:
    """All lengths at which a prefix (or suffix) fits, by advancing a set of states over the value once."""
    text, pattern = (value, tokens) if sign == "#" else (value[::-1], tokens[::-1])
    states = _closed({0}, pattern)
    found = [0] if len(pattern) in states else []
    for length, letter in enumerate(text, start=1):
        states = _closed({state + (pattern[state] != "*") for state in states if state < len(pattern) and _accepts(pattern[state], letter)}, pattern)
        if not states:
            break
        if len(pattern) in states:
            found.append(length)
    return found


def _closed(states: set[int], pattern: tuple[str, ...]) -> set[int]:
    found = set(states)
    for state in sorted(states):
        while state < len(pattern) and pattern[state] == "*":
            state += 1
            found.add(state)
    return found


def _accepts(token: str, letter: str) -> bool:
    return token in ("*", "?") or token[-1] == letter


def _shell_pattern(pattern: str) -> tuple[str, ...]:
    """`*`, `?` and letters; an escaped one keeps its backslash in front so that it is only itself."""
    found: list[str] = []
    position = 0
    while position < len(pattern):
        letter = pattern[position]
        if letter == "\\":
            position += 1
            if position >= len(pattern):
                raise ExpansionError("invalid escape '\\'")
            found.append("\\" + pattern[position])
        elif letter in "*?":
            found.append(letter)
        else:
            found.append("\\" + letter)
        position += 1
    return tuple(found)


def _fits(tokens: tuple[str, ...], text: str) -> bool:
    token = place = 0
    star, mark = -1, 0
    while place < len(text):
        if token < len(tokens) and tokens[token] == "*":
            star, mark = token, place
            token += 1
        elif token < len(tokens) and _accepts(tokens[token], text[place]):
            token, place = token + 1, place + 1
        elif star >= 0:
            mark += 1
            token, place = star + 1, mark
        else:
            return False
    return all(rest == "*" for rest in tokens[token:])


def _replaced(lexer: _Lexer, value: str) -> str:
    everywhere = lexer.peek() == "/"
    if everywhere:
        lexer.next()
    pattern = _inner(lexer, "/", True)
    replacement = _inner(lexer, "}", True).replace("\\/", "/").replace("\\}", "}")
    if len(value) > _LONGEST_MATCHED or len(pattern) > 256:
        raise ExpansionError("a pattern over a long value is not expanded")
    tokens = _shell_pattern(pattern.replace("\\/", "/"))
    found: list[str] = []
    position = 0
    while position < len(value):
        lengths = [length for length in _ends(tokens, value[position:], "#") if length]
        if not lengths:
            found.append(value[position])
            position += 1
            continue
        found.append(replacement)
        position += max(lengths)
        if not everywhere:
            break
    return _limited("".join(found) + value[position:])


def _limited(value: str) -> str:
    if len(value) > _LONGEST:
        raise ExpansionError("the expansion is too long")
    return value
