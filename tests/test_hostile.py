"""Files made to be slow, at two sizes: four times the lines may take eight times as long, not sixteen."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import pytest

from service import BuildContext, refactor
from service.deadline import DeadlineExceeded, within
from service.dockerfile import read
from service.dockerfile.ignore import visible
from service.http.paths import MAX_FOLDER_CHARACTERS, MAX_NAME, normalised
from service.http.problems import Problem
from service.http.texts import Texts
from service.image.config import ports
from service.image.interpret import interpret
from service.report.result import as_json

HEAD, TAIL = "FROM python:3.12-slim\nWORKDIR /app\n", 'CMD ["python", "app.py"]\n'
MOST = 8.0
LEAST_SECONDS = 0.1
"""Below that a difference is the machine's."""


def _lines(one: Callable[[int], str]) -> Callable[[int], str]:
    return lambda count: HEAD + "".join(map(one, range(count))) + TAIL


SHAPES: Mapping[str, Callable[[int], str]] = {
    "runs": _lines(lambda n: f"RUN echo {n} > /x{n}\n"),
    "makes": lambda count: HEAD + "COPY . .\n" + "RUN ./configure && make && make install\n" * count + TAIL,
    "lists": _lines(lambda n: f"RUN apt-get update && apt-get install -y curl{n}\n"),
    "installs": _lines(lambda n: f"RUN pip install flask{n}\n"),
    "adds": _lines(lambda n: f"ADD a{n}.txt /app/a{n}.txt\n"),
    "the same add": lambda count: HEAD + "ADD a.txt /app/a\n" * count + TAIL,
    "copies": _lines(lambda n: f"COPY a{n} /app/a{n}\n"),
    "copies that are run": _lines(lambda n: f"COPY a{n} /app/a{n}\nRUN python /app/a{n}/x.py\n"),
    "owners": _lines(lambda n: f"COPY a{n} /app/a{n}\nRUN chown -R root:root /app/a{n}\n"),
    "variables": _lines(lambda n: f"ENV A{n}=$A{n - 1}/x\n"),
    "variables that are used": _lines(lambda n: f"ENV A{n}=x\nRUN echo $A{n} > /y{n}\n"),
    "labels": _lines(lambda n: f"LABEL l{n}=x\n"),
    "folders": _lines(lambda n: f"WORKDIR /w{n}\n"),
    "stages": lambda count: "".join(f"FROM alpine AS s{n}\nRUN echo {n} > /x\n" for n in range(count)) + 'FROM alpine\nCMD ["/x"]\n',
    "a long chain": lambda count: HEAD + "RUN true" + "".join(f" \\\n && mkdir /d{n}" for n in range(count)) + "\n" + TAIL,
    "a long chain of copies": lambda count: HEAD + "RUN " + " && ".join(f"cp /a{n} /b{n}" for n in range(count)) + "\n" + TAIL,
    "many packages": lambda count: HEAD + "RUN apt-get install -y " + " ".join(f"lib{n}" for n in range(count)) + "\n" + TAIL,
    "shell variables": lambda count: HEAD + "RUN " + "; ".join(f"A{n}=x; echo $A{n}" for n in range(count)) + "\n" + TAIL,
    "ports": _lines(lambda n: f"EXPOSE {n + 1}-65535 {n}/udp\n"),
    "volumes": _lines(lambda n: f"VOLUME /v{n}\n"),
    "a chain of stages": lambda count: "FROM alpine AS s0\n" + "".join(f"FROM s{n} AS s{n + 1}\nENV v{n}=1\n" for n in range(count)) + TAIL,
    "builds": lambda count: HEAD.replace("python:3.12-slim", "golang:1.22") + "".join(f"RUN go build -o /bin/a{n} .\n" for n in range(count)) + TAIL,
}


def _seconds(text: str) -> float:
    context = BuildContext.unknown()
    start = time.process_time()
    as_json(refactor(text, context), context)
    return time.process_time() - start


@pytest.mark.parametrize("name", SHAPES)
def test_cost_is_linear_in_lines(name: str) -> None:
    shape = SHAPES[name]
    _seconds(shape(10))
    # Behind 127 layers other rules hold than before them: both sizes lie there.
    few, many = _seconds(shape(150)), _seconds(shape(600))
    if many > MOST * max(few, LEAST_SECONDS):
        # Others may have had the processor: once more.
        few, many = min(few, _seconds(shape(150))), min(many, _seconds(shape(600)))
    assert many <= MOST * max(few, LEAST_SECONDS)


def test_copies_of_stages_from_one_another_are_not_followed_for_ever() -> None:
    text = "".join(
        f"FROM alpine AS s{stage}\n" + "".join(f"COPY --from=s{other} /x /x\n" for other in range(max(0, stage - 15), stage)) for stage in range(60)
    )
    assert _seconds(text + 'CMD ["/x"]\n') < 20


def test_an_ignore_file_is_looked_up_not_matched_name_by_name() -> None:
    rules = "".join(f"**/name{number}\n" for number in range(1_500))
    files = [f"a/b/c/file{number}" for number in range(5_000)]
    start = time.process_time()
    assert len(visible(files, rules)) == 5_000
    assert time.process_time() - start < 5


@pytest.mark.parametrize("piece", ["a=(", ")", "|"])
def test_a_script_that_the_parser_takes_minutes_for_is_stopped(piece: str) -> None:
    start = time.process_time()
    with pytest.raises(DeadlineExceeded), within(0.2):
        refactor(f"FROM alpine\nRUN {piece * 20_000}\n", BuildContext.unknown())
    assert time.process_time() - start < 5


def test_thousands_of_commands_and_heredocs_are_not_told_apart() -> None:
    commands = " && ".join(["true"] * 6_000)
    heredocs = " ".join(f"<<E{n}" for n in range(300)) + "\n" + "\n".join(f"E{n}" for n in range(300))
    for run in (commands, heredocs):
        image = interpret(read(f"FROM alpine\nRUN {run}\n"), BuildContext.unknown())
        assert image.stages[0].layers[0].opaque == ("/",)


def test_wide_ranges_of_ports_stay_ranges() -> None:
    assert ports("1-65535", 256) == ("1-65535/tcp",)
    assert ports("8000-8002/udp", 256) == ("8000/udp", "8001/udp", "8002/udp")


def test_a_working_folder_that_nobody_could_make_is_not_made() -> None:
    image = interpret(read("FROM alpine\n" + "WORKDIR a/b/c/d\n" * 5_000), BuildContext.unknown())
    assert len(image.config.workdir) <= 4_096


def test_paths_are_bounded_alone_and_together() -> None:
    with pytest.raises(Problem) as caught:
        normalised({"a/" * MAX_NAME + "b": None}, "context", "files")
    assert caught.value.status == 422
    deep = {f"{n}/" + "a/" * 1_900 + "b": None for n in range(20)}
    assert sum(len(path) * path.count("/") for path in deep) > MAX_FOLDER_CHARACTERS
    with pytest.raises(Problem) as caught:
        normalised(deep, "context", "files")
    assert caught.value.status == 413


def test_many_ignore_rules_are_matched_together() -> None:
    rules = "".join(f"*{number}*a*\n" for number in range(1_000))
    start = time.process_time()
    assert len(visible([f"f{number}" for number in range(1_000)], rules)) == 1_000
    assert time.process_time() - start < 5


def test_matching_an_ignore_file_stops_at_the_deadline() -> None:
    with pytest.raises(DeadlineExceeded), within(0.05):
        visible(["a" * 200 + str(number) for number in range(2_000)], "".join("*a" * 20 + f"b{number}\n" for number in range(2_000)))


def _least(run: Callable[[], object]) -> float:
    """CPU seconds, the better of two: others may have had the processor."""
    spent = []
    for _ in range(2):
        start = time.process_time()
        run()
        spent.append(time.process_time() - start)
    return min(spent)


@pytest.mark.parametrize("rule", ["**/*.x{}", "**/x{}*", "**/a{}*b", "**/x{}"])
def test_rules_for_a_last_name_are_looked_up(rule: str) -> None:
    """Eight times the rules, and hardly more to do."""
    files = [f"a/b{number % 50}/file{number}" for number in range(3_000)]
    few, many = ("".join(rule.format(number) + "\n" for number in range(count)) for count in (50, 400))
    assert _least(lambda: visible(files, many)) <= 3 * max(_least(lambda: visible(files, few)), LEAST_SECONDS)


NODE = "FROM node:20\nWORKDIR /app\n"
FILES = {f"d{number % 50}/e{number % 7}/f{number}": None for number in range(8_000)}
LONG_WORK: Mapping[str, Callable[[int], tuple[str, BuildContext]]] = {
    "wildcards of one COPY": lambda count: (
        NODE + "COPY " + " ".join(f"d{n}/*/f*{n}*" for n in range(count)) + " /x/\n" + TAIL, BuildContext(FILES, True)
    ),
    "folders copied over and over": lambda count: (NODE + "COPY . .\n" * count + TAIL, BuildContext(FILES, True)),
    "large manifests": lambda count: (
        HEAD + "COPY . .\n" + "".join(f"RUN pip install -r r{n}.txt\n" for n in range(count)) + TAIL,
        BuildContext({f"r{n}.txt": "".join(f"q{n}x{row}==1\n" for row in range(4_000)) for n in range(count)}, True),
    ),
}


@pytest.mark.parametrize("name", LONG_WORK)
def test_the_deadline_is_looked_at_everywhere(name: str) -> None:
    """What comes to its deadline stops there: four times the work takes no longer."""

    def stopped(text: str, context: BuildContext) -> None:
        with pytest.raises(DeadlineExceeded), within(0.1):
            as_json(refactor(text, context), context)

    few, many = LONG_WORK[name](100), LONG_WORK[name](400)
    assert _least(lambda: stopped(*many)) <= 2 * max(_least(lambda: stopped(*few)), 2 * LEAST_SECONDS)


def test_choosing_what_is_kept_of_an_archive_has_an_end() -> None:
    texts = Texts(100_000, seconds=1e-6)
    with pytest.raises(DeadlineExceeded):
        for number in range(10_000):
            texts.add(f"f{number}", b"x")
