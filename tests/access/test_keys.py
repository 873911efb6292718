"""Keys: what is handed out, what is stored, and what fits."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from service import database
from service.access import Caller, Refused, Unavailable, keys, store
from service.access.verify import KeyVerifier

_ID = "rst_0123456789ab_"


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/state/restage.db"


def test_nothing_of_a_key_is_stored_but_its_hash_and_its_id(address: str, tmp_path: Path) -> None:
    text, key = keys.make("ci", frozenset({"refactor"}), 1)
    store.add(address, key)
    content = b"".join(file.read_bytes() for file in (tmp_path / "state").iterdir())
    # The secret's letters may be underscores too.
    secret = text.removeprefix(f"rst_{key.id}_").encode()
    assert len(secret) > 20
    assert key.digest in content and key.id.encode() in content
    assert secret not in content and text.encode() not in content
    assert (tmp_path / "state" / "restage.db").stat().st_mode & 0o077 == 0


def test_a_key_fits_itself_alone() -> None:
    text, key = keys.make("a", frozenset({"refactor"}), 1)
    other, _ = keys.make("a", frozenset({"refactor"}), 1)
    assert keys.fits(text, key) and not keys.fits(other, key) and not keys.fits(text[:-1], key)
    assert keys.identity_of(text) == key.id


@pytest.mark.parametrize("text", ["", "rst_", "rst_x_y", _ID + "a" * 42, _ID + "a" * 44, "x" * 100_000, _ID.upper() + "a" * 43], ids=len)
def test_what_has_not_the_form_of_a_key_is_not_looked_up(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "find", lambda *arguments: pytest.fail("looked up"))
    assert keys.identity_of(text) is None
    with pytest.raises(Refused):
        KeyVerifier("sqlite:///nowhere.db").caller(text)


def test_a_stored_key_comes_back_as_it_was(address: str) -> None:
    made = [keys.make("a", frozenset({"refactor", "jobs"}), 1, 5)[1], keys.make("b", frozenset({"admin"}), 2)[1]]
    for key in made:
        store.add(address, key)
    assert store.every(address) == made
    assert store.find(address, made[0].id) == made[0] and store.find(address, "0" * 12) is None


def test_revoking(address: str) -> None:
    _, key = keys.make("a", frozenset({"refactor"}), 1)
    assert not store.revoke(address, key.id, 9)
    store.add(address, key)
    assert store.any_usable(address, 5)
    assert store.revoke(address, key.id, 9) and not store.revoke(address, key.id, 10)
    assert not store.any_usable(address, 5)


def test_looking_makes_no_database(address: str, tmp_path: Path) -> None:
    assert store.every(address) == [] and not store.any_usable(address, 1)
    assert list(tmp_path.iterdir()) == []


def test_an_expired_and_a_revoked_key_are_refused(address: str) -> None:
    expired, first = keys.make("a", frozenset({"refactor"}), 1, 2)
    revoked, second = keys.make("b", frozenset({"refactor"}), 1)
    good, third = keys.make("c", frozenset({"jobs"}), 1, int(time.time()) + 60)
    for key in (first, second, third):
        store.add(address, key)
    store.revoke(address, second.id, 3)
    verifier = KeyVerifier(address)
    for text in (expired, revoked, good[:-1] + ("A" if good[-1] != "A" else "B")):
        with pytest.raises(Refused):
            verifier.caller(text)
    assert verifier.caller(good) == Caller(third.id, frozenset({"jobs"}))


def test_the_memory_is_short(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, key = keys.make("a", frozenset({"refactor"}), 1)
    store.add(address, key)
    verifier = KeyVerifier(address)
    clock = 1_000.0
    monkeypatch.setattr("service.access.verify.time.monotonic", lambda: clock)
    assert verifier.caller(text).id == key.id
    store.revoke(address, key.id, 9)
    assert verifier.caller(text).id == key.id
    clock += 5.1
    with pytest.raises(Refused):
        verifier.caller(text)


def test_a_database_that_does_not_answer_is_said_so_without_its_address() -> None:
    text, _ = keys.make("a", frozenset({"refactor"}), 1)
    address = "postgresql://user:s3cret@127.0.0.1:1/none"
    with pytest.raises(Unavailable) as caught:
        KeyVerifier(address).caller(text)
    assert "s3cret" not in str(caught.value)
    database.engine(address).dispose()


def test_scopes_imply_one_another_as_they_say() -> None:
    def opened(*scopes: str) -> set[str]:
        caller = Caller("x", frozenset(scopes))  # type: ignore[arg-type]
        return {scope for scope in ("refactor", "jobs", "metrics", "admin") if caller.may(scope)}  # type: ignore[arg-type]

    assert opened("refactor") == {"refactor"}
    assert opened("jobs") == {"refactor", "jobs"}
    assert opened("metrics") == {"metrics"}
    assert opened("admin") == {"refactor", "jobs", "metrics", "admin"}
    assert opened() == set()


def test_the_same_on_postgresql(postgresql: str) -> None:
    text, key = keys.make("ci", frozenset({"refactor"}), 1)
    store.add(postgresql, key)
    assert KeyVerifier(postgresql).caller(text).id == key.id
    assert store.revoke(postgresql, key.id, 2) and not store.any_usable(postgresql, 3)
    database.engine(postgresql).dispose()
