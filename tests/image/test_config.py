from __future__ import annotations

import pytest

from service.dockerfile import read
from service.image.compare import differences
from service.image.config import interpret_config
from service.image.model import BaseImage, Config, Healthcheck


def config(text: str, base: BaseImage | None = None, **build_args: str) -> Config:
    return interpret_config(read(text), lambda reference: base or BaseImage(reference), build_args)[-1].config


def env(text: str, **build_args: str) -> dict[str, str]:
    return {name: value for name, value in config(text, **build_args).env if name != "PATH"}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("ENV A=1\nENV B=$A", {"A": "1", "B": "1"}),
        ("ENV A=1\nENV A=2 B=$A", {"A": "2", "B": "1"}),
        ("ARG A=1\nENV B=$A", {"B": "1"}),
        ("ARG A\nENV B=${A:-x}", {"B": "x"}),
        ("ENV A='$x' B=\"y z\" C=a\\ b", {"A": "$x", "B": "y z", "C": "a b"}),
        ("ENV KEY some value", {"KEY": "some value"}),
        ("ARG TARGETARCH\nENV A=$TARGETARCH", {"A": "amd64"}),
        ("ENV A=$TARGETARCH", {"A": ""}),
        ("ARG A=1 B=$A\nENV C=$B", {"C": "1"}),
        ("ENV A=1\nARG A=2\nENV B=$A", {"A": "1", "B": "1"}),
    ],
)
def test_env_and_arg(lines: str, expected: dict[str, str]) -> None:
    assert env(f"FROM x\n{lines}\n") == expected


def test_build_arguments_and_global_arguments() -> None:
    assert env("ARG V=1\nFROM x\nARG V\nENV A=$V\n") == {"A": "1"}
    assert env("ARG V=1\nFROM x\nENV A=$V\n") == {"A": ""}
    assert env("ARG V=1\nFROM x\nARG V\nENV A=$V\n", V="9") == {"A": "9"}
    assert interpret_config(read("ARG V=1\nFROM x:$V\n"), BaseImage, {})[0].base.reference == "x:1"


@pytest.mark.parametrize(
    ("lines", "entrypoint", "cmd"),
    [
        ('CMD ["a"]\nENTRYPOINT ["b"]', ("b",), ("a",)),
        ('ENTRYPOINT ["b"]\nCMD ["a"]', ("b",), ("a",)),
        ("CMD a b", None, ("/bin/sh", "-c", "a b")),
        ('SHELL ["/bin/bash", "-c"]\nCMD a', None, ("/bin/bash", "-c", "a")),
        ("ENTRYPOINT []", None, None),
    ],
)
def test_entrypoint_and_cmd(lines: str, entrypoint: tuple[str, ...] | None, cmd: tuple[str, ...] | None) -> None:
    found = config(f"FROM x\n{lines}\n")
    assert (found.entrypoint, found.cmd) == (entrypoint, cmd)


def test_entrypoint_clears_an_inherited_cmd() -> None:
    base = BaseImage("x", config=Config(cmd=("old",)))
    assert config('FROM x\nENTRYPOINT ["b"]\n', base).cmd is None
    assert config("FROM x\nUSER me\n", base).cmd == ("old",)


def test_a_stage_inherits_files_and_settings_but_not_that_cmd_was_set() -> None:
    assert config('FROM x AS a\nCMD ["c"]\nENV A=1\nARG B=2\nFROM a\nENTRYPOINT ["e"]\nENV C=$B\n').cmd is None
    assert env("FROM x AS a\nENV A=1\nARG B=2\nFROM a\nENV C=$B\n") == {"A": "1", "C": "2"}


def test_the_other_settings() -> None:
    found = config(
        "FROM x\nWORKDIR /a\nWORKDIR b/../c\nUSER me\nEXPOSE 80 81/udp 90-92\nVOLUME /v /w\nLABEL a=b\nSTOPSIGNAL SIGINT\n"
        "HEALTHCHECK --interval=5s CMD curl x\nMAINTAINER me\nONBUILD RUN x\n"
    )
    assert (found.workdir, found.user, found.stop_signal, found.author) == ("/a/c", "me", "SIGINT", "me")
    assert found.ports == {"80/tcp", "81/udp", "90/tcp", "91/tcp", "92/tcp"}
    assert found.volumes == {"/v", "/w"}
    assert found.healthcheck == Healthcheck(("CMD-SHELL", "curl x"), (("interval", "5s"),))
    assert (found.labels, found.on_build) == ((("a", "b"),), ("RUN x",))


def test_triggers_of_the_base_run_first() -> None:
    base = BaseImage("x", config=Config(on_build=("ENV A=1",)))
    assert dict(config("FROM x\nENV B=$A\n", base).env)["B"] == "1"


def test_differences_name_their_keys() -> None:
    one, other = config("FROM x\nENV A=1\nEXPOSE 80\nUSER a\n"), config("FROM x\nENV A=2\nUSER b\n")
    assert differences(one, other) == (("ENV A", "1", "2"), ("EXPOSE 80/tcp", "", None), ("User", "a", "b"))
    assert differences(one, one) == ()
