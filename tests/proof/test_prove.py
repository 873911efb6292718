"""`restage prove` from its arguments to its exit status. What builds is skipped by name where there is no engine, or where it has no base image."""

from __future__ import annotations

import json
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.cli import main
from service.proof import Engine, NoEngine, find_engine
from service.proof.engine import LABEL

BASE = "debian:bookworm-slim"
PROGRAM = """\
#!/bin/sh
# prints a setting and what it was told
echo "$(cat /app/setting) $MODE $*"
exit "$#"
"""
ORIGINAL = f"""\
FROM {BASE}
WORKDIR /app
ENV MODE=quick
COPY . .
RUN cp setting.in setting && chmod +x run.sh
ENTRYPOINT ["/app/run.sh"]
CMD ["usual"]
"""
SPLIT = f"""\
FROM {BASE} AS build
WORKDIR /app
COPY . .
RUN cp setting.in setting && chmod +x run.sh

FROM {BASE}
WORKDIR /app
ENV MODE=quick
COPY --from=build /app /app
ENTRYPOINT ["/app/run.sh"]
CMD ["usual"]
"""


@dataclass(frozen=True)
class App:
    """A folder with a program, its Dockerfile and a rewrite of it beside."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "Dockerfile"

    def prove(self, rewritten: str, *options: str) -> int:
        other = self.folder.parent / "rewritten.Dockerfile"
        other.write_text(rewritten)
        return main(["prove", str(self.file), "--rewritten", str(other), "--cached", "--quiet", "--rebuilds", "0", *options])


@pytest.fixture
def app(tmp_path: Path) -> App:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "run.sh").write_text(PROGRAM)
    (folder / "setting.in").write_text("blue\n")
    (folder / "Dockerfile").write_text(ORIGINAL)
    return App(folder)


@pytest.fixture(scope="module")
def engine() -> Engine:
    try:
        found = find_engine()
    except NoEngine as error:
        pytest.skip(f"no engine: {error}")
    if not found.inspect("image", BASE):
        pytest.skip(f"the engine has no {BASE}")
    return found


def one_space(text: str) -> str:
    """Columns are as wide as their widest cell, which is not what is asked here."""
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def shown(capfd: pytest.CaptureFixture[str]) -> str:
    return one_space(capfd.readouterr().out)


RUN = ("--run", "one", "--run", "two words")


def test_an_equivalent_rewrite(app: App, engine: Engine, capfd: pytest.CaptureFixture[str]) -> None:
    assert app.prove(SPLIT, *RUN) == 0
    out, err = capfd.readouterr()
    out = one_space(out)
    assert out.splitlines()[-1] == "equivalent: both images build, are configured and answer alike"
    assert "= probe run two words 2 'blue quick two words'" in out
    assert err == ""


def test_a_rewrite_that_lost_something(app: App, engine: Engine, capfd: pytest.CaptureFixture[str]) -> None:
    assert app.prove(SPLIT.replace("ENV MODE=quick\n", ""), *RUN) == 1
    out = shown(capfd)
    assert "! config ENV MODE" in out and "'quick' -> none" in out
    assert "! probe run one" in out and "1 'blue quick one' -> 1 'blue one'" in out
    assert out.splitlines()[-1] == "NOT equivalent"


def test_a_rewrite_that_does_not_build(app: App, engine: Engine, capfd: pytest.CaptureFixture[str]) -> None:
    assert app.prove(SPLIT.replace("--from=build /app /app", "--from=build /src /app")) == 1
    assert "! build the rewritten file does not build: " in shown(capfd)


def test_an_original_that_does_not_build(app: App, engine: Engine, capfd: pytest.CaptureFixture[str]) -> None:
    app.file.write_text(ORIGINAL.replace("cp setting.in", "cp setting.txt"))
    assert app.prove(SPLIT) == 2
    out = shown(capfd)
    assert "? build the original itself does not build: " in out
    assert out.splitlines()[-1] == "could not be proved"


def test_an_original_that_does_not_answer_as_planned(app: App, engine: Engine, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('[[probe]]\narguments = ["one"]\nexit = 0\n')
    assert app.prove(SPLIT, "--plan", str(plan)) == 2
    assert "? probe run one the original itself answers 1 'blue quick one'" in shown(capfd)


def test_json(app: App, engine: Engine, capfd: pytest.CaptureFixture[str]) -> None:
    assert app.prove(SPLIT.replace("WORKDIR /app\nENV", "WORKDIR /app\nUSER nobody\nENV"), "--json", *RUN) == 1
    found = json.loads(capfd.readouterr().out)
    assert found["outcome"] == "different"
    assert [check for check in found["checks"] if check["level"] != "equal"] == [
        {"name": "config User", "level": "different", "detail": "none -> 'nobody'"}
    ]
    assert found["builds"]["before"]["ok"] and found["builds"]["after"]["ok"]
    assert found["images"]["before"]["bytes"] > 0


def test_an_edit_is_rebuilt_and_the_file_stays_as_it_was(app: App, engine: Engine, capfd: pytest.CaptureFixture[str]) -> None:
    assert app.prove(SPLIT, "--edit", "run.sh", "--rebuilds", "1", "--json", *RUN) == 0
    (rebuild,) = json.loads(capfd.readouterr().out)["rebuilds"]
    assert any("COPY . ." in step for step in rebuild["before"]["rebuilt"])
    assert (app.folder / "run.sh").read_text() == PROGRAM


@pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace")
def test_files_that_no_probe_shows(app: App, engine: Engine, capfd: pytest.CaptureFixture[str]) -> None:
    """The program reads its setting in every run, and who else may read it shows in no answer."""
    assert app.prove(SPLIT, "--files", *RUN) == 0
    assert "= files" in shown(capfd)
    closed = SPLIT.replace("chmod +x run.sh", "chmod +x run.sh && chmod 600 setting")
    assert app.prove(closed, "--files", *RUN) == 1
    assert "1 files that the program opened have other permissions: /app/setting (644 -> 600)" in shown(capfd)


def test_nothing_is_left_behind(app: App, engine: Engine) -> None:
    mine = f"{LABEL}.test={app.folder.parent.name}"
    text = SPLIT + f'LABEL {LABEL}.test="{app.folder.parent.name}"\n'
    assert app.prove(text, *RUN) == 1
    for command in (["image", "ls", "-q", "--filter", f"label={mine}"], ["ps", "-aq", "--filter", f"label={mine}"]):
        assert engine.call(command).text == ""


# --- without an engine


def test_nowhere_to_build(app: App, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    if shutil.which("docker") is None:
        pytest.skip("there is no docker command")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{app.folder}/none.sock")
    assert app.prove(SPLIT) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("restage: no Docker engine answers (") and "set DOCKER_HOST" in err


def test_no_docker_command(app: App, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", str(app.folder))
    assert app.prove(SPLIT) == 2
    assert "there is no docker command on this machine" in capfd.readouterr().err


def test_a_docker_command_without_buildx(app: App, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    docker = app.folder.parent / "docker"
    docker.write_text('#!/bin/sh\ncase $1 in version) echo 26.1.5 ;; *) echo "docker: unknown command" >&2; exit 1 ;; esac\n')
    docker.chmod(docker.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{docker.parent}{os.pathsep}{os.defpath}")
    assert app.prove(SPLIT) == 2
    assert "no buildx plugin" in capfd.readouterr().err


def test_a_file_that_is_rewritten_to_itself_needs_no_engine(app: App, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", str(app.folder))
    assert app.prove(ORIGINAL) == 0
    assert capfd.readouterr().out.startswith("unchanged: there is nothing to prove")
    assert app.prove(ORIGINAL, "--json") == 0
    assert json.loads(capfd.readouterr().out)["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--get", "http://localhost/"), "--get is written PORT/PATH"),
        (("--get", "70000/"), "--get is written PORT/PATH"),
        (("--edit", "none.py"), "none.py is not a file of the context"),
        (("--plan", "none.toml"), "none.toml"),
    ],
)
def test_options_that_cannot_be_used(options: tuple[str, ...], complaint: str, app: App, capfd: pytest.CaptureFixture[str]) -> None:
    assert app.prove(SPLIT, *options) == 2
    assert complaint in capfd.readouterr().err
