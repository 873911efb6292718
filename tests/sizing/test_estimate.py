from __future__ import annotations

import pytest

from service import BuildContext, DockerfileError, refactor
from service.dockerfile import read
from service.image.interpret import interpret
from service.report.sizes import sizes
from service.sizing import Estimate, estimate
from tests.shared import context_of, needs_corpus, rows


def of(text: str, context: BuildContext | None = None) -> Estimate:
    context = context or BuildContext.unknown()
    return estimate(interpret(read(text), context), context)


def test_one_layer_for_each_instruction_that_makes_one() -> None:
    found = of("FROM debian:bookworm-slim\nENV A=1\nWORKDIR /a\nCOPY x y\nRUN z\nWORKDIR /\nEXPOSE 1\nADD a b\nCMD x\n")
    assert [layer.line for layer in found.layers] == [1, 3, 4, 5, 8]
    assert found.layer_count == 5


def test_packages_by_the_index() -> None:
    """git on a slim bookworm: 91.9 MB measured (sizes.md, section 3)."""
    (_, layer) = of(
        "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*\n"
    ).layers
    assert layer.size.basis == "package-index"
    assert abs(layer.size.mid - 91_900_000) / 91_900_000 < 0.2


def test_lists_left_behind_are_counted_and_named() -> None:
    left = of("FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y git\n").layers[1]
    clean = of("FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*\n").layers[1]
    (lists,) = left.removable
    assert lists.cause == "apt lists" and lists.line == 2 and lists.size.mid > 15_000_000
    assert clean.removable == ()
    assert left.size.mid > clean.size.mid


def test_context_files_weigh_what_they_weigh() -> None:
    context = BuildContext({"a": "12345", "b/c": None}, complete=True, sizes={"b/c": 1_000})
    assert of("FROM scratch\nCOPY a /\n", context).layers[1].size.mid == 5
    assert of("FROM scratch\nCOPY . /x\n", context).layers[1].size.mid == 1_005


def test_an_unknown_base_and_an_opaque_run_have_wide_ranges() -> None:
    base, run = of("FROM who/knows\nRUN ./x\n").layers
    for layer in (base, run):
        assert layer.size.basis == "default" and layer.size.high > 5 * max(1, layer.size.low)


def check(report: dict[str, object]) -> None:
    for name in ("before", "after"):
        part = report[name]
        assert isinstance(part, dict)
        for row in (part, *part["layers"]):
            assert 0 <= row["low"] <= row["bytes"] <= row["high"]
            assert 0 <= row["compressed_low"] <= row["compressed_bytes"] <= row["compressed_high"]
        lines = [layer["line"] for layer in part["layers"]]
        assert len(lines) == len(set(lines))
    savings = report["savings"]
    assert isinstance(savings, dict)
    assert savings["low"] <= savings["bytes"] <= savings["high"]
    assert savings["bytes"] == report["before"]["bytes"] - report["after"]["bytes"]  # type: ignore[index]


@needs_corpus
def test_every_fifth_real_file() -> None:
    for row in list(rows("dev.jsonl.gz"))[::5]:
        context = BuildContext(**context_of(row))
        try:
            found = refactor(row["dockerfile"], context)
        except DockerfileError:
            continue
        report = sizes(found, context)
        check(report)
        if found.outcome == "split":
            assert report["after"]["bytes"] < report["before"]["bytes"]
        if found.outcome == "unchanged":
            assert report["savings"]["bytes"] == 0


@pytest.mark.parametrize("base", ["golang:1.22-bookworm", "who/knows"])
def test_what_both_have_cancels_out(base: str) -> None:
    text = f'FROM {base}\nWORKDIR /app\nCOPY . .\nRUN go build -o x .\nCMD ["./x"]\n'
    found = refactor(text)
    report = sizes(found, BuildContext.unknown())
    check(report)
    if found.outcome != "split":
        assert report["savings"]["low"] == report["savings"]["high"] == 0


LOCK = (
    '{"lockfileVersion": 3, "packages": {"": {}, "node_modules/express": {"version": "4.18.2", "resolved": "x"},'
    ' "node_modules/typescript": {"version": "5.4.5", "resolved": "x", "dev": true}}}'
)
PROJECT = BuildContext({"package.json": '{"dependencies": {"express": "4.18.2"}}', "package-lock.json": LOCK}, complete=True)


def project(*runs: str) -> list[int]:
    lines = "".join(f"RUN {run}\n" for run in runs)
    return [layer.size.mid for layer in of(f"FROM node:20-slim\nWORKDIR /app\nCOPY package*.json ./\n{lines}", PROJECT).layers[3:]]


def test_the_same_install_again_stores_nothing_and_npm_ci_everything() -> None:
    first, again = project("npm install && rm -rf /root/.npm", "npm install && rm -rf /root/.npm")
    assert first > 20_000_000 > 100_000 > again
    first, again = project("npm ci && rm -rf /root/.npm", "npm ci && rm -rf /root/.npm")
    assert first == again > 20_000_000


def test_a_prune_in_a_later_layer_frees_nothing_and_a_copy_brings_what_is_left() -> None:
    text = "FROM node:20-slim AS b\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nRUN {}\nFROM node:20-slim\nCOPY --from=b /app/node_modules /m\n"
    for prune in ("npm prune --omit=dev", "npm install --production"):
        assert of(text.format(prune), PROJECT).layers[1].size.mid < 5_000_000
