"""How fast the engine is: time by file, by lines and over a corpus, memory, the start, and other tools beside it.

    python scripts/bench.py [--corpus dev.jsonl.gz] [--many robustness.jsonl.gz] [--most 10000] [--hadolint PATH] [--tally PATH]

Times are the process's own (CPU), after `service.warm`, since other work on the machine would otherwise count; ratios are taken within one
run, the two sides in turn. A row has `dockerfile` and perhaps `context_tree`, `context_files_total` and `manifests`. `calibration` is how long a
fixed piece of Python takes here: figures of two machines compare by it.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

from service import BuildContext, DockerfileError, refactor
from service.report.result import as_json
from service.warm import warm

ROOT = Path(__file__).resolve().parents[1]
HEAD, TAIL = "FROM python:3.12-slim\nWORKDIR /app\n", 'CMD ["python", "app.py"]\n'
_FIRST = 100_000
"""The first line's number: all have as many digits."""
SHAPES: Mapping[str, Callable[[int], str]] = {
    "RUN": lambda n: f"RUN echo {n} > /x{n}\n",
    "RUN apt-get": lambda n: f"RUN apt-get update && apt-get install -y curl{n}\n",
    "RUN pip": lambda n: f"RUN pip install flask{n}\n",
    "RUN make": lambda n: f"RUN ./configure --with-a{n} && make && make install\n",
    "ENV": lambda n: f"ENV A{n}=$A{n - 1}/x\n",
    "ENV and RUN": lambda n: f"ENV A{n}=x\n" if n % 2 else f"RUN echo $A{n - 1} > /y{n}\n",
    "COPY": lambda n: f"COPY a{n} /app/a{n}\n",
    "COPY and RUN": lambda n: f"COPY a{n} /app/a{n}\n" if n % 2 else f"RUN python /app/a{n - 1}/x.py\n",
    "ADD": lambda n: f"ADD a{n}.txt /app/a{n}.txt\n",
    "LABEL": lambda n: f"LABEL l{n}=x\n",
    "WORKDIR": lambda n: f"WORKDIR /w{n}\n",
}


def main() -> int:
    options = _arguments()
    print(f"calibration: {1000 * calibration():.0f} ms")
    print(f"start to first answer: {start():.2f} s (wall time, a new process, compiled)")
    warm()
    _linear()
    if options.corpus:
        rows = list(_rows(options.corpus))
        _corpus("corpus, without context", [(row["dockerfile"], BuildContext.unknown()) for row in rows])
        _corpus("corpus, with context", [(row["dockerfile"], _context(row)) for row in rows])
        for name in ("hadolint", "tally"):
            if getattr(options, name):
                _beside(name, getattr(options, name), [row["dockerfile"] for row in rows][:: max(1, len(rows) // 200)])
    if options.many:
        _many(islice(_rows(options.many), options.most))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="rows of typical files")
    parser.add_argument("--many", help="rows to answer one after another: time and memory")
    parser.add_argument("--most", type=int, default=10_000, help="of --many")
    parser.add_argument("--hadolint", help="its program, to be compared with")
    parser.add_argument("--tally", help="its program, to be compared with")
    return parser.parse_args()


def _rows(path: str) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _context(row: Mapping[str, Any]) -> BuildContext:
    tree, manifests = row.get("context_tree") or [], row.get("manifests") or {}
    return BuildContext({**dict.fromkeys(tree), **manifests}, bool(tree) and row.get("context_files_total") == len(tree))


def calibration() -> float:
    """Seconds for three million additions."""
    begun = time.process_time()
    sum(number * number for number in range(3_000_000))
    return time.process_time() - begun


def start() -> float:
    """Seconds from a new process to the service's first answer, in process, with bytecode as an installed service has it."""
    program = (
        "import gc; from service.warm import reading, warm\ngc.disable()\nwith reading(): from service.http.app import create_app\nwarm()\n"
        "assert create_app().test_client().post('/v1/refactor', json={'dockerfile': 'FROM alpine\\nCMD [\"sh\"]\\n'}).status_code == 200"
    )
    with tempfile.TemporaryDirectory() as folder:
        compiled = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}
        # The first one compiles.
        for _ in range(2):
            begun = time.monotonic()
            subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env=compiled)
    return time.monotonic() - begun


def seconds(text: str, context: BuildContext) -> float:
    """CPU time of one file and its report; what BuildKit would reject counts too."""
    begun = time.process_time()
    with contextlib.suppress(DockerfileError):
        as_json(refactor(text, context), context)
    return time.process_time() - begun


def _linear() -> None:
    print("\n500 lines against 50, by shape (12 is the most that is allowed)")
    numbers = count(_FIRST)
    for name, line in SHAPES.items():
        # No line is seen twice: what is remembered of lines would make the small file's second time a third of its first.
        texts = [[HEAD + "".join(map(line, islice(numbers, lines))) + TAIL for lines in (50, 500)] for _ in range(3)]
        rounds = [[seconds(text, BuildContext.unknown()) for text in pair] for pair in texts]
        first, second = (min(side) for side in zip(*rounds, strict=True))
        print(f"  {name:14} {1000 * first:7.1f} ms {1000 * second:8.1f} ms  x {second / first:4.1f}")


def _corpus(name: str, files: Sequence[tuple[str, BuildContext]]) -> None:
    times = [seconds(text, context) for text, context in files]
    typical = [spent for spent, (text, _) in zip(times, files, strict=True) if 25 <= text.count("\n") <= 35]
    print(f"\n{name}: {len(files)} files")
    _print_times("all", times)
    if typical:
        _print_times("25 to 35 lines", typical)


def _print_times(name: str, times: Sequence[float]) -> None:
    ordered = sorted(1000 * spent for spent in times)
    middle, late, last = (ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.9, 0.99))
    print(f"  {name:14} p50 {middle:6.2f}  p90 {late:6.2f}  p99 {last:6.2f}  most {ordered[-1]:6.1f}  mean {statistics.mean(ordered):6.2f} ms")


def _many(rows: Iterable[Mapping[str, Any]]) -> None:
    print("\none after another")
    spent = 0.0
    number = 0
    for number, row in enumerate(rows, 1):
        spent += seconds(row["dockerfile"], BuildContext.unknown())
        if number % 2_500 == 0:
            print(f"  {number:6} files {spent:6.1f} s  {_resident():6.1f} MB")
    print(f"  {number:6} files {spent:6.1f} s  {_resident():6.1f} MB, at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.1f} MB")


def _resident() -> float:
    """Megabytes that the process holds; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * resource.getpagesize() / 1e6


def _beside(name: str, program: str, texts: Sequence[str]) -> None:
    """Another tool on the same files in one call of it, less what a call on one small file takes: its start."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, text in enumerate(texts):
            file = Path(folder, str(number), "Dockerfile")
            file.parent.mkdir()
            file.write_text(text, encoding="utf-8")
            files.append(str(file))
        small = Path(folder, "Dockerfile")
        small.write_text("FROM scratch\n", encoding="utf-8")
        command = [program, "lint"] if name == "tally" else [program]
        ours = sum(seconds(text, BuildContext.unknown()) for text in texts)
        theirs = _child_seconds([*command, *files]) - _child_seconds([*command, str(small)])
        again = sum(seconds(text, BuildContext.unknown()) for text in texts)
    mine = (ours + again) / 2
    print(f"\n{name}: {1000 * theirs / len(texts):.2f} ms a file, ours {1000 * mine / len(texts):.2f} ms: x {theirs / mine:.2f}")


def _child_seconds(command: Sequence[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
