"""What two containers did, held against each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.proof.behaviour import Behaviour, answers_differ, compare_behaviours
from service.proof.model import Answer, Check, HttpProbe, Plan, Probe, RunProbe

PAGE = Answer(200, b"<h1>Notes</h1>", "text/html", headers=(("cache-control", "no-store"), ("date", "now")))
LOG = "listening on 3000\n"
UP = Behaviour((PAGE,), running=True, exit=0, health=None, log=LOG)
GET = HttpProbe(3000, "/", status=200, contains="Notes")


def checks(before: Behaviour, after: Behaviour, again: Behaviour | None = None, probes: tuple[Probe, ...] = (GET,)) -> dict[str, Check]:
    found = compare_behaviours(before, after, again, Plan(probes))
    assert len({check.name for check in found}) == len(found)
    return {check.name: check for check in found}


def answering(answer: Answer) -> Behaviour:
    return replace(UP, answers=(answer,))


def probed(after: Answer, again: Answer | None = None, before: Answer = PAGE) -> Check:
    return checks(answering(before), answering(after), answering(again) if again else None)["probe GET :3000/"]


def test_two_that_do_the_same() -> None:
    found = checks(UP, UP)
    assert {name: check.level for name, check in found.items()} == dict.fromkeys(["probe GET :3000/", "start", "exit code at stop", "log"], "equal")
    assert found["start"].detail == "runs until it is stopped"


@pytest.mark.parametrize(
    ("after", "shown"),
    [
        (replace(PAGE, code=500), "500 '<h1>Notes</h1>'"),
        (replace(PAGE, body=b"<h1>Notes</h1> "), "200 '<h1>Notes</h1>'"),
        (replace(PAGE, kind="text/plain"), "200 '<h1>Notes</h1>'"),
        (Answer(None, error="nothing listens on port 3000"), "nothing (nothing listens on port 3000)"),
    ],
)
def test_another_status_body_or_kind_is_a_difference(after: Answer, shown: str) -> None:
    found = probed(after)
    assert found.level == "different"
    assert found.detail == f"200 '<h1>Notes</h1>' -> {shown}"


def test_another_header_is_a_difference_and_one_that_tells_of_the_moment_is_not() -> None:
    moment = (("cache-control", "no-store"), ("date", "later"), ("server", "nginx/2"))
    assert probed(replace(PAGE, headers=moment)).level == "equal"
    found = probed(replace(PAGE, headers=(*moment, ("location", "/elsewhere"))))
    assert (found.level, found.detail) == ("different", "200 '<h1>Notes</h1>', but location: none -> /elsewhere")
    assert probed(replace(PAGE, headers=())).detail.endswith("cache-control: no-store -> none")


def test_a_header_in_two_lines_is_one() -> None:
    one = replace(PAGE, headers=(("vary", "accept"), ("vary", "origin")))
    assert probed(replace(PAGE, headers=(("vary", "accept, origin"),)), before=one).level == "equal"
    assert probed(replace(PAGE, headers=(("vary", "accept"),)), before=one).level == "different"


def test_a_header_that_varies_by_itself_says_nothing() -> None:
    one, other, again = (replace(PAGE, headers=(("x-request-id", value),)) for value in "123")
    assert probed(other, again, before=one).level == "equal"
    assert probed(other, one, before=one).level == "different"


def test_what_varies_by_itself_is_licensed() -> None:
    one, other, again = (replace(PAGE, body=b"Notes at " + moment) for moment in (b"9:00", b"9:01", b"9:02"))
    found = probed(other, again, before=one)
    assert (found.level, found.detail) == ("licensed", "200; the original's own answer is never the same twice")


@pytest.mark.parametrize(
    "after", [replace(PAGE, code=500, body=b"Notes at 9:01"), replace(PAGE, kind="", body=b"Notes at 9:01"), replace(PAGE, body=b"at 9:01")]
)
def test_what_varies_must_still_have_the_status_the_kind_and_the_text_asked_for(after: Answer) -> None:
    one, again = replace(PAGE, body=b"Notes at 9:00"), replace(PAGE, body=b"Notes at 9:02")
    assert probed(after, again, before=one).level == "different"


def test_what_repeats_itself_is_not_licensed() -> None:
    assert probed(replace(PAGE, body=b"no Notes"), PAGE).level == "different"


def test_a_second_look_is_worth_its_time_where_bodies_or_headers_differ() -> None:
    assert not answers_differ(UP, answering(replace(PAGE, headers=(("cache-control", "no-store"), ("date", "later")))))
    assert answers_differ(UP, answering(replace(PAGE, body=b"")))
    assert answers_differ(UP, answering(replace(PAGE, headers=())))


@pytest.mark.parametrize("before", [Answer(None, error="it exited before it was asked"), replace(PAGE, code=404), replace(PAGE, body=b"Welcome")])
def test_an_original_that_does_not_answer_as_planned_proves_nothing(before: Answer) -> None:
    found = probed(PAGE, before=before)
    assert found.level == "unprovable"
    assert found.detail.startswith("the original itself answers ")


def test_a_long_or_odd_body_is_shown_in_short() -> None:
    found = probed(Answer(500, b"line\n\xff" + b"x" * 100, error="e" * 300))
    assert found.detail.endswith(f"500 'line \ufffd{'x' * 54}' ({'e' * 200})")


# --- start, stop, health


def test_one_that_ends_by_itself() -> None:
    dead = Behaviour((Answer(None, error="it exited before it was asked"),), False, 1, None, "Traceback\nValueError: no key")
    found = checks(UP, dead)
    assert found["start"] == Check("start", "different", "runs -> ends with 1 'ValueError: no key'")
    assert found["exit code at stop"] == Check("exit code at stop", "different", "0 -> 1")
    assert found["probe GET :3000/"].level == "different"


def test_one_that_was_never_started() -> None:
    words = 'exec: "mdtool": executable file not found in $PATH'
    found = checks(UP, Behaviour((Answer(None, error=words),), False, None, None, words, words))
    assert found["start"].detail == f"runs -> ends with None {words!r}"
    assert found["log"].level == "different"


def test_without_a_probe_the_start_and_the_exit_code_speak() -> None:
    done = Behaviour((), running=False, exit=0, health=None, log="")
    found = checks(done, done, probes=())
    assert found["start"] == Check("start", "equal", "ends by itself")
    assert found["exit code"] == Check("exit code", "equal", "0")
    assert checks(done, replace(done, exit=3), probes=())["exit code"] == Check("exit code", "different", "0 -> 3")
    failing = replace(done, exit=2, log="usage: tool FILE\n")
    assert checks(failing, failing, probes=())["start"] == Check("start", "unprovable", "the original itself ends with 2 'usage: tool FILE'")


def test_exit_code_at_the_stop() -> None:
    assert checks(UP, replace(UP, exit=137))["exit code at stop"] == Check("exit code at stop", "different", "0 -> 137")


def test_runs_alone_say_nothing_of_a_start() -> None:
    probe = RunProbe(("--version",), 0, "1.0")
    one = Behaviour((Answer(0, b"tool 1.0\n"),), False, None, None, "")
    assert checks(one, one, probes=(probe,)).keys() == {"probe run --version", "log"}
    other = replace(one, answers=(Answer(127, b"", error="not found"),))
    found = checks(one, other, probes=(probe,))["probe run --version"]
    assert (found.level, found.detail) == ("different", "0 'tool 1.0' -> 127 '' (not found)")
    assert checks(other, one, probes=(probe,))["probe run --version"].level == "unprovable"


def test_a_failure_that_was_asked_for_counts() -> None:
    one = Behaviour((Answer(2, b"usage: tool"),), False, None, None, "")
    assert checks(one, one, probes=(RunProbe(("--what",), 2, "usage"),))["probe run --what"].level == "equal"


def test_health() -> None:
    well = replace(UP, health=0)
    assert checks(well, well)["health check"] == Check("health check", "equal", "0")
    assert checks(well, replace(UP, health=127))["health check"] == Check("health check", "different", "0 -> 127")
    assert checks(well, replace(UP, health=None))["health check"] == Check("health check", "different", "0 -> None")
    assert checks(replace(UP, health=1), well)["health check"].level == "unprovable"
    assert "health check" not in checks(UP, UP)


# --- the log


@pytest.mark.parametrize(
    "line",
    [
        "ModuleNotFoundError: No module named 'yaml'",
        "Error: Cannot find module 'express'",
        "error while loading shared libraries: libpq.so.5: cannot open shared object file: No such file or directory",
        "sh: 1: convert: not found",
        "/app/run.sh: Permission denied",
        'Exception in thread "main" java.lang.NoClassDefFoundError: com/google/gson/Gson',
        "cannot load such file -- snowball (LoadError)",
        "x509: certificate signed by unknown authority",
        "unknown time zone Europe/Vienna",
        "locale.Error: unsupported locale setting",
        "ENOENT: open 'views/index.ejs'",
    ],
)
def test_what_only_the_new_log_misses_is_a_difference(line: str) -> None:
    found = checks(UP, replace(UP, log=f"{LOG}  {line}\n"))["log"]
    assert (found.level, found.detail) == ("different", f"only the new image says: {line}")


def test_what_the_original_misses_too_is_its_own_business() -> None:
    old = replace(UP, log="open /etc/tool.conf: no such file or directory\n")
    new = replace(UP, log="open /etc/tool.json: No such file or directory\n")
    assert checks(old, new)["log"].level == "equal"
    assert checks(UP, replace(UP, log="another line\n"))["log"].level == "equal"
