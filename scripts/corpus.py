"""Runs a corpus of real Dockerfiles through POST /v1/refactor, checks every answer, and prints what became of them.

    python scripts/corpus.py [--service URL] [--labels labels.jsonl] [--jobs N] [--json OUT.json] ROWS.jsonl.gz ...

A row has `id`, `dockerfile` and perhaps `ecosystem`, `context_tree` (paths), `context_files_total`, `manifests` (path -> content) and
`buildkit` (`parse_error` or `instr_error` where BuildKit rejects the file). Without --service one is started and ended.

Violations, each of which makes the exit status 1: a status other than 200 or 422; a file that BuildKit accepts and the service does not, or
the reverse; a 422 that is no problem document or lacks a line; another answer to the same question; a second refactoring that changes
something; an answer slower than --slow seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import http.client
import json
import math
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
OUTCOMES = ("split", "improved", "unchanged", "rejected")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """`status` 0: no answer."""

    status: int
    body: bytes
    seconds: float

    def json(self) -> Any:
        with contextlib.suppress(ValueError):
            return json.loads(self.body)
        return None


@dataclass(frozen=True)
class Finding:
    """What one row came to. `declines` are the codes of `missed` remarks with the first sentence of each."""

    id: str
    ecosystem: str
    outcome: str
    level: str
    seconds: float
    violations: tuple[str, ...]
    declines: tuple[tuple[str, str], ...]


def main() -> int:
    options = _arguments()
    rows = list(_rows(options.files))
    with _service(options.service) as address:
        started = time.monotonic()
        with ThreadPoolExecutor(options.jobs) as pool:
            findings = list(pool.map(lambda row: check(address, row), rows))
        elapsed = time.monotonic() - started
    _print_outcomes(findings)
    _print_declines(findings)
    slow = _print_latency(findings, elapsed, options.slow)
    if options.labels:
        _print_labels(findings, {label["id"]: label for label in _rows([options.labels])})
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(finding) for finding in findings], indent=1))
    return _print_violations(findings) or int(bool(slow))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--service", help="base URL of a running service; by default one is started")
    parser.add_argument("--labels", help="hand-made labels: precision and recall of splitting are printed")
    parser.add_argument("--jobs", type=int, default=2, help="requests in flight")
    parser.add_argument("--slow", type=float, default=1.0, help="seconds")
    parser.add_argument("--json", help="write every finding to this file")
    return parser.parse_args()


def _rows(paths: Iterable[str]) -> Iterator[Row]:
    for path in paths:
        reader = gzip.open if path.endswith(".gz") else open
        with reader(path, "rt", encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.strip())


# --- one row


def check(address: str, row: Row) -> Finding:
    asked = {"dockerfile": row["dockerfile"], **_context(row)}
    reply = _post(address, asked)
    result = reply.json()
    if reply.status != 200 or not isinstance(result, dict):
        return _finding(row, reply, "rejected" if reply.status == 422 else "failed", {}, _refusal_faults(row, reply, result))
    again, second = _post(address, asked), _post(address, {**asked, "dockerfile": result["dockerfile"]})
    return _finding(row, reply, result["outcome"], result, _answer_faults(row, reply, result, again, second))


def _context(row: Row) -> dict[str, Any]:
    """The request's context; the tree is cut at 400 paths, and then the list is not the whole of it."""
    tree, manifests = row.get("context_tree") or [], row.get("manifests") or {}
    if not tree and not manifests:
        return {}
    complete = bool(tree) and row.get("context_files_total") == len(tree)
    return {"context": {"files": {**dict.fromkeys(tree), **manifests}, "complete": complete}}


def _refusal_faults(row: Row, reply: Reply, problem: Any) -> Iterator[str]:
    if reply.status != 422:
        yield f"status {reply.status}"
        return
    if not _rejected_by_buildkit(row) and "buildkit" in row:
        yield f"BuildKit accepts it: {problem.get('detail') if isinstance(problem, dict) else problem}"
    errors = problem.get("errors") if isinstance(problem, dict) else None
    if not errors or not isinstance(errors[0].get("line"), int):
        yield "422 without a line"


def _answer_faults(row: Row, reply: Reply, result: Mapping[str, Any], again: Reply, second: Reply) -> Iterator[str]:
    if _rejected_by_buildkit(row):
        yield f"BuildKit rejects it: {_rejected_by_buildkit(row)}"
    if again.body != reply.body:
        yield "another answer to the same question"
    twice = second.json() or {}
    if second.status != 200 or twice.get("dockerfile") != result["dockerfile"]:
        yield f"a second refactoring changes it (status {second.status})"
    if (result["outcome"] == "unchanged") != (result["dockerfile"] == row["dockerfile"]):
        yield f"{result['outcome']}, but the text says otherwise"
    if result["outcome"] == "unchanged" and not result["remarks"]:
        yield "unchanged without a reason"
    if result["verdict"]["level"] not in ("proved", "assumed"):
        yield f"verdict {result['verdict']['level']}"


def _rejected_by_buildkit(row: Row) -> str:
    """What the parser or the instruction checks say; the linter's own errors hang on base images and do not count."""
    verdict = row.get("buildkit") or {}
    return str(verdict.get("parse_error") or verdict.get("instr_error") or "")


def _finding(row: Row, reply: Reply, outcome: str, result: Mapping[str, Any], violations: Iterable[str]) -> Finding:
    declines = tuple((remark["code"], remark["because"]) for remark in result.get("remarks", ()) if remark["kind"] == "missed")
    level = result.get("verdict", {}).get("level", "")
    return Finding(row["id"], row.get("ecosystem") or "?", outcome, level, reply.seconds, tuple(violations), declines)


def _post(address: str, value: Any) -> Reply:
    url = urlsplit(address)
    connection = http.client.HTTPConnection(url.hostname or "127.0.0.1", url.port or 80, timeout=60)
    body = json.dumps(value).encode()
    start = time.perf_counter()
    try:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        connection.request("POST", url.path.rstrip("/") + "/v1/refactor", body, headers)
        response = connection.getresponse()
        return Reply(response.status, response.read(), time.perf_counter() - start)
    except (OSError, http.client.HTTPException):
        return Reply(0, b"", time.perf_counter() - start)
    finally:
        connection.close()


# --- the service


@contextlib.contextmanager
def _service(address: str | None) -> Iterator[str]:
    if address:
        yield address
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port)}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:service.http.server", "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        _wait(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit("the service did not start")


# --- the tables


def _print_outcomes(findings: list[Finding]) -> None:
    groups = Counter(finding.ecosystem for finding in findings)
    print(f"{'ecosystem':<14}{'files':>7}" + "".join(f"{outcome:>11}" for outcome in (*OUTCOMES, "failed", "proved")))
    for name, total in [*groups.most_common(), ("all", len(findings))]:
        mine = [finding for finding in findings if name in (finding.ecosystem, "all")]
        counts = Counter(finding.outcome for finding in mine)
        proved = sum(finding.level == "proved" for finding in mine)
        print(f"{name[:13]:<14}{total:>7}" + "".join(f"{counts[outcome]:>11}" for outcome in (*OUTCOMES, "failed")) + f"{proved:>11}")


def _print_declines(findings: list[Finding], top: int = 25) -> None:
    codes = Counter(code for finding in findings for code in {code for code, _ in finding.declines})
    example = {code: because for finding in findings for code, because in finding.declines}
    print("\nfiles  decline")
    for code, count in codes.most_common(top):
        print(f"{count:>5}  {code}: {example[code][:110]}")


def _print_latency(findings: list[Finding], elapsed: float, slow: float) -> list[Finding]:
    times = sorted(finding.seconds for finding in findings)
    if not times:
        return []
    shares = ((0.5, "median"), (0.95, "95 %"), (0.99, "99 %"), (1.0, "slowest"))
    figures = [f"{name} {1000 * times[math.ceil(share * len(times)) - 1]:.1f} ms" for share, name in shares]
    print(f"\n{', '.join(figures)} ({elapsed:.0f} s in all)")
    late = sorted((finding for finding in findings if finding.seconds > slow), key=lambda finding: -finding.seconds)
    print(f"{len(late)} answers slower than {slow:g} s" + "".join(f"\n  {finding.seconds:.2f} s  {finding.id}" for finding in late[:20]))
    return late


def _print_violations(findings: list[Finding]) -> int:
    broken = [finding for finding in findings if finding.violations]
    print(f"\n{len(broken)} of {len(findings)} files with a violation")
    for finding in broken[:60]:
        print(f"  {finding.id}: {'; '.join(finding.violations)[:200]}")
    return int(bool(broken))


def _print_labels(findings: list[Finding], labels: Mapping[str, Row]) -> None:
    """Precision: of the files we split and that are not labelled `either`, those labelled `split` or `needs-context`. Recall: of the files
    labelled `split`, those we split."""
    judged = [(finding, labels[finding.id]["label"]) for finding in findings if finding.id in labels]
    print(f"\n{'ecosystem':<14}{'labelled':>9}{'precision':>16}{'recall':>16}")
    for name in [*sorted({finding.ecosystem for finding, _ in judged}), "all"]:
        mine = [(finding.outcome == "split", label) for finding, label in judged if name in (finding.ecosystem, "all")]
        right = _share(mine, chosen=lambda split, label: split and label != "either", hit=lambda split, label: label != "no-split")
        found = _share(mine, chosen=lambda split, label: label == "split", hit=lambda split, label: split)
        print(f"{name[:13]:<14}{len(mine):>9}{right:>16}{found:>16}")
    wrong = [finding.id for finding, label in judged if finding.outcome == "split" and label == "no-split"]
    missed = [finding for finding, label in judged if finding.outcome != "split" and label == "split"]
    print("split, labelled no-split: " + (", ".join(wrong) or "none"))
    for finding in missed:
        print(f"not split, labelled split: {finding.id} ({finding.ecosystem}): {', '.join(code for code, _ in finding.declines)}")


Judged = tuple[bool, str]


def _share(judged: list[Judged], chosen: Callable[[bool, str], bool], hit: Callable[[bool, str], bool]) -> str:
    among = [item for item in judged if chosen(*item)]
    hits = sum(hit(*item) for item in among)
    return f"{hits}/{len(among)}" + (f" {100 * hits / len(among):.0f} %" if among else "")


if __name__ == "__main__":
    sys.exit(main())
