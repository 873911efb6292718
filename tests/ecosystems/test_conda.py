"""conda: what its files ask for, which environment a command works in, and what its base images are."""

from __future__ import annotations

import pytest

from service.ecosystems.condafiles import environment_name, package, packages_of
from service.ecosystems.condaroots import active, prefix, root
from service.ecosystems.model import Invocation
from service.knowledge.images import base_image
from service.knowledge.variants import slimmer
from service.shell import environment_run, posix_shell, read

FILE = """name: serve   # ours
channels:
  - conda-forge
dependencies:
  - python=3.11
  - conda-forge::numpy>=1.20
  - pip
  - pip:
      - flask==3.0
      - -r more.txt
prefix: /opt/conda/envs/serve
"""


def test_environment_files() -> None:
    assert environment_name(FILE) == "serve"
    assert packages_of("environment.yml", FILE) == ("python", "numpy", "pip", "flask")
    assert packages_of("environment.yml", "dependencies: [python]\n") is None
    explicit = "# a list\n@EXPLICIT\nhttps://conda.anaconda.org/conda-forge/linux-64/python-3.11.9-hb806964_0_cpython.conda\n"
    assert packages_of("conda-linux-64.lock", explicit) == ("python",)
    assert package("conda-forge::numpy >=1.20,<2") == "numpy"


@pytest.mark.parametrize(
    ("words", "front", "variables"),
    [
        (("conda", "run", "-n", "serve", "python"), 4, (("CONDA_DEFAULT_ENV", "serve"),)),
        (("/opt/conda/bin/conda", "run", "--no-capture-output", "--name=serve", "python"), 4, (("CONDA_DEFAULT_ENV", "serve"),)),
        (("micromamba", "run", "-p", "/env", "python"), 4, (("CONDA_PREFIX", "/env"),)),
        (("mamba", "run", "python"), 2, ()),
    ],
)
def test_a_command_in_an_environment(words: tuple[str, ...], front: int, variables: tuple[tuple[str, str], ...]) -> None:
    assert environment_run(words) == (front, variables)
    command = read(" ".join(words)).commands[0]
    assert command.name == "python"
    assert [(name, word.value) for name, word in command.assignments] == list(variables)


@pytest.mark.parametrize("words", [("conda", "install", "python"), ("conda", "run"), ("conda", "run", "-n", "serve"), ("run", "conda", "python")])
def test_none_of_these_runs_a_command(words: tuple[str, ...]) -> None:
    assert environment_run(words) is None


def test_shells() -> None:
    assert posix_shell(("conda", "run", "-n", "serve", "/bin/bash", "-c"))
    assert posix_shell(("/usr/local/bin/_dockerfile_shell.sh",))
    assert not posix_shell(("conda", "run", "-n", "serve", "python", "-c"))
    assert not posix_shell(())


def test_where_environments_lie() -> None:
    base = base_image("continuumio/miniconda3")
    path = {"PATH": "/opt/conda/envs/serve/bin:/opt/conda/bin:/usr/bin"}
    here = Invocation(("conda", "install"), env=path, base=base)
    assert (root(here), prefix(here, "serve"), prefix(here, "base")) == ("/opt/conda", "/opt/conda/envs/serve", "/opt/conda")
    assert root(Invocation(("/miniconda/bin/conda",))) == "/miniconda"
    assert root(Invocation(("conda",), env={"PATH": "/usr/bin"})) is None
    assert active(Invocation(("pip",), env={**path, "CONDA_DEFAULT_ENV": "other"}, base=base)) == "/opt/conda/envs/other"
    assert active(Invocation(("pip",), env=path, base=base)) is None


@pytest.mark.parametrize(
    ("reference", "suite", "smaller"),
    [
        ("continuumio/miniconda3:24.7.1-0", "bookworm", ("debian:bookworm-slim",)),
        ("continuumio/miniconda3:4.12.0", "bullseye", ("debian:bullseye-slim",)),
        ("continuumio/miniconda3", None, ("debian:bookworm-slim",)),
        ("condaforge/miniforge3:24.3.0-0", "focal", ("ubuntu:20.04",)),
        ("mambaorg/micromamba:1.5.8", "bookworm", ()),
        ("nvidia/cuda:12.2.0-devel-ubuntu22.04", "jammy", ("nvidia/cuda:12.2.0-runtime-ubuntu22.04",)),
        ("nvidia/cuda:11.8.0-cudnn8-devel-ubuntu20.04", "focal", ("nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu20.04",)),
        ("nvidia/cuda:12.2.0-runtime-ubuntu22.04", "jammy", ()),
        ("nvidia/cuda:12.2.0-devel-ubuntu22.04@sha256:" + "0" * 64, "jammy", ()),
        ("nvidia/cuda:${CUDA}-devel-ubuntu22.04", None, ()),
        ("rocker/r-ver:4.1.3", "focal", ()),
        ("rocker/r-ver:4.2.0", "focal", ()),
        ("rocker/r-ver:4.2", "jammy", ()),
        ("rocker/r-ver:4.4", "noble", ()),
        ("rocker/r-ver:4.4.1", "jammy", ()),
        ("rocker/r-ver:latest", None, ()),
        ("r-base:4.3.1", None, ()),
    ],
)
def test_base_images(reference: str, suite: str | None, smaller: tuple[str, ...]) -> None:
    assert (base_image(reference).suite, slimmer(base_image(reference))) == (suite, smaller)
