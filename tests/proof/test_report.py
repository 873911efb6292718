"""A proof as text and as JSON."""

from __future__ import annotations

import json

import pytest

from service.proof import Build, Check, Proof, Weight
from service.proof.model import EXIT, Estimated, Step, outcome_of
from service.proof.prove import estimate_errors, median_seconds, saving
from service.proof.report import as_json, as_text

BEFORE = Build("sha256:1", 61.24, (Step("[1/3] FROM node:20", True, 0.0), Step("[2/3] RUN npm ci", False, 40.0)))
AFTER = Build("sha256:2", 60.0, (Step("[build 2/3] RUN npm ci", False, 40.0),), note="built without that line")
REBUILD = Build("sha256:3", 4.0, (Step("[build 3/3] COPY . .", False, 0.1), Step("[stage-1 2/3] COPY --from=build /a /a", False, 0.1)))
CHECKS = (
    Check("build", "equal", "both build"),
    Check("config Env", "equal"),
    Check("config ENV GOPATH", "licensed", "'/go' -> none: toolchain"),
    Check("config User", "equal"),
    Check("probe GET :80/", "equal", "200 'ok'"),
)
PROOF = Proof(
    "equivalent",
    CHECKS,
    BEFORE,
    AFTER,
    ((REBUILD, Build("sha256:4", 2.0, REBUILD.steps)), (REBUILD, Build("sha256:5", 3.0, REBUILD.steps))),
    (Weight(1_000_000_000, 9, 400_000_000), Weight(250_000_000, 5, 100_000_000)),
    (800_000_000, 200_000_000),
    (Estimated(900_000_000, 1_100_000_000, 1_500_000_000, 900_000_000), Estimated(1_000_000, 200_000_000, 300_000_000, 200_000_000)),
    12,
)


def test_text() -> None:
    text = """\
= build              both build
= config             Env, User
~ config ENV GOPATH  '/go' -> none: toolchain
= probe GET :80/     200 'ok'

                          before               after
unpacked              1,000.0 MB            250.0 MB  -75 %
compressed              400.0 MB            100.0 MB  -75 %
layers                         9                   5
estimated   1,100 (900-1,500) MB      200 (1-300) MB
build                     61.2 s              60.0 s
rebuild                    4.0 s               2.5 s  0.62 x; again: 2 COPY

equivalent: both images build, are configured and answer alike
"""
    assert as_text(PROOF) == text


def test_text_without_measures() -> None:
    check = Check("build", "unprovable", "the original itself does not build: exit code: 1")
    proof = Proof("unproved", (check,), Build("", 1.0, (), "log"))
    assert as_text(proof) == "? build  the original itself does not build: exit code: 1\n\ncould not be proved\n"


def test_folded_settings_do_not_widen_the_names() -> None:
    settings = tuple(Check(f"config {name}", "equal") for name in ("Env", "ExposedPorts"))
    assert as_text(Proof("equivalent", (CHECKS[0], *settings))).startswith("= build   both build\n= config  Env, ExposedPorts\n")


def test_text_of_a_difference() -> None:
    proof = Proof("different", (CHECKS[0], Check("config User", "different", "'node' -> none")))
    assert as_text(proof) == "= build        both build\n! config User  'node' -> none\n\nNOT equivalent\n"


def test_json_has_everything_that_was_measured() -> None:
    found = json.loads(json.dumps(as_json(PROOF)))
    assert found["outcome"] == "equivalent"
    assert found["checks"][2] == {"name": "config ENV GOPATH", "level": "licensed", "detail": "'/go' -> none: toolchain"}
    assert found["builds"]["before"] == {"ok": True, "seconds": 61.24, "rebuilt": ["[2/3] RUN npm ci"], "note": None, "log": None}
    assert found["builds"]["after"]["note"] == "built without that line"
    assert [pair["after"]["seconds"] for pair in found["rebuilds"]] == [2.0, 3.0]
    assert found["images"]["after"] == {"bytes": 250_000_000, "compressed_bytes": 100_000_000, "layers": 5}
    assert found["estimates"][0] == {"low": 900_000_000, "bytes": 1_100_000_000, "high": 1_500_000_000, "base_bytes": 900_000_000}
    assert found["opened_files"] == 12


def test_json_of_a_build_that_failed_has_its_log() -> None:
    found = as_json(Proof("unproved", (), Build("", 1.0, (), "ERROR: no such stage")))
    assert found["builds"] == {"before": {"ok": False, "seconds": 1.0, "rebuilt": [], "note": None, "log": "ERROR: no such stage"}, "after": None}
    assert (found["images"], found["estimates"], found["rebuilds"], found["opened_files"]) == (None, None, [], None)


def test_a_difference_outweighs_a_doubt_and_nothing_proves_nothing() -> None:
    equal, licensed, doubt, different = (Check("x", level) for level in ("equal", "licensed", "unprovable", "different"))
    assert outcome_of((equal, licensed)) == "equivalent"
    assert outcome_of((equal, doubt)) == "unproved"
    assert outcome_of((doubt, different, equal)) == "different"
    assert outcome_of(()) == "unproved"
    assert EXIT == {"equivalent": 0, "different": 1, "unproved": 2}


def test_measures() -> None:
    assert median_seconds(PROOF) == (4.0, 2.5)
    assert PROOF.weights is not None and saving(PROOF.weights) == 0.75
    assert estimate_errors(PROOF) == pytest.approx((0.0, -0.2))


def test_measures_that_cannot_be_told() -> None:
    failed = Proof("different", (), rebuilds=((REBUILD, Build("", 1.0, ())),), weights=PROOF.weights, bases=(None, 1), estimates=PROOF.estimates)
    assert median_seconds(failed) is None
    assert estimate_errors(failed) is None
    assert estimate_errors(Proof("different", ())) is None
    assert saving((Weight(0, 0), Weight(0, 0))) == 1.0
