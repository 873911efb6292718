"""A proof for people and for machines."""

from __future__ import annotations

from typing import Any

from service.proof.model import Build, Check, Estimated, Proof, Weight
from service.proof.prove import median_seconds, saving

_MARK = {"equal": "=", "licensed": "~", "different": "!", "unprovable": "?"}
_WORD = {
    "equivalent": "equivalent: both images build, are configured and answer alike",
    "different": "NOT equivalent",
    "unproved": "could not be proved",
}


def as_text(proof: Proof) -> str:
    """One line a check (`=` equal, `~` differs as announced, `!` differs, `?` gives nothing to compare), the measures, and the outcome."""
    checks = _folded(proof.checks)
    width = max((len(check.name) for check in checks), default=0)
    lines = [f"{_MARK[check.level]} {check.name:<{width}}  {check.detail}".rstrip() for check in checks]
    return "\n".join([*lines, "", *_measures(proof), _WORD[proof.outcome]]) + "\n"


def _folded(checks: tuple[Check, ...]) -> list[Check]:
    """Equal settings on one line: nobody reads eleven times that nothing changed."""
    same = [check.name.removeprefix("config ") for check in checks if check.level == "equal" and check.name.startswith("config ")]
    rest = [check for check in checks if check.level != "equal" or not check.name.startswith("config ")]
    return [*rest[:1], Check("config", "equal", ", ".join(same)), *rest[1:]] if same else rest


def _measures(proof: Proof) -> list[str]:
    rows: list[tuple[str, str, str, str]] = []
    if proof.weights is not None:
        one, other = proof.weights
        rows.append(("unpacked", _mb(one.unpacked), _mb(other.unpacked), f"{-100 * saving(proof.weights):+.0f} %"))
        if one.compressed is not None and other.compressed is not None:
            rows.append(("compressed", _mb(one.compressed), _mb(other.compressed), f"{100 * (other.compressed / one.compressed - 1):+.0f} %"))
        rows.append(("layers", str(one.layers), str(other.layers), ""))
    if proof.estimates is not None and proof.weights is not None:
        rows.append(("estimated", _estimated(proof.estimates[0]), _estimated(proof.estimates[1]), ""))
    if proof.before is not None and proof.after is not None and proof.after.ok:
        rows.append(("build", f"{proof.before.seconds:.1f} s", f"{proof.after.seconds:.1f} s", ""))
    if (seconds := median_seconds(proof)) is not None:
        before, after = seconds
        last = proof.rebuilds[-1][1]
        rows.append(("rebuild", f"{before:.1f} s", f"{after:.1f} s", f"{after / before:.2f} x; again: {_names(last)}"))
    if not rows:
        return []
    return [f"{'':<12}{'before':>20}{'after':>20}", *(f"{name:<12}{one:>20}{other:>20}  {note}".rstrip() for name, one, other, note in rows), ""]


def _names(build: Build) -> str:
    names = [name.partition("] ")[2].split(" ")[0] for name in build.rebuilt]
    return ", ".join(f"{names.count(name)} {name}" for name in dict.fromkeys(name for name in names if name)) or "nothing"


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _estimated(found: Estimated) -> str:
    return f"{found.mid / 1e6:,.0f} ({found.low / 1e6:,.0f}-{found.high / 1e6:,.0f}) MB"


def as_json(proof: Proof) -> dict[str, Any]:
    """Plain values only; seconds and bytes."""
    return {
        "outcome": proof.outcome,
        "checks": [{"name": check.name, "level": check.level, "detail": check.detail} for check in proof.checks],
        "builds": {"before": _build(proof.before), "after": _build(proof.after)},
        "rebuilds": [{"before": _build(one), "after": _build(other)} for one, other in proof.rebuilds],
        "images": None if proof.weights is None else {"before": _weight(proof.weights[0]), "after": _weight(proof.weights[1])},
        "estimates": None
        if proof.estimates is None
        else [{"low": one.low, "bytes": one.mid, "high": one.high, "base_bytes": one.base} for one in proof.estimates],
        "opened_files": proof.opened,
    }


def _build(build: Build | None) -> dict[str, Any] | None:
    if build is None:
        return None
    return {
        "ok": build.ok,
        "seconds": round(build.seconds, 3),
        "rebuilt": list(build.rebuilt),
        "note": build.note or None,
        "log": None if build.ok else build.log,
    }


def _weight(weight: Weight) -> dict[str, Any]:
    return {"bytes": weight.unpacked, "compressed_bytes": weight.compressed, "layers": weight.layers}
