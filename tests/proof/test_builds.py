"""Which steps of a build ran, from BuildKit's own words, and a text without its frontend."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.proof.builds import steps, without_frontend
from service.proof.model import Build, Step

# Docker 26.1, `--progress=plain`: the first build, the same one again, and one that fails.
FIRST = """\
#0 building with "default" instance using docker driver

#1 [1/8] FROM docker.io/library/debian:bookworm-slim
#1 CACHED

#2 [internal] load build definition from prog.Dockerfile
#2 transferring dockerfile: 237B done
#2 DONE 0.0s

#3 [internal] load metadata for docker.io/library/debian:bookworm-slim
#3 DONE 0.0s

#4 [internal] load .dockerignore
#4 transferring context: 2B done
#4 DONE 0.0s

#5 [build 2/4] WORKDIR /src
#5 DONE 0.1s

#6 [internal] load build context
#6 transferring context: 38B 0.1s done
#6 DONE 0.1s

#7 [build 3/4] COPY x .
#7 DONE 0.1s

#8 [build 4/4] RUN cp x y && echo "#9 [x 1/1] RUN fake" && echo made $(date +%N)
#8 0.434 #9 [x 1/1] RUN fake
#8 0.439 made 274285255
#8 DONE 0.5s

#9 [stage-1 2/3] COPY --from=build /src/y /y
#9 DONE 0.1s

#10 [stage-1 3/3] RUN test -s /y
#10 DONE 0.6s

#11 exporting to image
#11 exporting layers 0.1s done
#11 writing image sha256:8d5139365dedff33ec42dd71fbc5a8630cf7391f4205f8c4684f53224953ab5d done
#11 DONE 0.1s
"""
AGAIN = """\
#0 building with "default" instance using docker driver

#1 [internal] load build definition from prog.Dockerfile
#1 transferring dockerfile: 237B done
#1 DONE 0.0s

#4 [1/8] FROM docker.io/library/debian:bookworm-slim
#4 CACHED

#6 [build 3/4] COPY x .
#6 CACHED

#7 [build 4/4] RUN cp x y
#7 CACHED

#10 [stage-1 3/3] RUN test -s /y
#10 CACHED

#11 exporting to image
#11 exporting layers done
#11 DONE 0.0s
"""
FAILED = """\
#6 [2/3] COPY x /x
#6 DONE 0.0s

#7 [3/3] RUN echo hi; cat /none
#7 0.772 hi
#7 0.778 cat: /none: No such file or directory
#7 ERROR: process "/bin/sh -c echo hi; cat /none" did not complete successfully: exit code: 1

#8 [internal] load build context
#8 transferring context: 20B 0.0s done
#8 CANCELED
------
 > [3/3] RUN echo hi; cat /none:
0.772 hi
------
e.Dockerfile:3
--------------------
   3 | >>> RUN echo hi; cat /none
--------------------
ERROR: failed to solve: process "/bin/sh -c echo hi; cat /none" did not complete successfully: exit code: 1
"""
RAN = (
    "[build 2/4] WORKDIR /src",
    "[build 3/4] COPY x .",
    '[build 4/4] RUN cp x y && echo "#9 [x 1/1] RUN fake" && echo made $(date +%N)',
    "[stage-1 2/3] COPY --from=build /src/y /y",
    "[stage-1 3/3] RUN test -s /y",
)


def test_steps_have_their_names_and_seconds() -> None:
    found = steps(FIRST)
    assert found[0] == Step("[1/8] FROM docker.io/library/debian:bookworm-slim", True, 0.0)
    assert [step for step in found if step.seconds > 0.4] == [Step(RAN[2], False, 0.5), Step(RAN[4], False, 0.6)]


def test_what_a_program_prints_is_no_step() -> None:
    assert len(steps(FIRST)) == 11


def test_what_ran_is_neither_cached_nor_internal_nor_a_base() -> None:
    assert Build("sha256:1", 2.0, steps(FIRST)).rebuilt == RAN
    assert Build("sha256:1", 0.2, steps(AGAIN)).rebuilt == ()


def test_a_step_that_failed_or_was_stopped_did_not_run() -> None:
    build = Build("", 1.0, steps(FAILED))
    assert not build.ok
    assert build.rebuilt == ("[2/3] COPY x /x",)


def test_a_progress_that_says_nothing_or_something_odd() -> None:
    assert steps("") == ()
    assert steps("ERROR: no builder\n#\n#1\n#1 [a 1/1] RUN x\n#1 DONE soon\n") == (Step("[a 1/1] RUN x", False, 0.0),)


@given(st.text(alphabet="#1 [a]DONECACHED.s\n", max_size=60))
def test_no_progress_stops_the_reader(text: str) -> None:
    steps(text)


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("# syntax=docker/dockerfile:1\nFROM scratch\n", "FROM scratch\n"),
        ("#syntax = docker/dockerfile:1.7\r\nFROM scratch\r\n", "FROM scratch\r\n"),
        ("# escape=`\n# SYNTAX=docker/dockerfile:1\n# a comment\nFROM scratch\n", "# escape=`\n# a comment\nFROM scratch\n"),
        ("FROM scratch\n# syntax=docker/dockerfile:1\n", "FROM scratch\n# syntax=docker/dockerfile:1\n"),
        ("FROM scratch\nRUN <<EOF\n# syntax=x\nEOF\n", "FROM scratch\nRUN <<EOF\n# syntax=x\nEOF\n"),
        ("# the syntax=x of this file\nFROM scratch", "# the syntax=x of this file\nFROM scratch"),
        ("", ""),
    ],
)
def test_the_frontend_is_left_out_of_the_leading_comments(text: str, without: str) -> None:
    assert without_frontend(text) == without
