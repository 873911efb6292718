"""Makes, lists and revokes the API keys of the service whose DATABASE_URL (or RESTAGE_STATE) is set here.

A running service takes a new key within seconds where it checks keys already; one that has none yet has to start anew, or be sent SIGHUP.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime

from service.access.keys import Key, make
from service.access.model import SCOPES, Scope, Unavailable
from service.cli.errors import Unusable
from service.settings import BadSetting, Settings

SUMMARY = "make, list and revoke API keys"
_DAY = 86_400
_NAME_LENGTH = 200


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = commands.add_parser("add", help="make a key and print it; it cannot be shown again")
    add.add_argument("name", help="whose it is, or what for")
    opens = "; ".join(f"{scope}: {text}" for scope, text in SCOPES.items())
    add.add_argument("--scope", action="append", choices=tuple(SCOPES), help=f"what it opens, may be repeated; refactor by default. {opens}")
    add.add_argument("--days", type=int, help="how long it is good for; forever by default")
    listed = commands.add_parser("list", help="list the keys, never the secrets")
    listed.add_argument("--json", action="store_true", help="print them as JSON")
    revoke = commands.add_parser("revoke", help="make a key useless, within seconds")
    revoke.add_argument("id", help="as `restage keys list` shows it")


def run(namespace: argparse.Namespace) -> int:
    try:
        address = Settings.from_environment(os.environ).database
        return {"add": _add, "list": _list, "revoke": _revoke}[namespace.action](address, namespace)
    except BadSetting as error:
        raise Unusable(str(error)) from None
    except Unavailable:
        raise Unusable("the database cannot be used; DATABASE_URL or RESTAGE_STATE says where it is") from None


def _add(address: str, namespace: argparse.Namespace) -> int:
    # The database's library takes a while to load, and no other command needs it.
    from service.access import store

    if not 0 < len(namespace.name) <= _NAME_LENGTH or not namespace.name.isprintable():
        raise Unusable(f"a name has 1 to {_NAME_LENGTH} printable characters")
    if namespace.days is not None and not 0 < namespace.days <= 36_500:
        raise Unusable("--days is 1 to 36500")
    now = int(time.time())
    scopes: frozenset[Scope] = frozenset(namespace.scope or ("refactor",))
    text, key = make(namespace.name, scopes, now, now + namespace.days * _DAY if namespace.days else None)
    store.add(address, key)
    print(text)
    print(f"Key {key.id} for {' and '.join(sorted(scopes))}. Keep it now: only its hash is stored.", file=sys.stderr)
    return 0


def _list(address: str, namespace: argparse.Namespace) -> int:
    from service.access import store

    found = store.every(address)
    if namespace.json:
        print(json.dumps([_row(key) for key in found], ensure_ascii=False, indent=2))
    else:
        print(*(_line(key) for key in found), sep="\n", end="\n" if found else "")
    return 0


def _revoke(address: str, namespace: argparse.Namespace) -> int:
    from service.access import store

    if not store.revoke(address, namespace.id, int(time.time())):
        raise Unusable("there is no such key, or it is revoked already")
    return 0


def _line(key: Key) -> str:
    until = _date(key.expires) or "never expires"
    return f"{key.id}  {_state(key):<7}  {' '.join(sorted(key.scopes)):<22}  {_date(key.created)}  {until:<20}  {key.name}"


def _row(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "state": _state(key),
        "scopes": sorted(key.scopes),
        "created": _date(key.created),
        "expires": _date(key.expires),
        "revoked": _date(key.revoked),
        "name": key.name,
    }


def _state(key: Key) -> str:
    return "revoked" if key.revoked is not None else "usable" if key.usable(time.time()) else "expired"


def _date(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
