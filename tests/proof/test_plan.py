"""How a pair of images is to be asked, read from TOML."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.proof import BadPlan, Plan, read_plan
from service.proof.model import HttpProbe, RunProbe

APPS = Path(__file__).parent / "apps"


def plan(folder: Path, text: str) -> Plan:
    file = folder / "proof.toml"
    file.write_text(text, encoding="utf-8")
    return read_plan(file)


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        """
        about = "of the reader's own"
        edit = "src/main.js"
        comment = "//"
        settle = 1
        ready = 2.5
        [build_args]
        VERSION = 2
        [environment]
        KEY = "value"
        [[probe]]
        port = 80
        [[probe]]
        port = 8080
        path = "/notes"
        method = "post"
        headers = { Accept = "text/plain" }
        body = "{}"
        status = 201
        contains = "id"
        [[probe]]
        arguments = ["--version"]
        exit = 0
        contains = "1.0"
        [[probe]]
        exit = 2
        """,
    )
    assert found == Plan(
        probes=(
            HttpProbe(80),
            HttpProbe(8080, "/notes", "POST", "{}", {"Accept": "text/plain"}, 201, "id"),
            RunProbe(("--version",), 0, "1.0"),
            RunProbe((), 2),
        ),
        environment={"KEY": "value"},
        build_args={"VERSION": "2"},
        edit="src/main.js",
        comment="//",
        settle=1.0,
        ready=2.5,
    )
    assert [probe.name for probe in found.probes] == ["GET :80/", "POST :8080/notes", "run --version", "run"]


def test_nothing_said_is_a_plan_too(tmp_path: Path) -> None:
    assert plan(tmp_path, "") == Plan()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("edit = ", "Invalid value"),
        ('probe = "80"', "probes are written [[probe]]"),
        ("[[probe]]\nport = 0", "probe 1: port is a number"),
        ("[[probe]]\nport = 65536", "probe 1: port is a number"),
        ('[[probe]]\nport = "80"', "probe 1: port is a number"),
        ('[[probe]]\nport = 80\n[[probe]]\nport = 80\npath = "x"', "probe 2: the path starts with /"),
        ('[[probe]]\nport = 80\nmethod = "BREW"', "the method is one of"),
        ('[[probe]]\nport = 80\nheaders = "none"', "headers is a table"),
        ('[[probe]]\narguments = "--help"', "arguments is a list of texts"),
        ("[[probe]]\narguments = [1]", "arguments is a list of texts"),
        ("[[probe]]\nport = 80\nexit = 0", "probe 1: either"),
        ("[[probe]]\nport = 80\nstatsu = 200", "probe 1: either"),
        ('[[probe]]\npath = "/"', "probe 1: either"),
        ("[[probe]]", "probe 1: either"),
        ("probe = [1]", "probe 1: either"),
        ('environment = "A=b"', "environment is a table"),
        ("build_args = []", "build_args is a table"),
        ("settle = 0", "settle is a number of seconds"),
        ("ready = 601", "ready is a number of seconds"),
        ("ready = true", "ready is a number of seconds"),
        ('ready = "9"', "ready is a number of seconds"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_file(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(BadPlan) as caught:
        plan(tmp_path, text)
    assert str(tmp_path / "proof.toml") in str(caught.value)
    assert complaint in str(caught.value)


def test_a_file_that_is_not_there_and_one_that_is_not_text(tmp_path: Path) -> None:
    with pytest.raises(BadPlan, match=r"none\.toml"):
        read_plan(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(BadPlan, match=r"bytes\.toml"):
        read_plan(tmp_path / "bytes.toml")


@pytest.mark.parametrize("app", sorted(path.parent.name for path in APPS.glob("*/proof.toml")))
def test_the_applications_have_plans(app: str) -> None:
    found = read_plan(APPS / app / "proof.toml")
    assert found.probes
    assert (APPS / app / found.edit).is_file()
