"""`orchard serve --port N` answers over HTTP; `orchard sql` prints the harvests as statements."""

from __future__ import annotations

import argparse

from orchard.harvests import read, statements
from orchard.pages import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="orchard")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve").add_argument("--port", type=int, default=8050)
    commands.add_parser("sql")
    given = parser.parse_args()
    if given.command == "sql":
        print("\n".join(statements(read("harvest"))))
    else:
        serve(given.port)
