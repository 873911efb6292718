"""The union mount: what is stored again, what is hidden, what a COPY --from brings."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from service import BuildContext
from service.dockerfile import read
from service.image.interpret import interpret
from service.sizing import Estimate, estimate

FILES = {"a.txt": 1_000, "src/main.py": 10_000, "src/lib.py": 20_000, "static/big.bin": 500_000}
CONTEXT = BuildContext(dict.fromkeys(FILES), complete=True, sizes=FILES)


def of(text: str, context: BuildContext = CONTEXT) -> Estimate:
    return estimate(interpret(read(text), context), context)


def own(found: Estimate) -> list[int]:
    return [layer.size.mid for layer in found.own]


def wasted(found: Estimate) -> list[tuple[str, str, int, int, int]]:
    return [(one.cause, one.path, one.line, one.by, one.size.mid) for one in found.wasted]


def test_a_later_delete_frees_nothing() -> None:
    found = of("FROM scratch\nCOPY . /app\nRUN rm -rf /app/static\n")
    assert own(found) == [531_000, 0]
    assert wasted(found) == [("deleted", "/app/static", 2, 3, 500_000)]
    assert abs(found.efficiency - 31 / 531) < 1e-6


def test_a_delete_in_the_same_run_leaves_nothing() -> None:
    found = of("FROM debian:bookworm-slim\nRUN mkdir /x && cp /etc/passwd /x/y && rm -rf /x\n")
    assert own(found) == [0] and not found.wasted


def test_a_change_of_owner_stores_all_again() -> None:
    found = of("FROM scratch\nCOPY . /app\nRUN chown -R 1000:1000 /app\n")
    assert own(found) == [531_000, 531_000]
    assert wasted(found) == [("metadata", "/app", 2, 3, 531_000)]


def test_a_change_of_a_folder_alone_stores_nothing() -> None:
    assert own(of("FROM scratch\nCOPY . /app\nRUN chown 1000 /app\n")) == [531_000, 0]


def test_a_change_of_mode_of_one_file() -> None:
    found = of("FROM scratch\nCOPY . /app\nRUN chmod +x /app/src/main.py\n")
    assert own(found) == [531_000, 10_000]
    assert wasted(found) == [("metadata", "/app/src/main.py", 2, 3, 10_000)]


def test_a_change_in_the_same_run_is_free() -> None:
    found = of("FROM debian:bookworm-slim\nRUN echo x > /run.sh && chmod +x /run.sh\n")
    assert not found.wasted


def test_a_copy_of_everything_overwrites_what_was_copied_first() -> None:
    found = of("FROM scratch\nCOPY a.txt /app/\nCOPY . /app\n")
    assert own(found) == [1_000, 531_000]
    assert wasted(found) == [("overwritten", "/app/a.txt", 2, 3, 1_000)]


def test_a_folder_over_a_folder() -> None:
    found = of("FROM scratch\nCOPY src /app/src\nCOPY . /app\n")
    assert wasted(found) == [("overwritten", "/app/src", 2, 3, 30_000)]


def test_a_move_stores_again_what_a_lower_layer_holds() -> None:
    found = of("FROM scratch\nCOPY static /tmp/static\nRUN mv /tmp/static /srv/static\n")
    assert own(found) == [500_000, 500_000]
    assert wasted(found) == [("deleted", "/tmp/static", 2, 3, 500_000)]


def test_a_copy_from_a_stage_brings_what_is_seen_there() -> None:
    text = "FROM scratch AS build\nCOPY . /app\nRUN rm -rf /app/static\nFROM scratch\nCOPY --from=build /app /app\n"
    assert own(of(text)) == [31_000]


def test_a_copy_of_a_part_from_a_stage() -> None:
    assert own(of("FROM scratch AS build\nCOPY . /app\nFROM scratch\nCOPY --from=build /app/src/lib.py /lib.py\n")) == [20_000]


def test_what_is_deleted_twice_is_wasted_once() -> None:
    found = of("FROM scratch\nCOPY . /app\nRUN rm -rf /app/static\nRUN rm -rf /app\n")
    assert sum(one.size.mid for one in found.wasted) == 531_000


def test_the_ignore_file_is_honoured() -> None:
    context = BuildContext({**CONTEXT.files, ".dockerignore": "static\n"}, complete=True, sizes={**CONTEXT.sizes, ".dockerignore": 7})
    assert own(of("FROM scratch\nCOPY . /app\n", context)) == [31_007]


def test_a_child_stage_goes_on_from_its_parent() -> None:
    found = of("FROM scratch AS base\nCOPY . /app\nFROM base\nRUN chown -R 1 /app/src\n")
    assert own(found) == [531_000, 30_000] and found.layer_count == 2


PATHS = st.sampled_from(["/app", "/app/src", "/app/src/main.py", "/", "/srv", "/app/static"])
LINES = st.one_of(
    st.builds("COPY . {}".format, PATHS),
    st.builds("COPY src {}/".format, PATHS),
    st.builds("RUN chown -R 1 {}".format, PATHS),
    st.builds("RUN chmod +x {}".format, PATHS),
    st.builds("RUN rm -rf {}".format, PATHS),
    st.builds("RUN mv {} {}".format, PATHS, PATHS),
    st.builds("RUN cp -r {} {}".format, PATHS, PATHS),
    st.builds("WORKDIR {}".format, PATHS),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=12))
def test_never_more_waste_than_is_stored(lines: list[str]) -> None:
    found = of("FROM scratch\n" + "\n".join(lines) + "\n")
    stored = sum(own(found))
    assert 0 <= found.waste_bytes <= stored
    assert 0 <= found.efficiency <= 1
    assert found.layer_count == sum(1 for line in lines if line != "WORKDIR /")


def test_many_copies_and_changes_take_linear_time() -> None:
    """Ten thousand instructions over the same tree, each of which could look at all before it."""
    lines = [f"COPY src /app/{number}\nRUN chown -R 1 /app" for number in range(1_500)]
    found = of("FROM scratch\n" + "\n".join(lines))
    assert found.layer_count == 3_000
