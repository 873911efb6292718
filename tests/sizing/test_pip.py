"""What pip adds, against real installs (bytes of regular files), and against hostile files."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.context import BuildContext
from service.image.effects import Act, Kind, LanguageInstall, Phase, Write
from service.image.model import BaseImage
from service.sizing.markers import applies
from service.sizing.pip import added, distributions
from service.sizing.pythonlocks import poetry_lock, uv_lock
from service.sizing.requirements import pipfile_lock, project_file, requirements_file
from service.sizing.setuptools import setup_cfg, setup_py

PYTHON_311 = BaseImage("python:3.11-slim", "python", "3.11", "slim")
MEASURED = [
    (PYTHON_311, "flask", 4_988_422),
    (PYTHON_311, "django\ngunicorn\npsycopg2-binary\n", 45_685_070),
    (PYTHON_311, "fastapi\nuvicorn\nredis\n", 22_661_831),
    (PYTHON_311, "requests\nbeautifulsoup4\nlxml\n", 16_717_294),
    (PYTHON_311, "matplotlib==3.7.1\nnumpy==1.24.2\n", 177_899_420),
    (PYTHON_311, "azure-storage-blob==12.19.0\nazure-identity==1.15.0\n", 30_339_641),
    (PYTHON_311, "celery==5.3.1\nredis==4.5.5\n", 21_080_175),
    (PYTHON_311, "paramiko==3.3.1\nfabric==3.2.2\n", 26_817_696),
    (BaseImage("python:3.10", "python", "3.10"), "Flask~=2.3.2\npycryptodome==3.18.0\n", 11_366_233),
]
"""Installed with pip 23.2.1, each into an empty prefix; 2026-11-25."""


def install(text: str | None, *words: str, step: str = "pip install", name: str = "requirements.txt") -> tuple[Act, BuildContext]:
    command = (*step.split(), *(("-r", name) if step.endswith("pip install") else ()), *words)
    return Act(0, Phase.INSTALL, step, "python", command, install=LanguageInstall(step, "python", manifests=(name,))), BuildContext({name: text})


@pytest.mark.parametrize(("base", "text", "truth"), MEASURED)
def test_close_to_what_was_installed(base: BaseImage, text: str, truth: int) -> None:
    found = added(*install(text), base)
    assert found is not None
    assert found.kept.low <= truth <= found.kept.high
    assert abs(found.kept.mid - truth) < 0.15 * truth


def test_options_change_what_is_added() -> None:
    whole = added(*install("flask\n"), PYTHON_311)
    alone = added(*install("flask\n", "--no-deps"), PYTHON_311)
    bare = added(*install("flask\n", "--no-compile"), PYTHON_311)
    assert whole and alone and bare
    assert alone.kept.mid < whole.kept.mid / 2
    assert bare.kept.mid < whole.kept.mid * 0.6


def test_a_manifest_that_was_not_sent_is_not_guessed() -> None:
    found = added(*install(None), PYTHON_311)
    assert found is not None and found.kept.basis == "default" and found.kept.high > 20 * found.kept.low


def test_what_the_base_has_adds_nothing_unless_upgraded() -> None:
    plain, upgraded = added(*install("pip\n"), PYTHON_311), added(*install("pip\n", "--upgrade"), PYTHON_311)
    assert plain and upgraded
    assert plain.kept.mid == 0 < 5_000_000 < upgraded.kept.mid


def test_an_unknown_distribution_widens_the_range() -> None:
    found = added(*install("no-such-thing-here-at-all\ngit+https://example.org/x.git\n"), PYTHON_311)
    assert found is not None and found.kept.high > 5 * found.kept.mid


def test_what_an_earlier_command_left_adds_nothing() -> None:
    first, second = install("flask\n"), install("flask\ngunicorn\n")
    left = distributions(*first, PYTHON_311)
    assert {"flask", "werkzeug", "click"} <= left
    alone, after = added(*install("gunicorn\n", "--no-deps"), PYTHON_311), added(*second, PYTHON_311, before=left)
    assert alone and after and after.kept.mid <= 1.2 * alone.kept.mid
    anew = added(*install("flask\n", "--force-reinstall"), PYTHON_311, before=left)
    plain = added(*first, PYTHON_311)
    assert anew and plain and anew.kept.mid >= plain.kept.mid
    assert distributions(*install("flask\n", "--target", "/x"), PYTHON_311) == frozenset()


def test_another_version_of_what_is_there_may_come_again() -> None:
    found = added(*install("click==8.1.7\n"), PYTHON_311, before=frozenset({"click"}))
    assert found and found.kept.mid == 0 < 300_000 < found.kept.high


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("torch\n", ("--extra-index-url", "https://example.org/whl/cpu")),
        ("--index-url https://example.org/whl/cpu\ntorch\n", ()),
        ("torch==2.1.0+cpu\n", ()),
    ],
)
def test_builds_for_the_cpu_are_smaller(text: str, words: tuple[str, ...]) -> None:
    small, whole = added(*install(text, *words), PYTHON_311), added(*install("torch\n"), PYTHON_311)
    assert small and whole and 3 * small.kept.mid < whole.kept.mid


def test_a_base_with_distributions_widens_the_low_end() -> None:
    text = "torch\nnumpy\npandas\nflask\n"
    full, empty = added(*install(text), BaseImage("pytorch/pytorch", "pytorch/pytorch")), added(*install(text), PYTHON_311)
    assert full and empty
    assert full.kept.high < empty.kept.mid / 2 and full.kept.low <= full.kept.mid / 2


def test_poetry_seeds_the_environment_that_it_makes() -> None:
    project = '[tool.poetry.dependencies]\npython = "^3.11"\nflask = "*"\n'
    act, context = install(project, step="poetry install", name="pyproject.toml")
    seeded = replace(act, writes=(Write("/app/.venv", Kind.DEPENDENCIES, True, "run:0"),))
    system, own = added(act, context, PYTHON_311), added(seeded, context, PYTHON_311)
    assert system and own and own.kept.mid > system.kept.mid + 3_000_000


def test_a_project_of_setuptools() -> None:
    assert setup_cfg("[options]\ninstall_requires =\n    flask>=2\n    # no\n    requests\npackages = find:\n") == ("flask>=2", "requests")
    assert setup_py("NEEDS = [\n 'a',  # why\n \"b>1\",\n]\nsetup(install_requires=NEEDS)") == ("a", "b>1")
    assert setup_py("setup(install_requires=open('x').read())") is None
    words = ("pip", "install", ".")
    act = Act(0, Phase.INSTALL, "pip install", "python", words, install=LanguageInstall("pip install", "python", manifests=("setup.py",)))
    found = added(act, BuildContext({"setup.py": "setup(install_requires=['flask'])"}), PYTHON_311)
    assert found == added(*install("flask\n"), PYTHON_311)


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ('python_version < "3.8"', False),
        ('sys_platform == "win32" or (python_version >= "3.9" and os_name == "posix")', True),
        ('"linux" in sys_platform', True),
        ('platform_system not in "Windows Darwin"', True),
        ('extra == "x"', False),
        ('python_version > "3.2" and ((', True),
    ],
)
def test_markers(marker: str, holds: bool) -> None:
    assert applies(marker, 11) is holds


def test_a_poetry_lock_leaves_development_out() -> None:
    row = '[[package]]\nname = "{}"\nversion = "1"\noptional = false\ngroups = ["{}"]\n\n'
    text = row.format("a", "main") + row.format("b", "dev")
    assert [each.name for each in poetry_lock(text, 11, False, ()).requests] == ["a"]
    assert [each.name for each in poetry_lock(text, 11, True, ()).requests] == ["a", "b"]


def test_a_uv_lock_is_followed_from_the_project() -> None:
    text = """[[package]]
name = "app"
version = "0"
source = { virtual = "." }
dependencies = [
    { name = "a", marker = "python_version < '3.99'" },
    { name = "w", marker = "sys_platform == 'win32'" },
]

[[package]]
name = "a"
version = "1"
source = { registry = "index" }
wheels = [
    { url = "https://example.org/a-1-py3-none-any.whl", hash = "sha256:0", size = 1234 },
]

[[package]]
name = "w"
version = "1"
source = { registry = "index" }
"""
    (found,) = uv_lock(text, 11, (), False).requests
    assert (found.name, found.archive, found.bounds) == ("a", 1234, (("==", "1"),))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab1.=<>~!;[](){}\"'\\ \n-r#@:/,é\0"), max_size=300))
def test_hostile_files_are_answered(text: str) -> None:
    requirements_file(text, 11)
    setup_py(f"install_requires={text}")
    setup_cfg(f"[options]\ninstall_requires={text}")
    project_file(text, 11, (), True)
    pipfile_lock(text, 11, True)
    poetry_lock(f"[[package]]\n{text}", 11, True, ())
    uv_lock(f"[[package]]\n{text}", 11, (), True)
    found = added(*install(text), PYTHON_311)
    assert found is not None and 0 <= found.kept.low <= found.kept.mid <= found.kept.high


def test_files_that_include_each_other() -> None:
    act, _ = install("-r b.txt\nflask\n")
    context = BuildContext({"requirements.txt": "-r b.txt\nflask\n", "b.txt": "-r requirements.txt\nclick\n"})
    assert added(act, context, PYTHON_311) == added(*install("flask\nclick\n"), PYTHON_311)
