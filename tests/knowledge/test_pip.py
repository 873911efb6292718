from __future__ import annotations

import pytest

from service.knowledge import pip
from service.knowledge.pip import Request
from service.knowledge.versions import admits, parse_version


def test_a_distribution_with_its_releases() -> None:
    found = pip.distribution("flask")
    assert found is not None and not found.from_source
    assert {"werkzeug", "jinja2", "click"} <= {pip.parsed_need(need)[0].name for need in found.releases[0].needs}
    assert all(one.version > two.version for one, two in zip(found.releases, found.releases[1:], strict=False))


def test_what_a_requirement_leads_to() -> None:
    names = {each.name for each in pip.closure((Request("flask"),))}
    assert names == {"flask", "werkzeug", "jinja2", "click", "blinker", "itsdangerous", "markupsafe"}
    assert {each.name for each in pip.closure((Request("flask"),), frozenset({"click"}))} == names - {"click"}
    assert [each.name for each in pip.closure((Request("flask"),), dependencies=False)] == ["flask"]


def test_unknown_names_are_values() -> None:
    (found,) = pip.closure((Request("no-such-thing-here-at-all"),))
    assert found.distribution is None and found.release is None


@pytest.mark.parametrize(("name", "normal"), [("Foo__Bar.baz", "foo-bar-baz"), ("a", "a"), ("", ""), ("a b", ""), ("é", "")])
def test_names(name: str, normal: str) -> None:
    assert pip.normalised(name) == normal


@pytest.mark.parametrize(
    ("operator", "version", "candidate", "holds"),
    [
        ("<", "2", "1.9", True),
        ("<", "2", "2.0.1", False),
        ("~=", "2.3.2", "2.3.9", True),
        ("~=", "2.3.2", "2.4", False),
        ("==", "2.*", "2.9", True),
        ("==", "1.0", "1", True),
        (">=", "1.0", "1.0rc1", False),
    ],
)
def test_versions(operator: str, version: str, candidate: str, holds: bool) -> None:
    assert admits(operator, version, parse_version(candidate)) is holds
