"""One item of a job: a line of a batch, answered by its result or its problem."""

from __future__ import annotations

from typing import Any

from service.http import batch
from service.http.problems import document, unforeseen
from service.http.settings import Settings


def answer_line(line: bytes, index: int, settings: Settings) -> dict[str, Any]:
    """`line` is one JSON document. What is wrong with an item is its answer, so it fails alone."""
    try:
        return batch.answer_line(line, index, settings)
    except MemoryError:
        # Less of what runs beside it may be all that it needs: another attempt.
        raise
    except Exception as error:
        return {"index": index, **document(unforeseen(error, "of a job"))}
