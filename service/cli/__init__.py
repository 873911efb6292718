"""The command line: `restage Dockerfile` and its subcommands.

Exit status: 0, the answer is printed (also where nothing had to change); 1, `prove` found a difference; 2, the arguments or the input cannot be
used, or nothing could be proved; 130, interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from service.cli import analyze, data, jobs, keys, passes, prove, refactor, worker
from service.cli.errors import Unusable
from service.version import VERSION

# A subcommand is a module with `SUMMARY`, `arguments(parser)` and `run(namespace)`; `restage FILE` is short for `restage refactor FILE`.
COMMANDS = {
    "refactor": refactor, "analyze": analyze, "prove": prove, "passes": passes, "data": data,
    "keys": keys, "worker": worker, "jobs": jobs,
}
DEFAULT = "refactor"


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] not in (*COMMANDS, "-h", "--help", "--version"):
        words.insert(0, DEFAULT)
    arguments = _parser().parse_args(words)
    try:
        return int(COMMANDS[arguments.command].run(arguments))
    except Unusable as error:
        print(f"restage: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (`head`) has what it wanted. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="restage",
        description="Rewrites a single-stage Dockerfile into a build and a runtime stage.",
        epilog="`restage FILE` is short for `restage refactor FILE`. Exit status: 0 answered, 2 unusable arguments or input.",
    )
    parser.add_argument("--version", action="version", version=f"restage {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        module.arguments(commands.add_parser(name, help=module.SUMMARY, description=module.__doc__))
    return parser
