"""Environment markers (PEP 508): whether a requirement applies in an image."""

from __future__ import annotations

from service.knowledge.versions import admits, parse_version
from service.remembering import remembered

_MOST = 400
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")
_COMPARING = ("<=", ">=", "==", "!=", "~=", "===", "<", ">")
_LINUX = {
    "os_name": "posix",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "implementation_name": "cpython",
}


@remembered(2_000)
def applies(marker: str, minor: int, extras: tuple[str, ...] = ()) -> bool:
    """Whether a marker holds for CPython 3.`minor` on linux, x86_64. One that cannot be read holds, since it would bring more."""
    tokens = _tokens(marker)
    if tokens is None:
        return True
    values: list[bool] = []
    operators: list[str] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token in ("and", "or", "("):
            while token != "(" and operators and operators[-1] != "(" and (token == "or" or operators[-1] == "and"):
                _fold(values, operators.pop())
            operators.append(token)
            position += 1
        elif token == ")":
            while operators and operators[-1] != "(":
                _fold(values, operators.pop())
            if operators:
                operators.pop()
            position += 1
        else:
            negated = tokens[position + 1 : position + 3] == ["not", "in"]
            operands = tokens[position : position + (4 if negated else 3)]
            if len(operands) < 3:
                return True
            values.append(_compared(operands[0], "not in" if negated else operands[1], operands[-1], minor, extras))
            position += len(operands)
    while operators:
        _fold(values, operators.pop())
    return values[0] if len(values) == 1 else True


def _fold(values: list[bool], operator: str) -> None:
    if len(values) > 1 and operator in ("and", "or"):
        right, left = values.pop(), values.pop()
        values.append(left and right if operator == "and" else left or right)


def _tokens(text: str) -> list[str] | None:
    """Words, operators, brackets, and strings with their quote in front; None for what is no marker."""
    found: list[str] = []
    position = 0
    while position < len(text):
        letter = text[position]
        end = position + 1
        if letter in "\"'":
            end = text.find(letter, position + 1)
            if end < 0:
                return None
            found.append('"' + text[position + 1 : end])
            end += 1
        elif letter in "<>=!~":
            while end < len(text) and text[end] in "<>=!~":
                end += 1
            found.append(text[position:end])
        elif letter in "()":
            found.append(letter)
        elif letter in _LETTERS:
            while end < len(text) and text[end] in _LETTERS:
                end += 1
            found.append(text[position:end])
        elif not letter.isspace():
            return None
        position = end
        if len(found) > _MOST:
            return None
    return found


def _compared(left: str, operator: str, right: str, minor: int, extras: tuple[str, ...]) -> bool:
    if left.startswith('"') and not right.startswith('"') and operator in _COMPARING:
        turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
        left, right, operator = right, left, turned.get(operator, operator)
    name, value = (left, right[1:]) if right.startswith('"') else (right, left[1:])
    if name == "extra":
        return (value.lower().replace("_", "-") in extras) == (operator != "!=")
    actual = {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.9", **_LINUX}.get(name.replace(".", "_"))
    if actual is None:
        return True
    if operator in ("in", "not in"):
        inside = actual in value if left == name else value in actual
        return inside == (operator == "in")
    if name.startswith("python"):
        return admits(operator, value, parse_version(actual))
    return (actual == value) if operator in ("==", "===") else (actual != value) if operator == "!=" else True
