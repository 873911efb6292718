"""Findings: each in a file that has it, and in one that differs by a line and has not."""

from __future__ import annotations

import pytest

from service import Options, refactor
from service.knowledge.endoflife import ended
from service.knowledge.images import base_image
from service.passes.findings import FINDINGS
from service.refactoring.result import Remark

GOOD = """FROM python:3.13-slim-trixie
WORKDIR /app
RUN useradd app
COPY . .
RUN pip install -r requirements.txt
USER app
EXPOSE 8000
HEALTHCHECK CMD ["python", "ask.py"]
CMD ["python", "main.py"]
"""


def findings(text: str, **options: object) -> list[Remark]:
    found = refactor(text, None, Options(only=("point_out",), **options))  # type: ignore[arg-type]
    assert (found.outcome, found.dockerfile) == ("unchanged", text)
    return [remark for remark in found.remarks if remark.by == "point_out"]


def codes(text: str) -> list[str]:
    return [remark.code for remark in findings(text)]


def test_a_good_file_has_none() -> None:
    assert codes(GOOD) == []


BAD = {
    "secret-in-image": [
        ("USER app\n", "ENV DB_PASSWORD=hunter22\nUSER app\n"),
        ("USER app\n", "ARG NPM_TOKEN\nUSER app\n"),
        ("USER app\n", "ENV DOCKER_CREDENTIAL_GCR=hunter22\nUSER app\n"),
        ("COPY . .\n", "COPY . .\nCOPY id_rsa /root/.ssh/id_rsa\n"),
        ("RUN useradd app\n", "RUN useradd app\nRUN git clone https://me:hunter22@example.com/x.git\n"),
    ],
    "ended-base": [("python:3.13-slim-trixie", "python:3.8-slim"), ("python:3.13-slim-trixie", "python:3.13-slim-buster")],
    "floating-base": [("python:3.13-slim-trixie", "python"), ("python:3.13-slim-trixie", "python:latest")],
    "piped-installer": [("RUN useradd app\n", "RUN useradd app\nRUN curl -fsSL https://example.com/install | bash -s -- -y\n")],
    "unchecked-download": [
        ("RUN useradd app\n", "RUN useradd app\nRUN curl -fsSLo /x.tgz https://example.com/x.tgz\n"),
        ("COPY . .\n", "ADD https://example.com/x.tgz /x.tgz\nCOPY . .\n"),
    ],
    "upgraded-packages": [("RUN useradd app\n", "RUN apt-get update && apt-get upgrade -y && useradd app\n")],
    "shell-form": [('CMD ["python", "main.py"]', "CMD python main.py")],
    "runs-as-root": [("USER app\n", ""), ("USER app\n", "USER 0:0\n")],
    "unpinned-installs": [("RUN pip install -r requirements.txt\n", "RUN pip install gunicorn\n")],
    "sudo": [("RUN useradd app\n", "RUN sudo useradd app\n")],
    "no-healthcheck": [('HEALTHCHECK CMD ["python", "ask.py"]\n', "")],
}


def test_every_finding_has_a_case() -> None:
    assert list(BAD) == [finding.code for finding in FINDINGS]
    assert [finding.worth for finding in FINDINGS] == sorted({finding.worth for finding in FINDINGS}, reverse=True)


def test_only_packages_that_the_line_names() -> None:
    assert "unpinned-installs" not in codes("FROM swift:5.10\nWORKDIR /app\nCOPY . .\nRUN swift build\nCMD [\"/app/run\"]\n")
    gem = "FROM ruby:3.3\nENV VERSION=1\nRUN gem install gush{}\nCMD [\"gush\"]\n"
    assert "unpinned-installs" in codes(gem.format(""))
    assert "unpinned-installs" not in codes(gem.format(" --version ${VERSION}"))
    assert "unpinned-installs" in codes("FROM perl:5.42\nWORKDIR /app\nRUN cpanm Plack\nCMD [\"perl\", \"x.pl\"]\n")


def test_a_port_that_nobody_can_name() -> None:
    exposed = "FROM python:3.13-slim-trixie\nUSER nobody\nEXPOSE {}\nCMD [\"python\", \"main.py\"]\n"
    assert codes(exposed.format("8000")) == ["no-healthcheck"]
    assert codes(exposed.format("${PORT}")) == []


@pytest.mark.parametrize(("code", "old", "new"), [(code, old, new) for code, pairs in BAD.items() for old, new in pairs])
def test_a_line_makes_the_difference(code: str, old: str, new: str) -> None:
    assert old in GOOD
    found = findings(GOOD.replace(old, new))
    assert [remark.code for remark in found] == [code]
    assert found[0].kind == "analysis" and found[0].before == found[0].after is not None
    assert "hunter22" not in found[0].because


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("USER app\n", "ENV TOKEN_URL=https://example.com PUBLIC_KEY=abc SECRET_FILE=/run/x AUTH=true PASSWORD=\nUSER app\n"),
        ("USER app\n", "ENV DOCKER_CREDENTIAL_GCR_VERSION=1.4.3\nARG TOKEN_RELEASE=2\nUSER app\n"),
        ("RUN useradd app\n", "RUN useradd app && curl -fsSLo x.tgz https://example.com/x.tgz && echo 'abc  x.tgz' | sha256sum -c\n"),
        ("COPY . .\n", "ADD --checksum=sha256:abc https://example.com/x.tgz /x.tgz\nCOPY . .\n"),
        ('CMD ["python", "main.py"]', "CMD exec python main.py"),
        ("RUN pip install -r requirements.txt\n", "RUN pip install --upgrade pip && pip install 'gunicorn==23.0.0' .\n"),
        ("python:3.13-slim-trixie", "python@sha256:" + "a" * 64),
        ("FROM python:3.13-slim-trixie", "ARG BASE\nFROM team/python:${BASE}"),
        ("RUN useradd app\n", "RUN useradd app && curl -fsS https://example.com/health\n"),
        ("USER app\n", "USER 1000\n"),
    ],
)
def test_near_misses(old: str, new: str) -> None:
    assert old in GOOD
    assert codes(GOOD.replace(old, new)) == []


@pytest.mark.parametrize(
    "note",
    ["# hadolint ignore=DL3013\n", "# hadolint ignore=SC1000, DL3013\n"],
)
def test_what_hadolint_lets_pass_is_not_told(note: str) -> None:
    assert codes(GOOD.replace("RUN pip install -r requirements.txt", note + "RUN pip install gunicorn")) == []


def test_a_file_turns_findings_off() -> None:
    bad = GOOD.replace("USER app\n", "ENV DB_PASSWORD=x1\n")
    assert codes(bad) == ["secret-in-image", "runs-as-root"]
    assert codes("# check=skip=SecretsUsedInArgOrEnv\n" + bad) == ["runs-as-root"]
    assert codes("# restage ignore=secret-in-image,runs-as-root  # known\n" + bad) == []
    assert [remark.code for remark in findings(bad)] != [remark.code for remark in findings("# hadolint global ignore=DL3002\n" + bad)]


def test_at_most_six_the_best_first_and_each_once() -> None:
    text = GOOD
    for pairs in BAD.values():
        text = text.replace(*pairs[0])
    found = codes(text + "# end\n")
    assert len(found) == 6 and found == [code for code in BAD if code in found]
    twice = findings(GOOD.replace("USER app\n", "ENV A_TOKEN=x1\nENV B_TOKEN=x2\nUSER app\n"))
    assert len(twice) == 1 and twice[0].because.endswith("(and 1 more)")


def test_a_file_that_stays_as_it_is_is_looked_at_too() -> None:
    found = refactor("FROM node\nENV API_TOKEN=abc1\nCMD [\"bash\"]\n")
    assert {remark.code for remark in found.remarks} >= {"toolchain-is-the-product", "secret-in-image", "floating-base"}
    off = refactor("# restage off\nFROM node\nENV API_TOKEN=abc1\nCMD [\"bash\"]\n")
    assert {remark.code for remark in off.remarks} == {"pragma-off"}


@pytest.mark.parametrize(
    ("reference", "what"),
    [
        ("python:3.8", "Python 3.8"),
        ("node:18-alpine", "Node.js 18"),
        ("ubuntu:18.04", "Ubuntu 18.04"),
        ("alpine:3.12", "Alpine 3.12"),
        ("python:3.13-slim-buster", "Debian 10"),
        ("python:3.13", None),
        ("python", None),
        ("example.com/x:1", None),
    ],
)
def test_the_day_of_a_base(reference: str, what: str | None) -> None:
    found = ended(base_image(reference))
    assert (found[0] if found else None) == what
