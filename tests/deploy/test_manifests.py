"""What is deployed, against what the service says of itself: settings, routes, times, versions. And the hardening that no one may lose."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.http import create_app
from service.settings import Settings
from service.version import VERSION

ROOT = Path(__file__).parents[2]
Document = Mapping[str, Any]
# A setting of the jobs, and those of the programs beside us.
KNOWN = {one.metadata["variable"] for one in fields(Settings)} | {"JOBS_URL"}
OBJECTS: list[Document] = list(yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text()))
COMPOSE: Document = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def kinds(kind: str) -> dict[str, Document]:
    return {one["metadata"]["name"]: one for one in OBJECTS if one["kind"] == kind}


def pods() -> Iterator[tuple[str, Document]]:
    for name, deployment in kinds("Deployment").items():
        yield name, deployment["spec"]["template"]


def containers() -> Iterator[Document]:
    for _, pod in pods():
        yield from pod["spec"]["containers"]


def test_nothing_is_named_twice() -> None:
    names = [(one["apiVersion"], one["kind"], one["metadata"]["name"]) for one in OBJECTS]
    assert len(set(names)) == len(names)


def test_every_container_is_as_harmless_as_it_can_be() -> None:
    assert len(list(containers())) == 2
    for container in containers():
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] and not context["allowPrivilegeEscalation"] and context["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["requests"].keys() == {"cpu", "memory"} and "memory" in container["resources"]["limits"]
        assert container["image"] == f"restage:{VERSION}"
    for _, pod in pods():
        context = pod["spec"]["securityContext"]
        assert context["runAsNonRoot"] and context["runAsUser"] == 10001 and context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["spec"]["automountServiceAccountToken"] is False
        mounts = {mount["mountPath"]: mount["name"] for container in pod["spec"]["containers"] for mount in container["volumeMounts"]}
        assert set(mounts) == {"/tmp", "/dev/shm"} and set(mounts.values()) == {volume["name"] for volume in pod["spec"]["volumes"]}
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text()


def test_selectors_find_their_pods() -> None:
    labels = {name: pod["metadata"]["labels"] for name, pod in pods()}

    def found(selector: Mapping[str, str]) -> set[str]:
        return {name for name, has in labels.items() if selector.items() <= has.items()}

    for name, deployment in kinds("Deployment").items():
        assert found(deployment["spec"]["selector"]["matchLabels"]) == {name}
    assert found(kinds("Service")["restage"]["spec"]["selector"]) == {"restage"}
    assert found(kinds("PodDisruptionBudget")["restage"]["spec"]["selector"]["matchLabels"]) == {"restage"}
    policies = {name: found(policy["spec"]["podSelector"]["matchLabels"]) for name, policy in kinds("NetworkPolicy").items()}
    assert policies == {"restage": {"restage", "restage-worker"}, "restage-web": {"restage"}}
    for name, scaler in kinds("HorizontalPodAutoscaler").items():
        assert scaler["spec"]["scaleTargetRef"]["name"] == name and name in labels
        assert "replicas" not in kinds("Deployment")[name]["spec"]


def test_the_budget_leaves_a_web_pod_at_any_time() -> None:
    assert kinds("HorizontalPodAutoscaler")["restage"]["spec"]["minReplicas"] > kinds("PodDisruptionBudget")["restage"]["spec"]["maxUnavailable"]


def test_probes_ask_routes_that_exist_at_a_port_that_is_open() -> None:
    rules = {rule.rule for rule in create_app().url_map.iter_rules()}
    web = next(containers())
    ports = {port["name"]: port["containerPort"] for port in web["ports"]}
    probes = {name: web[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {probe["path"] for probe in probes.values()} <= rules and {probe["port"] for probe in probes.values()} <= set(ports)
    # A pod that drains must not be killed for it, and a database that is down must not restart every pod.
    assert probes["livenessProbe"]["path"] == "/healthz" and probes["readinessProbe"]["path"] == "/readyz"
    assert ports["http"] == int(kinds("ConfigMap")["restage"]["data"]["PORT"])
    assert kinds("Service")["restage"]["spec"]["ports"][0]["targetPort"] in ports


def test_settings_exist_and_are_good() -> None:
    given = kinds("ConfigMap")["restage"]["data"]
    assert set(given) <= KNOWN and all(isinstance(value, str) for value in given.values())
    Settings.from_environment(given)


def test_a_pod_has_the_time_to_drain_and_to_end() -> None:
    settings = Settings.from_environment(kinds("ConfigMap")["restage"]["data"])
    grace = dict(pods())["restage"]["spec"]["terminationGracePeriodSeconds"]
    assert settings.drain_seconds > 0 and settings.drain_seconds + settings.graceful_seconds < grace


def test_by_default_compose_starts_one_container_that_is_closed_to_others() -> None:
    services = COMPOSE["services"]
    assert [name for name, one in services.items() if "profiles" not in one] == ["restage"]
    assert {name for name, one in services.items() if one.get("profiles") == ["scale"]} == {"worker", "postgres", "redis"}
    assert all(port.startswith("127.0.0.1:") for one in services.values() for port in one.get("ports", ()))
    for name in ("restage", "worker"):
        assert services[name]["read_only"] and services[name]["cap_drop"] == ["ALL"]
        assert set(services[name]["environment"]) <= KNOWN
    state = next(line for line in (ROOT / "Dockerfile").read_text().splitlines() if "RESTAGE_STATE" in line).split("=")[1]
    assert services["restage"]["volumes"] == [f"state:{state}"]


def test_the_scale_file_names_what_compose_has() -> None:
    given = dict(line.split("=", 1) for line in (ROOT / "deploy" / "scale.env").read_text().splitlines() if not line.startswith("#"))
    assert given.pop("COMPOSE_PROFILES") == "scale"
    password = given.pop("POSTGRES_PASSWORD")
    assert given["DATABASE_URL"] == f"postgresql://restage:{password}@postgres/restage"
    assert {given[name].split("/")[2] for name in ("JOBS_URL", "RATE_LIMIT_URL")} == {"redis:6379"}
    assert set(given) <= KNOWN
    Settings.from_environment(given)


def test_what_compose_passes_when_nothing_is_set_is_what_nothing_means() -> None:
    assert Settings.from_environment({"DATABASE_URL": "", "RATE_LIMIT": "", "RATE_LIMIT_URL": "", "RESTAGE_OPEN": "1"}) == Settings(open=True)


@pytest.mark.parametrize("options", [[], ["--env-file", "deploy/scale.env"]], ids=["default", "scale"])
def test_compose_itself_takes_it(options: list[str]) -> None:
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker compose is not installed")
    subprocess.run(["docker", "compose", *options, "config", "-q"], cwd=ROOT, check=True, capture_output=True)
