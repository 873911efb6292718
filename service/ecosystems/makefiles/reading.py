"""From a Makefile's text to its variables and rules."""

from __future__ import annotations

import posixpath
from collections import deque
from collections.abc import Iterable, Iterator

from service.ecosystems.makefiles.expansion import LONGEST_VALUE, expand, outside, spend, split_outside, wildcard
from service.ecosystems.makefiles.model import (
    FILES,
    UNKNOWN,
    Body,
    Branch,
    Call,
    Makefile,
    Pattern,
    Rule,
    Surroundings,
    Unreadable,
    Variable,
    plain_name,
)

_LONGEST = 50_000
_MOST_LINES = 1_500
_MOST_INCLUDES = 10
_DEPTH = 30
_SHELLS = frozenset({"sh", "bash", "ash", "dash"})
_SPECIAL = frozenset({".PHONY", ".SUFFIXES", ".DELETE_ON_ERROR", ".SECONDARY", ".PRECIOUS", ".INTERMEDIATE", ".NOTPARALLEL", ".SILENT"})
_REFUSED = frozenset({".ONESHELL", ".SECONDEXPANSION", ".EXPORT_ALL_VARIABLES", ".POSIX", ".DEFAULT", ".LOW_RESOLUTION_TIME"})
_ASSIGNING = frozenset({"?", "+", "!", ":"})
_DEFAULTS = {
    "CC": "cc",
    "CXX": "g++",
    "CPP": "$(CC) -E",
    "AR": "ar",
    "ARFLAGS": "rv",
    "AS": "as",
    "LD": "ld",
    "FC": "f77",
    "LEX": "lex",
    "YACC": "yacc",
    "RM": "rm -f",
    "MAKE": "make",
    "SHELL": "/bin/sh",
    "OUTPUT_OPTION": "-o $@",
    "COMPILE.c": "$(CC) $(CFLAGS) $(CPPFLAGS) $(TARGET_ARCH) -c",
    "COMPILE.cc": "$(CXX) $(CXXFLAGS) $(CPPFLAGS) $(TARGET_ARCH) -c",
    "COMPILE.cpp": "$(COMPILE.cc)",
    "LINK.c": "$(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(TARGET_ARCH)",
    "LINK.cc": "$(CXX) $(CXXFLAGS) $(CPPFLAGS) $(LDFLAGS) $(TARGET_ARCH)",
    "LINK.cpp": "$(LINK.cc)",
    "LINK.o": "$(CC) $(LDFLAGS) $(TARGET_ARCH)",
}


def read_makefile(text: str, call: Call, around: Surroundings) -> Makefile:
    variables = {name: Variable(value) for name, value in _DEFAULTS.items()}
    variables |= {name: Variable(value, True) for name, value in call.environment if name != "SHELL"}
    variables |= {name: Variable(UNKNOWN if value is None else value) for name, value in call.overrides}
    variables |= {
        "CURDIR": Variable(call.folder, True),
        "PWD": Variable(call.folder, True),
        "MAKECMDGOALS": Variable(" ".join(call.goals), True),
        "MAKEFILE_LIST": Variable(call.file, True),
        "MAKEFLAGS": Variable(UNKNOWN, True),
    }
    file = Makefile(call, around, variables, frozenset(name for name, _ in call.overrides))
    lines = deque(text.split("\n"))
    used, included, depth = 0, 0, 0
    body: Body | None = None
    while lines:
        used += 1
        if used > _MOST_LINES:
            raise Unreadable
        line = lines.popleft()
        if line.startswith("\t") and body is not None and depth == 0:
            _recipe_line(line, lines, body, file)
            continue
        line = _logical(line, lines)
        word = line.split(None, 1)[0] if line.strip() else ""
        if depth or _defines(line):
            depth += _defined(line, file, depth)
            body = None
            continue
        if not word or _conditional(line, word, file):
            continue
        active = _active(file)
        if active is False:
            continue
        if word in ("include", "-include", "sinclude"):
            included += 1
            found = _included(line, word, file)
            if active is None or included > _MOST_INCLUDES or sum(map(len, found)) > _LONGEST:
                raise Unreadable
            for content in reversed(found):
                lines.extendleft(reversed(content.split("\n")))
            body = None
            continue
        body = _statement(line, word, active, file)
    if file.branches or depth:
        raise Unreadable
    return file


def _logical(line: str, lines: deque[str]) -> str:
    """A line with its continuations and without its comment."""
    parts = [line]
    while _continues(parts[-1]) and lines:
        parts.append(lines.popleft())
        if len(parts) > _MOST_LINES:
            raise Unreadable
    whole = [part.rstrip("\r")[:-1] if _continues(part) else part.rstrip("\r") for part in parts]
    joined = " ".join([whole[0].rstrip(), *(part.strip() for part in whole[1:])])
    place = joined.find("#")
    while place > 0 and joined[place - 1] == "\\":
        joined = joined[: place - 1] + joined[place:]
        place = joined.find("#", place)
    return joined[:place] if place >= 0 else joined


def _continues(line: str) -> bool:
    line = line.rstrip("\r")
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _recipe_line(line: str, lines: deque[str], body: Body, file: Makefile) -> None:
    parts = [line[1:].rstrip("\r")]
    while _continues(parts[-1]) and lines:
        parts.append(lines.popleft().removeprefix("\t").rstrip("\r"))
        if len(parts) > _MOST_LINES:
            raise Unreadable
    active = _active(file)
    if active is not False:
        body.add("\n".join(parts) if active else UNKNOWN)


def _defines(line: str) -> bool:
    words = line.split(None, 2)[:2]
    return bool(words) and (words[0] == "define" or (len(words) == 2 and words[0] in ("override", "export") and words[1] == "define"))


def _defined(line: str, file: Makefile, depth: int) -> int:
    """How a line changes the depth of `define`; what is defined counts as not known."""
    words = line.split()
    if _defines(line):
        if depth == 0 and _active(file) is not False:
            names = words[words.index("define") + 1 :][:1]
            file.variables |= {name: Variable(UNKNOWN) for name in names}
        return 1
    return -1 if words[:1] == ["endef"] else 0


# --- conditionals


def _active(file: Makefile) -> bool | None:
    states = [branch.active for branch in file.branches]
    return False if False in states else None if None in states else True


def _conditional(line: str, word: str, file: Makefile) -> bool:
    """Whether the line is one of a conditional's; then it is taken account of."""
    keyword = word.partition("(")[0]
    if keyword in ("ifeq", "ifneq", "ifdef", "ifndef"):
        if len(file.branches) > _DEPTH:
            raise Unreadable
        decided = False if _active(file) is False else _decided(line, keyword, file)
        file.branches.append(Branch(decided, decided))
    elif keyword == "else":
        if not file.branches:
            raise Unreadable
        branch = file.branches[-1]
        rest = line.split(None, 1)[1].strip() if len(line.split(None, 1)) > 1 else ""
        following = rest.split(None, 1)[0].partition("(")[0] if rest else ""
        branch.active = False
        decided = _decided(rest, following, file) if following and _active_outside(file) is not False else True
        branch.active = False if branch.taken is True else decided if branch.taken is False else (False if decided is False else None)
        branch.taken = True if branch.taken is True or decided is True else None if None in (branch.taken, decided) else False
    elif keyword == "endif":
        if not file.branches:
            raise Unreadable
        file.branches.pop()
    else:
        return False
    return True


def _active_outside(file: Makefile) -> bool | None:
    states = [branch.active for branch in file.branches[:-1]]
    return False if False in states else None if None in states else True


def _decided(line: str, keyword: str, file: Makefile) -> bool | None:
    rest = line.strip()[len(keyword) :].strip()
    if keyword in ("ifdef", "ifndef"):
        name = expand(rest, file)
        value = file.variables[name].value if name in file.variables else ""
        if UNKNOWN in name or UNKNOWN in value or FILES in value:
            return None
        return bool(value) == (keyword == "ifdef")
    pair = _pair(rest)
    if pair is None or keyword not in ("ifeq", "ifneq"):
        raise Unreadable
    one, other = (expand(part, file).strip() for part in pair)
    if any(mark in text for mark in (UNKNOWN, FILES) for text in (one, other)):
        return None
    return (one == other) == (keyword == "ifeq")


def _pair(text: str) -> tuple[str, str] | None:
    if text.startswith("(") and text.endswith(")"):
        parts = split_outside(text[1:-1], ",")
        return (parts[0], parts[1]) if len(parts) == 2 else None
    for quote in "\"'":
        if text.startswith(quote):
            end = text.find(quote, 1)
            rest = text[end + 1 :].strip()
            if end > 0 and len(rest) > 1 and rest[0] in "\"'" and rest[-1] == rest[0]:
                return text[1:end], rest[1:-1]
    return None


# --- statements


def _included(line: str, word: str, file: Makefile) -> list[str]:
    found = []
    for name in expand(line.strip()[len(word) :], file).split():
        path = posixpath.normpath(posixpath.join(file.call.folder, name))
        content = None if UNKNOWN in name or FILES in name else file.around.read(path)
        if content is not None:
            if UNKNOWN in content or FILES in content:
                raise Unreadable
            found.append(content)
        elif name.endswith((".d", ".dep", ".depend")) and word != "include" and FILES not in name:
            continue  # What a compiler wrote of its headers: prerequisites, no recipes.
        elif word == "include" or UNKNOWN in name or FILES in name or file.around.has(path) is not False or file.around.made(path):
            raise Unreadable
    return found


def _statement(line: str, word: str, active: bool | None, file: Makefile) -> Body | None:
    """A variable or a rule; the rules that the recipe lines behind it belong to."""
    if word in ("vpath", "load", "-load", "undefine", "unexport"):
        raise Unreadable
    rest, override = line.strip(), False
    if word in ("export", "override", "private"):
        override = word == "override"
        rest = rest[len(word) :].strip()
        if word == "export" and _assignment(rest) is None:
            if not rest:
                raise Unreadable
            file.exported |= dict.fromkeys(expand(rest, file).split())
            return None
    assigned = _assignment(rest)
    if assigned is not None:
        _assign(*assigned, override, active, file)
        if word == "export":
            file.exported[expand(assigned[0], file)] = None
        return None
    colon = _colon(rest)
    if colon is None:
        if expand(rest, file).strip():
            raise Unreadable
        return None
    return _rule(rest[:colon], rest[colon + 1 :], active, file)


def _colon(text: str) -> int | None:
    return next((place for place, letter in outside(text) if letter == ":"), None)


def _assignment(text: str) -> tuple[str, str, str] | None:
    """(name, operator, value), where the line is one: its first `=` comes before a colon that is not part of the operator."""
    for place, letter in outside(text):
        if letter == ":":
            after = text[place:].lstrip(":")
            if not after.startswith("=") or len(text) - place - len(after) > 3:
                return None
            return text[:place].strip(), ":=", after[1:].strip()
        if letter == "=":
            operator = text[place - 1] if place and text[place - 1] in _ASSIGNING else ""
            return text[: place - len(operator)].strip(), f"{operator}=", text[place + 1 :].strip()
    return None


def _assign(name: str, operator: str, value: str, override: bool, active: bool | None, file: Makefile) -> None:
    name = expand(name, file)
    if name in (".RECIPEPREFIX", "VPATH") or UNKNOWN in name or not name or any(letter.isspace() for letter in name):
        raise Unreadable
    if name == "SHELL" and posixpath.basename(expand(value, file)) not in _SHELLS:
        raise Unreadable
    if name == "MAKEFLAGS" or name == ".SHELLFLAGS" or (name in file.fixed and not override):
        return
    old = file.variables.get(name)
    if active is None or operator == "!=":
        file.variables[name] = Variable(UNKNOWN, True)
    elif operator == ":=":
        file.variables[name] = Variable(expand(value, file), True)
    elif operator == "?=" and old is not None:
        return
    elif operator == "+=" and old is not None:
        added = expand(value, file) if old.simple else value
        file.variables[name] = Variable(f"{old.value} {added}".strip(), old.simple)
    else:
        file.variables[name] = Variable(value)
    if len(file.variables[name].value) > LONGEST_VALUE:
        raise Unreadable


def _rule(left: str, right: str, active: bool | None, file: Makefile) -> Body | None:
    inline = split_outside(right.lstrip(":"), ";")
    targets = [plain_name(target) for target in expand(left, file).split()]
    if not targets:
        return None
    if any(target in _REFUSED for target in targets):
        raise Unreadable
    # Variables of one target, targets made together, and rules that add up.
    if _assignment(inline[0]) is not None or targets[-1].endswith("&") or right.startswith(":") or active is None:
        return _untold(targets, file)
    parts = split_outside(inline[0], ":")
    prerequisites, order_only = _prerequisites(parts[-1], file)
    if targets[0] == ".PHONY":
        file.phony |= set(prerequisites)
    if targets[0] in _SPECIAL:
        return None
    if len(parts) > 2:
        return _untold(targets, file)
    if len(parts) == 2:
        body = _static(targets, expand(parts[0], file).split(), prerequisites, order_only, file)
    elif "%" in targets[0] or _is_suffix_rule(targets[0], prerequisites, file):
        body = _pattern(targets, prerequisites, file)
    else:
        body = Body([rule for target in targets for rule in _explicit(target, prerequisites, order_only, file)])
    if len(inline) > 1:
        body.add(";".join(inline[1:]).strip())
    return body


def _is_suffix_rule(target: str, prerequisites: list[str], file: Makefile) -> bool:
    parts = target.split(".")
    return not prerequisites and not parts[0] and len(parts) in (2, 3) and "/" not in target and len(parts[1]) <= 3 and all(parts[1:])


def _pattern(targets: list[str], prerequisites: list[str], file: Makefile) -> Body:
    if len(targets) > 1:
        return _untold(targets, file)
    target, needs = targets[0], tuple(prerequisites)
    if "%" not in target:
        _, one, *other = target.split(".")
        target, needs = f"%.{other[0]}" if other else "%", (f"%.{one}",)
    pattern = Pattern(target, needs)
    file.patterns.append(pattern)
    return Body([pattern])


def _untold(targets: Iterable[str], file: Makefile) -> Body:
    """Targets whose recipes nobody can tell; what follows belongs to none."""
    for target in targets:
        if UNKNOWN in target or FILES in target or "%" in target:
            file.unnamed = True
        else:
            file.rules.setdefault(target, Rule()).unreadable = True
            _start_with(target, file)
    return Body([])


def _start_with(target: str, file: Makefile) -> None:
    if not file.first and (not target.startswith(".") or "/" in target):
        file.first = target


def _prerequisites(text: str, file: Makefile) -> tuple[list[str], list[str]]:
    words = [plain_name(name) for word in expand(text, file).split() for name in _globbed(word, file)]
    place = words.index("|") if "|" in words else len(words)
    return words[:place], words[place + 1 :]


def _globbed(word: str, file: Makefile) -> list[str]:
    """The files that a pattern among the prerequisites stands for; the word itself where there is none."""
    return (wildcard(word, file).split() or [word]) if any(letter in "*?[" for letter in word) else [word]


def _explicit(target: str, prerequisites: list[str], order_only: list[str], file: Makefile, stem: str = "") -> Iterator[Rule]:
    if UNKNOWN in target or FILES in target:
        file.unnamed = True
        return
    _start_with(target, file)
    rule = file.rules.setdefault(target, Rule())
    spend(8 + len(prerequisites) + len(order_only), file)
    rule.prerequisites += prerequisites
    rule.order_only += order_only
    file.mentioned.update(prerequisites, order_only)
    rule.stem = stem or rule.stem
    yield rule


def _static(targets: list[str], pattern: list[str], prerequisites: list[str], order_only: list[str], file: Makefile) -> Body:
    """`$(OBJECTS): build/%.o: src/%.c`: a rule for each target."""
    stems = [stem_of(pattern[0], target) if len(pattern) == 1 else None for target in targets]
    if any(stem is None or UNKNOWN in target or FILES in target for stem, target in zip(stems, targets, strict=True)):
        return _untold(targets, file)
    found: list[Rule] = []
    for target, stem in zip(targets, stems, strict=True):
        needs = [one.replace("%", stem or "", 1) for one in prerequisites]
        found += _explicit(target, needs, order_only, file, stem or "")
    return Body(found)


def stem_of(pattern: str, target: str) -> str | None:
    """What `%` stands for; a pattern without a slash is held against the last part, the folder goes before the stem."""
    before, mark, after = pattern.partition("%")
    folder = posixpath.dirname(target) + "/" if "/" in target and "/" not in pattern else ""
    name = target[len(folder) :]
    if not mark or len(name) < len(before) + len(after) + (1 if pattern == "%" else 0) or not name.startswith(before) or not name.endswith(after):
        return None
    return folder + name[len(before) : len(name) - len(after)]
