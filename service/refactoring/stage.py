"""Writing the split: the author's lines become the build stage, the runtime stage follows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from service.image.history import below
from service.image.image import Image
from service.refactoring.cut import Head
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts
from service.refactoring.install import Install, install_line
from service.refactoring.keep import Kept
from service.refactoring.runtime import Carried, Runtime
from service.refactoring.swap import Swap

BY = "split_stages"


def write_split(draft: Draft, facts: Facts, head: Head, base: str, kept: tuple[Kept, ...], runtime: Runtime, swap: Swap) -> Draft:
    """`base` is the runtime stage's reference as it will stand in FROM."""
    offset = facts.offset(facts.final)
    first = facts.final.state.stage.instructions[0]
    lower = first.word.islower()
    name = build_name(facts.image)
    at = offset + head.cut + 1
    draft = draft.insert(at, _from_line(facts, base, lower), Reason(BY, "runtime-stage", _why_base(facts, base, kept)), leading=draft.newline)
    at += 1
    carried_lines, joined = _joined_packages(runtime, swap, draft)
    if swap.install and not joined:
        line = install_line(Install(swap.manager), tuple(sorted(swap.install)), draft.newline)
        draft = draft.insert(
            at,
            _cased(line, lower),
            Reason(BY, "base-packages", "; ".join(f"{package}: {why}" for package, why in sorted(swap.install.items()))),
        )
        at += 1
    moved = 0
    for carried in carried_lines:
        reason = Reason(BY, carried.code, carried.because)
        if carried.move:
            draft = draft.move(offset + carried.index - moved, at, reason)
            moved += 1
        else:
            draft = draft.insert(at, _cased(carried.text, lower), reason)
            at += 1
    folders = _by_argument(runtime, facts, head)
    for one in kept:
        draft = draft.insert(at, _copy_line(name, one, runtime.owners.get(one.path), lower, folders), Reason(BY, "copied-artifact", one.because))
        at += 1
    for carried in runtime.late:
        draft = draft.insert(at, _cased(carried.text, lower), Reason(BY, carried.code, carried.because))
        at += 1
    return draft.rewrite(
        offset,
        _named(first.text, first.rest, name, lower),
        Reason(BY, "build-stage", "this stage builds; nothing of it ships but what is copied"),
    )


def _joined_packages(runtime: Runtime, swap: Swap, draft: Draft) -> tuple[list[Carried], bool]:
    """What the new base lacks joins the author's own packages where one line installs them already, without Recommends; and whether it did."""
    lines = _one_install(runtime.carried, draft)
    for place, carried in enumerate(lines):
        how = carried.install
        if swap.install and not swap.early and how is not None and how.manager == swap.manager and not how.recommends:
            names = tuple(dict.fromkeys((*sorted(swap.install), *carried.packages)))
            why = "; ".join((*(f"{package}: {reason}" for package, reason in sorted(swap.install.items())), carried.because))
            joined = replace(carried, text=install_line(how, names, draft.newline), because=why, packages=names)
            return [*lines[:place], joined, *lines[place + 1 :]], True
    return lines, False


def _one_install(lines: list[Carried], draft: Draft) -> list[Carried]:
    """Lines that install and follow each other as one: what the author installed step by step needs no layers of its own."""
    found: list[Carried] = []
    for carried in lines:
        last = found[-1] if found else None
        how = carried.install.after(last.install) if last is not None and last.install is not None and carried.install is not None else None
        if last is None or how is None:
            found.append(carried)
            continue
        names = tuple(dict.fromkeys((*last.packages, *carried.packages)))
        why = "; ".join(dict.fromkeys((last.because, carried.because)))
        found[-1] = replace(last, text=install_line(how, names, draft.newline), because=why, packages=names, install=how)
    return found


def build_name(image: Image) -> str:
    """`build`, or `builder` where the author's stages or images have that name already."""
    taken = {part.state.stage.name for part in image.stages} | {part.state.stage.base.lower() for part in image.stages}
    return next(name for name in ("build", "builder", "build-stage", "restage-build") if name not in taken)


def _from_line(facts: Facts, base: str, lower: bool) -> str:
    stage = facts.final.state.stage
    platform = f"--platform={stage.platform} " if stage.platform else ""
    name = stage.instructions[0].rest.split()
    # In the case of FROM, which BuildKit wants alike (build check FromAsCasing).
    suffix = f" {'as' if lower else 'AS'} {name[2]}" if len(name) == 3 else ""
    return f"{'from' if lower else 'FROM'} {platform}{base}{suffix}"


def _named(text: str, rest: str, name: str, lower: bool) -> str:
    """The author's FROM with the build stage's name in place of theirs."""
    words = rest.split()
    body = text.rstrip("\r\n")
    ending = text[len(body) :]
    if len(words) == 3:
        start = body.rindex(words[2])
        return body[:start] + name + body[start + len(words[2]) :] + ending
    return f"{body.rstrip()} {'as' if lower else 'AS'} {name}{ending}"


def _by_argument(runtime: Runtime, facts: Facts, head: Head) -> dict[str, str]:
    """By folder, the ARG of the runtime stage that names it: whoever builds may give it another value, and the copies must follow."""
    scope = facts.final.state.scopes[head.cut]
    names = (word.partition("=")[0] for one in runtime.carried if one.code == "repeated-argument" for word in one.text.split()[1:])
    return {scope.args[name]: f"${name}" for name in names if scope.args.get(name, "").startswith("/") and len(scope.args[name].strip("/")) > 0}


def _named_by(path: str, folders: Mapping[str, str]) -> str:
    best = max((folder for folder in folders if below(path, folder)), key=len, default="")
    rest = path[len(best.rstrip("/")) :]
    return f"{folders[best]}{rest}" if best and rest[:1] in ("", "/") else path


def _copy_line(stage: str, kept: Kept, owner: str | None, lower: bool, folders: Mapping[str, str]) -> str:
    flags = f"--from={stage}" + (f" --chown={owner}" if owner else "")
    source, target = _named_by(kept.path, folders), _named_by(kept.target or kept.path, folders)
    paths = json.dumps([source, target]) if " " in kept.path else f"{source} {target}"
    return f"{'copy' if lower else 'COPY'} {flags} {paths}"


def _cased(text: str, lower: bool) -> str:
    """A line in the author's keyword case; the author's own lines have it already."""
    word, _, rest = text.partition(" ")
    return f"{word.lower()} {rest}" if lower and word.isupper() else text


def _why_base(facts: Facts, base: str, kept: tuple[Kept, ...]) -> str:
    old = facts.final.state.base.reference
    if base == facts.final.state.stage.base:
        return "the same base again, without what building leaves behind"
    return f"the program needs {', '.join(one.path for one in kept[:3]) or 'its files'} and not what {old} brings to build it"
