"""Two images' configurations, key by key."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.image.verdict import Difference
from service.proof.config import compare_configs
from service.proof.engine import LABEL
from service.proof.model import Check

# As `docker image inspect` prints it.
CONFIG: dict[str, Any] = {
    "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "TZ=Europe/Vienna", "EQUALS=a=b"],
    "ExposedPorts": {"8080/tcp": {}},
    "Volumes": {"/data": {}},
    "Labels": {"version": "1.0", LABEL: ""},
    "Cmd": ["serve"],
    "Entrypoint": ["tini", "--"],
    "WorkingDir": "/app",
    "User": "node",
    "StopSignal": "SIGINT",
    "Healthcheck": {"Test": ["CMD-SHELL", "curl -f localhost"], "Interval": 5000000000},
    "Shell": ["/bin/bash", "-c"],
    "OnBuild": ["RUN make"],
}


def faults(before: dict[str, Any], after: dict[str, Any]) -> list[Check]:
    return [check for check in compare_configs(before, after, ()) if check.level != "equal"]


def test_equal_images_have_a_check_for_each_setting() -> None:
    found = compare_configs(CONFIG, CONFIG, ())
    assert {check.level for check in found} == {"equal"}
    assert {check.name for check in found} == {f"config {key}" for key in CONFIG}
    assert len(found) == len(CONFIG)


OTHER = {
    "Env": (["PATH=/usr/local/bin:/usr/bin:/bin", "EQUALS=a=b"], "config ENV TZ", "'Europe/Vienna' -> none"),
    "ExposedPorts": (None, "config EXPOSE 8080/tcp", "{} -> none"),
    "Volumes": ({}, "config VOLUME /data", "{} -> none"),
    "Labels": ({"version": ""}, "config LABEL version", "'1.0' -> ''"),
    "Cmd": (["serve", "--fast"], "config Cmd", '["serve"] -> ["serve", "--fast"]'),
    "Entrypoint": (None, "config Entrypoint", '["tini", "--"] -> none'),
    "WorkingDir": ("/", "config WorkingDir", "'/app' -> '/'"),
    "User": ("", "config User", "'node' -> none"),
    "StopSignal": ("SIGTERM", "config StopSignal", "'SIGINT' -> 'SIGTERM'"),
    "Healthcheck": (None, "config Healthcheck", '"curl -f localhost"], "Interval": 5000000000} -> none'),
    "Shell": (None, "config Shell", '["/bin/bash", "-c"] -> none'),
    "OnBuild": ([], "config OnBuild", '["RUN make"] -> none'),
}


def test_no_setting_is_without_a_case() -> None:
    assert OTHER.keys() == CONFIG.keys()


@pytest.mark.parametrize("key", CONFIG)
def test_one_lost_setting_is_one_difference(key: str) -> None:
    value, name, detail = OTHER[key]
    (fault,) = faults(CONFIG, {**CONFIG, key: value})
    assert (fault.name, fault.level) == (name, "different")
    assert fault.detail.endswith(detail)


@pytest.mark.parametrize("key", CONFIG)
def test_one_setting_too_many_is_a_difference(key: str) -> None:
    value, name, _ = OTHER[key]
    (fault,) = faults({**CONFIG, key: value}, CONFIG)
    assert (fault.name, fault.level) == (name, "different")


def test_the_order_of_variables_does_not_matter_but_that_of_words_does() -> None:
    assert not faults(CONFIG, {**CONFIG, "Env": CONFIG["Env"][::-1]})
    assert faults(CONFIG, {**CONFIG, "Entrypoint": CONFIG["Entrypoint"][::-1]})


def test_an_engine_writes_nothing_as_null_or_empty() -> None:
    assert not faults({}, {"Env": None, "Cmd": None, "Entrypoint": [], "User": "", "Labels": None, "Volumes": {}, "Healthcheck": None})


def test_the_label_of_the_proof_itself_is_none_of_the_images() -> None:
    assert not faults({"Labels": {LABEL: ""}}, {"Labels": None})


def test_a_difference_that_the_rewrite_announced_is_licensed_by_its_key_alone() -> None:
    announced = [Difference("ENV GOPATH", "/go", None, "toolchain"), Difference("WorkingDir", "/src", "/", "no folder")]
    before = {"Env": ["GOPATH=/go", "TZ=UTC"], "WorkingDir": "/src"}
    after = {"Env": [], "WorkingDir": "/"}
    assert [check for check in compare_configs(before, after, announced) if check.level != "equal"] == [
        Check("config ENV GOPATH", "licensed", "'/go' -> none: toolchain"),
        Check("config ENV TZ", "different", "'UTC' -> none"),
        Check("config WorkingDir", "licensed", "'/src' -> '/': no folder"),
    ]


TEXT = st.text(max_size=8)
WORDS = st.none() | st.lists(TEXT, max_size=3)
CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "Env": WORDS,
        "ExposedPorts": st.none() | st.dictionaries(TEXT, st.just({})),
        "Volumes": st.none() | st.dictionaries(TEXT, st.just({})),
        "Labels": st.none() | st.dictionaries(TEXT, TEXT),
        "Cmd": WORDS,
        "Entrypoint": WORDS,
        "WorkingDir": TEXT,
        "User": TEXT,
        "StopSignal": TEXT,
        "Healthcheck": st.none() | st.fixed_dictionaries({"Test": st.lists(TEXT, max_size=3)}),
        "Shell": WORDS,
        "OnBuild": WORDS,
    },
)


@given(CONFIGS)
def test_an_image_does_not_differ_from_itself(config: dict[str, Any]) -> None:
    assert not faults(config, config)


@given(CONFIGS, CONFIGS)
def test_differences_are_the_same_from_both_sides(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert [check.name for check in faults(one, other)] == [check.name for check in faults(other, one)]


def test_no_folder_is_the_root() -> None:
    found = {check.name: check.level for check in compare_configs({"WorkingDir": ""}, {"WorkingDir": "/"}, ())}
    assert found["config WorkingDir"] == "equal"
    found = {check.name: check.level for check in compare_configs({}, {"WorkingDir": "/srv"}, ())}
    assert found["config WorkingDir"] == "different"
