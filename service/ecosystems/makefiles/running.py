"""Which recipes the goals run: explicit rules, patterns, and the rules that are built in (the GNU make manual, chapter 10)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from service.ecosystems.makefiles.expansion import expand, placed, spend
from service.ecosystems.makefiles.model import FILES, UNKNOWN, Line, Makefile, Pattern, Rule, Unreadable, plain_name
from service.ecosystems.makefiles.reading import stem_of

_MOST_RECIPES = 400
_BUILT_IN = (
    ("%.o", "%.c", "$(COMPILE.c) $(OUTPUT_OPTION) $<"),
    ("%.o", "%.cc", "$(COMPILE.cc) $(OUTPUT_OPTION) $<"),
    ("%.o", "%.cpp", "$(COMPILE.cpp) $(OUTPUT_OPTION) $<"),
    ("%", "%.o", "$(LINK.o) $^ $(LOADLIBES) $(LDLIBS) -o $@"),
    ("%", "%.c", "$(LINK.c) $^ $(LOADLIBES) $(LDLIBS) -o $@"),
    ("%", "%.cc", "$(LINK.cc) $^ $(LOADLIBES) $(LDLIBS) -o $@"),
    ("%", "%.cpp", "$(LINK.cpp) $^ $(LOADLIBES) $(LDLIBS) -o $@"),
)


def run(file: Makefile) -> Iterator[Line]:
    """The recipes of the goals, each once, prerequisites first."""
    default = file.variables.get(".DEFAULT_GOAL")
    goals = file.call.goals or tuple((expand(default.value, file) if default is not None else file.first).split())
    if not goals:
        raise Unreadable
    done: set[str] = set()
    count = 0
    stack: list[tuple[str, Rule | None]] = [(plain_name(goal), None) for goal in reversed(goals)]
    while stack:
        target, rule = stack.pop()
        if rule is None:
            if target in done:
                continue
            done.add(target)
            rule = _resolved(target, file)
            stack.append((target, rule))
            stack += ((name, None) for name in reversed((*rule.prerequisites, *rule.order_only)))
            count += 1
            if count > _MOST_RECIPES:
                raise Unreadable
            continue
        for line in rule.recipe or ():
            yield from _recipe(line, target, rule, file)


def _resolved(target: str, file: Makefile) -> Rule:
    """The rule of a target: its own, one by pattern, or none for a file that is there."""
    if UNKNOWN in target:
        raise Unreadable
    if FILES in target:
        return Rule()
    own = file.rules.get(target)
    if own is not None and own.unreadable:
        raise Unreadable
    if own is not None and (own.recipe is not None or target in file.phony):
        # A file that is there and depends on nothing is up to date.
        current = not own.prerequisites and target not in file.phony and file.around.has(placed(target, file)) is True
        return Rule() if current else own
    found = _implicit(target, file)
    if found is not None:
        pattern, stem = found
        # A pattern without a slash makes files beside their sources: the folder is in the stem.
        needs = [one.replace("%", stem, 1) for one in pattern.prerequisites]
        if own is None:
            return Rule(needs, [], pattern.recipe, stem)
        return Rule([*needs, *(one for one in own.prerequisites if one not in needs)], own.order_only, pattern.recipe, stem)
    if own is not None:
        return own
    path = placed(target, file)
    outside = not path.startswith(file.call.folder.rstrip("/") + "/")
    if outside or target in file.phony or file.around.has(path) is True or (file.around.made(path) and not file.unnamed):
        return Rule()
    # Without a rule make would stop: something is there that nobody told of.
    raise Unreadable


def _implicit(target: str, file: Makefile) -> tuple[Pattern, str] | None:
    """The pattern rule whose prerequisites are there or are made, the one with the shortest stem; None where none matches."""
    candidates = [*file.patterns, *(Pattern(one, (other,), [recipe]) for one, other, recipe in _BUILT_IN)]
    spend(len(candidates), file)
    stems = ((pattern, stem_of(pattern.target, target)) for pattern in candidates if pattern.recipe is not None)
    matching = [(pattern, stem) for pattern, stem in stems if stem is not None]
    fitting = [(pattern, stem) for pattern, stem in matching if all(_possible(one.replace("%", stem, 1), file) for one in pattern.prerequisites)]
    own = {id(pattern) for pattern in file.patterns}
    written = [found for found in fitting if id(found[0]) in own]
    if fitting:
        return min(written or fitting, key=lambda found: len(found[1]))
    if any(id(pattern) in own for pattern, _ in matching) and file.around.has(placed(target, file)) is not True:
        # Its prerequisites may come from somewhere else.
        raise Unreadable
    return None


def _possible(name: str, file: Makefile) -> bool:
    return name in file.rules or name in file.mentioned or file.around.has(placed(name, file)) is True


def _recipe(line: str, target: str, rule: Rule, file: Makefile) -> Iterator[Line]:
    needs = list(dict.fromkeys(rule.prerequisites))
    automatic = {"@": target, "<": needs[0] if needs else "", "^": " ".join(needs), "+": " ".join(rule.prerequisites), "*": rule.stem}
    automatic |= {"?": UNKNOWN, "|": " ".join(rule.order_only)}
    for name in ("@", "<", "^", "*"):
        words = automatic[name].split()
        automatic[f"{name}D"] = " ".join(posixpath.dirname(word) or "." for word in words)
        automatic[f"{name}F"] = " ".join(posixpath.basename(word) for word in words)
    text = expand(line, file, {name: value.replace("$", "$$") for name, value in automatic.items()}).lstrip()
    ignored = False
    while text[:1] in ("@", "-", "+"):
        ignored = ignored or text[0] == "-"
        text = text[1:].lstrip()
    if text:
        yield Line(text, ignored)
