"""The original's own files that its program opened, held against the new image's."""

from __future__ import annotations

from service.proof.trees import Entry, differences, missing

OLD = {
    "/app/main.py": Entry("1", 0o644),
    "/app/run.sh": Entry("2", 0o755),
    "/app/link": Entry("link:run.sh", None),
    "/app/built.js": Entry("3", 0o644),
}
CONTEXT = {"1", "2"}


def details(new: dict[str, Entry], lost: list[str] | None = None) -> list[str]:
    found = differences(OLD, new, CONTEXT, lost or [])
    assert {check.name for check in found} == {"files"}
    assert len({check.level for check in found}) == 1
    return [f"{found[0].level}: {check.detail}" for check in found]


def test_the_same_files() -> None:
    assert details(OLD) == ["equal: all 4 files of the author's that the program opened are there"]


def test_a_build_product_may_have_other_content_and_a_file_of_the_context_may_not() -> None:
    assert details({**OLD, "/app/built.js": Entry("4", 0o644)})[0].startswith("equal")
    assert details({**OLD, "/app/main.py": Entry("4", 0o644)}) == ["different: 1 files of the context have other content: /app/main.py"]


def test_permissions_count_for_every_file_and_for_no_link() -> None:
    new = {**OLD, "/app/run.sh": Entry("2", 0o644), "/app/built.js": Entry("3", 0o600), "/app/link": Entry("link:run.sh", 0o777)}
    assert details(new) == ["different: 2 files that the program opened have other permissions: /app/built.js (644 -> 600), /app/run.sh (755 -> 644)"]


def test_lost_files_are_counted_and_the_first_are_named() -> None:
    assert details({}, sorted(OLD)) == [
        "different: 4 of 4 files that the program opened are not there: /app/built.js, /app/link, /app/main.py, /app/run.sh"
    ]


def test_what_the_original_does_not_make_twice_is_not_lost() -> None:
    assert details({path: entry for path, entry in OLD.items() if path != "/app/built.js"})[0].startswith("equal")


def test_each_kind_of_difference_has_a_line() -> None:
    assert len(details({"/app/main.py": Entry("4", 0o644), "/app/run.sh": Entry("2", 0o600)}, ["/app/link", "/app/built.js"])) == 3


DATABASE = {"/cache/a.db": Entry("5", 0o644), "/cache/a.db-wal": Entry("6", 0o644), "/cache/a.db-shm": Entry("7", 0o644)}


def test_a_journal_that_went_into_its_database_is_not_missing() -> None:
    assert missing(DATABASE, {"/cache/a.db": Entry("8", 0o644)}) == []
    assert missing({**DATABASE, **OLD}, {**OLD, "/cache/a.db": Entry("8", 0o644)}) == []


def test_a_journal_beside_the_same_database_is_missing() -> None:
    assert missing(DATABASE, {"/cache/a.db": Entry("5", 0o644)}) == ["/cache/a.db-wal"]
    assert missing(DATABASE, {"/cache/a.db": Entry("5", 0o644), "/cache/a.db-wal": Entry("6", 0o644)}) == []


def test_without_its_database_everything_is_missing() -> None:
    assert missing(DATABASE, {}) == sorted(DATABASE)


def test_another_file_with_such_an_ending_is_missing() -> None:
    assert missing({"/app/brick-wal": Entry("9", 0o644)}, {}) == ["/app/brick-wal"]
