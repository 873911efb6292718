"""`make proof-effects`: each case of tests/proof/effects runs on a real engine, and what its command did is held against what the tables say.

    python scripts/effects.py [NAME ...]
    python scripts/effects.py --forget      needs no engine: drops what was checked of rows that have changed since

What held is stored in service/ecosystems/checked.json; a row that is not there, or that has changed since, supports `assumed` at the most.
Exit status: 0, every case did what its rows say; 1, one did not; 2, there is no engine.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from service.proof import NoEngine, find_engine
from service.proof.effects import BadCase, Case, Outcome, check, claims_of, read_cases

HOME = Path(__file__).parents[1]
CASES, STORE = HOME / "tests" / "proof" / "effects", HOME / "service" / "ecosystems" / "checked.json"


def main() -> int:
    names = sys.argv[1:]
    if names == ["--forget"]:
        return forget()
    files = [file for file in sorted(CASES.glob("*.toml")) if not names or file.stem in names]
    if not files:
        print(f"no cases; there are {', '.join(sorted(file.stem for file in CASES.glob('*.toml')))}", file=sys.stderr)
        return 2
    try:
        engine = find_engine()
    except NoEngine as error:
        print(f"make proof-effects: {error}", file=sys.stderr)
        return 2
    good = True
    for file in files:
        held = []
        for case in read_cases(file):
            try:
                found = check(engine, case)
            except BadCase as error:
                print(f"? {file.stem:<8} {error}", flush=True)
                good = False
                continue
            print(f"{'!' if found.faults else '='} {file.stem:<8} {_shown(case)}", *(f"\n    {fault}" for fault in found.faults), sep="", flush=True)
            good = good and not found.faults
            held.append(found)
        _store(file.stem, held)
    rows = _stored()
    print(f"{len({row for cases in rows.values() for case in cases for row in case['rows']})} rows checked by {sum(map(len, rows.values()))} cases")
    return 0 if good else 1


def forget() -> int:
    """A row that says something else today than it said when it was run is unchecked."""
    content = json.loads(STORE.read_text())
    current = {(file.stem, case.base, case.command): claims_of(case) for file in CASES.glob("*.toml") for case in read_cases(file)}
    kept = {}
    for name, rows in content["cases"].items():
        found = ((row, current.get((name, row["base"], row["command"]))) for row in rows)
        kept[name] = [row for row, now in found if now is not None and (list(now.rows), list(now.sentences)) == (row["rows"], row["says"])]
    print(f"{sum(map(len, content['cases'].values())) - sum(map(len, kept.values()))} of {sum(map(len, content['cases'].values()))} forgotten")
    STORE.write_text(json.dumps({**content, "cases": kept}, indent=1) + "\n")
    return 0


def _shown(case: Case) -> str:
    return f"{case.base}: {' '.join(case.command.split())[:110]}"


def _stored() -> dict[str, list[dict[str, list[str]]]]:
    found: dict[str, list[dict[str, list[str]]]] = json.loads(STORE.read_text())["cases"] if STORE.exists() else {}
    return found


def _store(name: str, outcomes: list[Outcome]) -> None:
    """A row that one case refutes is not checked, whatever the others say."""
    old = json.loads(STORE.read_text()).get("refuted", {}) if STORE.exists() else {}
    refuted = {**old, name: sorted({row for one in outcomes if one.faults for row in one.claims.rows})}
    cases = {
        **_stored(),
        name: [
            {"base": one.case.base, "command": one.case.command, "rows": one.claims.rows, "says": one.claims.sentences}
            for one in outcomes
            if not one.faults
        ],
    }
    note = "Written by make proof-effects: commands that did on a real engine what their rows say, on stand-in base images."
    STORE.write_text(
        json.dumps(
            {"note": note, "date": f"{datetime.now(UTC):%Y-%m-%d}", "refuted": dict(sorted(refuted.items())), "cases": dict(sorted(cases.items()))},
            indent=1,
        )
        + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
