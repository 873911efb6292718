"""Holds our splits against the ones that people made: a table, two shares, and every disagreement by its cause.

    python scripts/pairs.py [--all] human-pairs.jsonl.gz

A row is a commit that turned one FROM into several: `id`, `before`, `after`, `golden` (the final stage takes from a stage that works as the
original did), and `context_tree`, `context_files_total`, `manifests` as in corpus.py. --all takes the rows that are not golden as well.

Two questions are asked of each row that has a program to run: do we split `before`, and is the base under our program the same family as
theirs, or slimmer? The same family is the same repository and variant (`node:8-slim`, `node:10-slim`), whatever the version: people change
it in the same commit. Slimmer is an image that is not larger by the bundled sizes or, where those do not know both, of a kind that does not
stand later in `KINDS`. A base on another C library is told apart: we never go from one to another unless asked.
A person's conversion is a teacher and no answer, so nothing here makes the exit status other than 0.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from service import BuildContext, DockerfileError, Refactoring, refactor  # noqa: E402
from service.dockerfile import read  # noqa: E402
from service.image.interpret import interpret  # noqa: E402
from service.knowledge.images import base_image  # noqa: E402
from service.knowledge.references import SUITES, parse_reference, parse_tag  # noqa: E402
from service.knowledge.sizes import image_size  # noqa: E402

Row = Mapping[str, Any]
KINDS = ("distroless", "alpine", "slim", "full")
"""Of base images, the slimmest first."""
NOTHING_TO_RUN = ("no-program", "windows")
"""Codes of files that no split was asked of: they have no command, or their commands are for another system."""
UNDECIDED = ("missing-context", "nothing-to-leave-behind", "nothing-to-build")
"""Codes of files that nothing was decided about, since the row lacks a file that would decide it, or whose build leaves nothing behind already."""


@dataclass(frozen=True)
class Base:
    """What stands under a program: its reference with all names and arguments filled in, kind, family, bytes (0: not known), and C library."""

    reference: str
    kind: str
    family: tuple[str, ...]
    size: int
    libc: str | None


@dataclass(frozen=True)
class Pair:
    """What one row came to. `cause` is our decline's code, empty where we split; `because` its sentence."""

    id: str
    ecosystem: str
    split: bool
    cause: str
    because: str
    ours: Base
    theirs: Base

    @property
    def asked(self) -> bool:
        return self.cause not in NOTHING_TO_RUN

    @property
    def as_slim(self) -> bool:
        return as_slim(self.ours, self.theirs)

    @property
    def crosses(self) -> bool:
        """Whether their conversion went to another C library, or to none."""
        return None not in (self.ours.libc, self.theirs.libc) and self.ours.libc != self.theirs.libc


def main() -> int:
    options = _arguments()
    path = Path(options.file)
    if not path.is_file():
        print(f"skipped: {path.name} is absent")
        return 0
    print_report([pair for row in _rows(path) if row["golden"] or options.all for pair in compared(row)])
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--all", action="store_true", help="also the rows that are not golden")
    return parser.parse_args()


def _rows(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


# --- one row


def compared(row: Row) -> Iterator[Pair]:
    """The row's pair; nothing where BuildKit would reject one of its texts."""
    try:
        result, after = refactor(row["before"], context_of(row)), interpret(read(row["after"]), context_of(row))
    except DockerfileError:
        return
    code, because = ("", "") if result.outcome == "split" else _decline(result)
    ours = base(result.after.chain(result.after.final)[0].state.base.reference)
    theirs = base(after.chain(after.final)[0].state.base.reference)
    yield Pair(row["id"], row.get("ecosystem") or "?", result.outcome == "split", code, because, ours, theirs)


def context_of(row: Row) -> BuildContext:
    """The tree is cut at 400 paths, and then the list is not the whole of it."""
    tree, manifests = row.get("context_tree") or [], row.get("manifests") or {}
    return BuildContext({**dict.fromkeys(tree), **manifests}, bool(tree) and row.get("context_files_total") == len(tree))


def _decline(result: Refactoring) -> tuple[str, str]:
    """The last `missed` remark is about the author's own base: the rung on which a split could still have ended."""
    missed = [remark for remark in result.remarks if remark.kind == "missed" and remark.by in ("restage", "split_stages")]
    return (missed[-1].code, missed[-1].because) if missed else ("no-reason", "")


# --- base images


def base(reference: str) -> Base:
    name = parse_reference(reference)
    words = tuple(word for word in parse_tag(name.tag).words if word not in SUITES and not word[:1].isdigit())
    plain = tuple("alpine" if word.startswith("alpine") else word for word in words)
    size = image_size(reference)
    known = size.unpacked[1] if size.basis != "default" and "$" not in reference else 0
    return Base(reference, _kind(name.repository, plain), (name.repository, *sorted(set(plain))), known, base_image(reference).libc)


def _kind(repository: str, words: Iterable[str]) -> str:
    last = repository.rsplit("/", 1)[-1]
    if repository in ("scratch", "busybox") or "distroless" in repository or "chainguard" in repository:
        return "distroless"
    if last == "alpine" or "alpine" in words:
        return "alpine"
    return "slim" if "slim" in words else "full"


def as_slim(ours: Base, theirs: Base) -> bool:
    """Whether our base is of the same family as theirs, or slimmer."""
    if ours.family == theirs.family:
        return True
    if ours.size and theirs.size:
        return ours.size <= theirs.size
    return KINDS.index(ours.kind) <= KINDS.index(theirs.kind)


# --- the tables


def print_report(pairs: list[Pair]) -> None:
    print(f"{'pair':<16}{'ecosystem':<11}{'split':<7}{'ours':<48}{'theirs':<48}decline")
    for pair in pairs:
        ours = pair.ours.reference if pair.split else ""
        verdict = "no" if not pair.split else "yes" if pair.as_slim else "larger"
        print(f"{pair.id:<16}{pair.ecosystem[:10]:<11}{verdict:<7}{ours[:46]:<48}{pair.theirs.reference[:46]:<48}{pair.cause}")
    asked = [pair for pair in pairs if pair.asked]
    split = [pair for pair in asked if pair.split]
    print(f"\n{len(pairs)} pairs, {len(asked)} with a program to run")
    print(f"split: {share(len(split), len(asked))}")
    decided = [pair for pair in asked if pair.cause not in UNDECIDED]
    print(f"the same without {len(asked) - len(decided)} that lack a file of the context or leave nothing behind: {share(len(split), len(decided))}")
    print(f"of the split on the same family or a slimmer base: {share(sum(pair.as_slim for pair in split), len(split))}")
    crossed = [pair for pair in split if not pair.as_slim and pair.crosses]
    kept = [pair for pair in split if pair not in crossed]
    print(f"the same without {len(crossed)} on another C library than ours: {share(sum(pair.as_slim for pair in kept), len(kept))}")
    _print_causes([pair for pair in asked if not pair.split])
    _print_larger([pair for pair in split if not pair.as_slim])


def share(part: int, whole: int) -> str:
    return f"{part}/{whole}" + (f" {100 * part / whole:.0f} %" if whole else "")


def _print_causes(pairs: list[Pair]) -> None:
    for code, count in Counter(pair.cause for pair in pairs).most_common():
        print(f"\nnot split, {code}: {count}")
        for pair in pairs:
            if pair.cause == code:
                print(f"  {pair.id} ({pair.ecosystem}): {pair.because[:150]}")


def _print_larger(pairs: list[Pair]) -> None:
    print(f"\nsplit onto a larger base than theirs: {len(pairs)}")
    for pair in pairs:
        sizes = [f"{one.reference} ({one.kind}, {one.size / 1e6:.0f} MB)" for one in (pair.ours, pair.theirs)]
        print(f"  {pair.id} ({pair.ecosystem}): {sizes[0]} against {sizes[1]}{', another C library' if pair.crosses else ''}")


if __name__ == "__main__":
    sys.exit(main())
