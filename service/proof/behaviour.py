"""Starting an image without a network, asking it, and comparing what two of them answer."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from service.proof.engine import LABEL, Engine, NotStarted
from service.proof.model import Answer, Check, HttpProbe, Plan, RunProbe

ASKER_IMAGE = "RESTAGE_PROOF_ASKER"
_ASKER = files(__package__).joinpath("asker.py").read_text()
_STOP_SECONDS = 3
_SMOKE = (
    "no module named",
    "modulenotfounderror",
    "importerror",
    "cannot find module",
    "err_module_not_found",
    "error while loading shared libraries",
    "cannot open shared object file",
    "dlopen",
    "no such file or directory",
    "enoent",
    "filenotfounderror",
    "command not found",
    "executable file not found",
    ": not found",
    "exec format error",
    "permission denied",
    "noclassdeffounderror",
    "classnotfoundexception",
    "unsatisfiedlinkerror",
    "cannot load such file",
    "failed opening required",
    "unable to load dynamic library",
    "certificate verify failed",
    "certificate signed by unknown authority",
    "unknown time zone",
    "zoneinfonotfounderror",
    "unsupported locale",
    "cannot change locale",
)
"""What a log says when something is missing: from the error texts of Python, Node, glibc, musl, sh, Go, the JVM, Ruby and PHP."""

_PASSING = frozenset(
    {"age", "connection", "content-length", "content-type", "date", "etag", "expires", "keep-alive", "last-modified", "server", "set-cookie"}
    | {"transfer-encoding"}
)
"""Headers that tell of the time, of the connection or of the server's version, or that another comparison covers."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What an image did: the answers to the plan's probes in their order, whether it still ran afterwards, its exit code (at the stop, where
    it ran until then), the HEALTHCHECK's exit code (None without one) and its log."""

    answers: tuple[Answer, ...]
    running: bool
    exit: int | None
    health: int | None
    log: str
    problem: str = ""


def observe_both(engine: Engine, images: tuple[str, str], plan: Plan) -> tuple[Behaviour, Behaviour]:
    """Side by side: each container has a network namespace of its own, so that their ports do not clash."""
    with ThreadPoolExecutor(2) as pool:
        before, after = pool.map(lambda image: observe(engine, image, plan), images)
    return before, after


def observe(engine: Engine, image: str, plan: Plan) -> Behaviour:
    runs = {place: _run(engine, image, plan, probe) for place, probe in enumerate(plan.probes) if isinstance(probe, RunProbe)}
    asked = [probe for probe in plan.probes if isinstance(probe, HttpProbe)]
    if runs and not asked:
        return Behaviour(tuple(answer for answer, _ in runs.values()), False, None, None, "\n".join(log for _, log in runs.values()))
    seen = observe_container(engine, image, plan)
    answers = iter(seen.answers)
    return replace(seen, answers=tuple(runs[place][0] if place in runs else next(answers) for place in range(len(plan.probes))))


def observe_container(engine: Engine, image: str, plan: Plan, extra: Sequence[str] = (), arguments: Sequence[str] = ()) -> Behaviour:
    """One container from its start to its stop, asked the plan's HTTP probes. `extra` are options of `docker create`."""
    asked = [probe for probe in plan.probes if isinstance(probe, HttpProbe)]
    try:
        with engine.started(image, plan.environment, extra, arguments) as container:
            answers = tuple(_ask(engine, container, plan, asked))
            if not asked:
                _settle(engine, container, plan.settle)
            return _ended(engine, container, image, answers)
    except NotStarted as error:
        return Behaviour(tuple(Answer(None, error=str(error)) for _ in asked), False, None, None, str(error), str(error))


def _run(engine: Engine, image: str, plan: Plan, probe: RunProbe) -> tuple[Answer, str]:
    values = [part for name, value in plan.environment.items() for part in ("-e", f"{name}={value}")]
    done = engine.call(["run", "--rm", "--network=none", "--label", LABEL, *values, image, *probe.arguments], limit=plan.ready)
    error = f"still running after {plan.ready:.0f} s" if done.code is None else done.complaint if done.code in (125, 126, 127) else ""
    # A usage text or a complaint is an answer too: both streams count, one behind the other.
    return Answer(done.code, done.out + done.err, "", error), done.complaint


def _ask(engine: Engine, container: str, plan: Plan, probes: Sequence[HttpProbe]) -> list[Answer]:
    if not probes:
        return []
    rows = [{"port": p.port, "path": p.path, "method": p.method, "body": p.body, "headers": dict(p.headers)} for p in probes]
    asked = json.dumps({"ready": plan.ready, "probes": rows}).encode()
    asker = os.environ.get(ASKER_IMAGE, "python:3-slim")
    command = ["run", "--rm", "-i", "--label", LABEL, f"--network=container:{container}", asker, "python", "-c", _ASKER]
    if not _still_runs(engine, container):
        return [Answer(None, error="it exited before it was asked") for _ in probes]
    done = engine.call(command, asked, limit=plan.ready + 25 * len(probes))
    if done.code != 0:
        return [Answer(None, error=f"could not be asked: {done.complaint[-300:]}") for _ in probes]
    return [_answer(row) for row in json.loads(done.out)]


def _answer(row: Mapping[str, Any]) -> Answer:
    return Answer(row["status"], base64.b64decode(row["body"]), row["kind"], row["error"], tuple((name, value) for name, value in row["headers"]))


def _still_runs(engine: Engine, container: str) -> bool:
    # A program that dies at once would let the asker wait for a namespace that is gone.
    time.sleep(0.2)
    return bool(engine.inspect("container", container).get("State", {}).get("Running"))


def _settle(engine: Engine, container: str, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and engine.inspect("container", container).get("State", {}).get("Running"):
        time.sleep(0.2)


def _ended(engine: Engine, container: str, image: str, answers: tuple[Answer, ...]) -> Behaviour:
    running = bool(engine.inspect("container", container).get("State", {}).get("Running"))
    health = _health(engine, container, image) if running else None
    if running:
        engine.call(["stop", "-t", str(_STOP_SECONDS), container])
    logs = engine.call(["logs", container])
    state = engine.inspect("container", container).get("State", {})
    return Behaviour(answers, running, state.get("ExitCode"), health, logs.text + logs.complaint, state.get("Error", ""))


def _health(engine: Engine, container: str, image: str) -> int | None:
    """The HEALTHCHECK's own command, run at once rather than after its interval."""
    test = (engine.inspect("image", image).get("Config", {}).get("Healthcheck") or {}).get("Test") or []
    if not test or test[0] == "NONE":
        return None
    return engine.call(["exec", container, *(["/bin/sh", "-c", test[1]] if test[0] == "CMD-SHELL" else test[1:])], limit=30).code


# --- comparing


def answers_differ(before: Behaviour, after: Behaviour) -> bool:
    """Whether a second look at the original is worth its time."""
    return any(_content(one) != _content(other) for one, other in zip(before.answers, after.answers, strict=True))


def _content(answer: Answer) -> tuple[bytes, Mapping[str, str]]:
    return answer.body, _headers(answer)


def _headers(answer: Answer) -> Mapping[str, str]:
    """A header that is there more than once counts as one, as RFC 9110 reads it."""
    found: dict[str, str] = {}
    for name, value in answer.headers:
        if name not in _PASSING:
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def compare_behaviours(before: Behaviour, after: Behaviour, again: Behaviour | None, plan: Plan) -> tuple[Check, ...]:
    """`again` is a second look at the original, taken where answers differ: what it does not repeat itself cannot be held against the rewrite."""
    return tuple(_checks(before, after, again, plan))


def _checks(before: Behaviour, after: Behaviour, again: Behaviour | None, plan: Plan) -> Iterator[Check]:
    for place, probe in enumerate(plan.probes):
        yield _answered(probe, before.answers[place], after.answers[place], again.answers[place] if again is not None else None)
    if any(isinstance(probe, HttpProbe) for probe in plan.probes) or not plan.probes:
        yield _started(before, after, bool(plan.probes))
        yield _same("exit code at stop" if before.running else "exit code", before.exit, after.exit)
    if before.health is not None:
        yield _healthy(before.health, after.health)
    yield _smoke(before.log, after.log)


def _answered(probe: HttpProbe | RunProbe, one: Answer, other: Answer, again: Answer | None) -> Check:
    wanted = probe.status if isinstance(probe, HttpProbe) else probe.exit
    name = f"probe {probe.name}"
    if one.code is None or (wanted is not None and one.code != wanted) or probe.contains.encode() not in one.body:
        return Check(name, "unprovable", f"the original itself answers {_shown(one)}")
    varies = again is not None and again.code == one.code and again.body != one.body
    repeated = varies and other.code == one.code and other.kind == one.kind and probe.contains.encode() in other.body
    headers = _changed_headers(one, other, again)
    if not repeated and (one.code, one.body, one.kind) != (other.code, other.body, other.kind):
        return Check(name, "different", f"{_shown(one)} -> {_shown(other)}")
    if headers:
        return Check(name, "different", f"{_shown(one)}, but {', '.join(headers)}")
    if repeated and one.body != other.body:
        return Check(name, "licensed", f"{one.code}; the original's own answer is never the same twice")
    return Check(name, "equal", _shown(one))


def _changed_headers(one: Answer, other: Answer, again: Answer | None) -> list[str]:
    """A request's number or a time stamp is another each time, as the second look shows."""
    before, after = _headers(one), _headers(other)
    second = _headers(again) if again is not None else before
    return [
        f"{name}: {before.get(name, 'none')} -> {after.get(name, 'none')}"[:200]
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name) and before.get(name) == second.get(name)
    ]


def _shown(answer: Answer) -> str:
    if answer.code is None:
        return f"nothing ({answer.error[-200:]})"
    text = answer.body[:60].decode(errors="replace").replace("\n", " ").strip()
    return f"{answer.code} {text!r}" + (f" ({answer.error[-200:]})" if answer.error else "")


def _started(before: Behaviour, after: Behaviour, probed: bool) -> Check:
    if not probed and not before.running and before.exit != 0:
        return Check("start", "unprovable", f"the original itself ends with {before.exit} {_last(before.problem or before.log)}")
    if before.running == after.running:
        return Check("start", "equal", "runs until it is stopped" if before.running else "ends by itself")
    one, other = ("runs" if side.running else f"ends with {side.exit} {_last(side.problem or side.log)}" for side in (before, after))
    return Check("start", "different", f"{one} -> {other}")


def _last(log: str) -> str:
    lines = log.strip().splitlines()
    return repr(lines[-1][-160:]) if lines else ""


def _same(name: str, before: int | None, after: int | None) -> Check:
    return Check(name, "equal" if before == after else "different", str(before) if before == after else f"{before} -> {after}")


def _healthy(before: int, after: int | None) -> Check:
    if before != 0:
        return Check("health check", "unprovable", f"the original's own ends with {before}")
    return _same("health check", before, after)


def _smoke(before: str, after: str) -> Check:
    old = before.lower()
    found = [line.strip() for line in after.splitlines() if any(text in line.lower() and text not in old for text in _SMOKE)]
    return Check("log", "different", f"only the new image says: {found[0][:200]}") if found else Check("log", "equal", "nothing is missed")
