"""One item of a job: a request of POST /v1/refactor as JSON, answered by its result or its problem, each with its index."""

from __future__ import annotations

import json
import logging
import traceback
from typing import Any

import service
from service.dockerfile.model import DockerfileError
from service.http.problems import Problem, rejected, respond
from service.http.reading import _from_json, check_instructions
from service.http.settings import Settings
from service.report.result import as_json

_log = logging.getLogger("restage.jobs")


def answer_line(line: bytes, index: int, settings: Settings) -> dict[str, Any]:
    """`line` is one JSON document. What is wrong with an item is its answer, so it fails alone."""
    try:
        return {"index": index, **_answer(line, settings)}
    except Problem as problem:
        return {"index": index, **document_of(problem)}
    except MemoryError:
        # Less of what runs beside it may be all that it needs: another attempt.
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        where = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames[-8:]))
        _log.error("an item failed: %s at %s", type(error).__name__, where)
        return {"index": index, **document_of(Problem(500, "internal-error", "The service failed", "This is a fault of the service."))}


def document_of(problem: Problem) -> dict[str, Any]:
    found = json.loads(respond(problem).get_data())
    assert isinstance(found, dict)
    return found


def _answer(line: bytes, settings: Settings) -> dict[str, Any]:
    asked = _from_json(line, {}, settings)
    try:
        check_instructions(asked.dockerfile, settings)
        refactoring = service.refactor(asked.dockerfile, asked.context, asked.options)
    except DockerfileError as error:
        raise rejected(error) from None
    return dict(as_json(refactoring, asked.context))
