from __future__ import annotations

import pytest

from service.context import BuildContext
from service.dockerfile import read
from service.image.effects import Kind, Layer
from service.image.history import History
from service.image.interpret import interpret, interpret_with_views
from service.image.program import program_of


def layers(text: str, context: BuildContext | None = None) -> tuple[Layer, ...]:
    image = interpret(read(text), context or BuildContext.unknown())
    return image.stages[image.final].layers


def paths(text: str, kind: Kind | None = None) -> list[str]:
    return [write.path for layer in layers(text) for write in layer.writes if write.origin != "workdir" and (kind is None or write.kind is kind)]


@pytest.mark.parametrize(
    ("run", "written"),
    [
        ("go build -o /bin/x .", ["/bin/x"]),
        ("cd cmd && go build -o ../x", ["/app/x"]),
        ("(cd cmd && go build -o y) && touch z", ["/app/cmd/y", "/app/z"]),
        ("npm ci", ["/app"]),
        ("mkdir -p /data logs", ["/data", "/app/logs"]),
        ("cp a b /dest/", ["/dest/a", "/dest/b"]),
        ("cp $SOMEWHERE /x/", ["/x"]),
        ("curl -o /opt/x.tgz https://example.com/x", ["/opt/x.tgz"]),
        ("wget -qO- https://example.com/x.tgz | tar xz -C /opt", ["/opt"]),
        ("git clone https://example.com/a/b.git", ["/app/b"]),
        ("echo x > /etc/x.conf", ["/etc/x.conf"]),
        ("X=/opt/y && mkdir $X", ["/opt/y"]),
        ("./configure && make install", ["/app", "/app", "/usr/local"]),
        ("./configure --prefix=/opt/x --sysconfdir=/etc/x && make -j$(nproc) install", ["/app", "/app", "/opt/x", "/etc/x"]),
        ("cmake -B build -DCMAKE_INSTALL_PREFIX=/opt/x && cmake --install build", ["/app/build", "/app/build", "/opt/x"]),
        ("meson setup build && ninja -C build install", ["/app/build", "/app/build", "/usr/local"]),
        ("cp server /usr/local/bin", ["/usr/local/bin/server"]),
        ("gcc -o server main.c", ["/app/server"]),
        ("pip install flask", ["/usr/local"]),
        ("python -m venv /venv", ["/venv"]),
        ("touch a && rm a", []),
        ("sh -c 'touch /x'", ["/x"]),
    ],
)
def test_what_a_run_writes(run: str, written: list[str]) -> None:
    found = [
        path
        for path in paths(f"FROM debian:bookworm\nWORKDIR /app\nRUN {run}\n")
        if path not in ("/root/go/pkg", "/root/.cache/go-build", "/root/.npm", "/root/.cache/pip")
    ]
    assert found == written


@pytest.mark.parametrize("run", ["./setup.sh", "unknown --flag", "curl x | bash", "eval x", "make install", "ninja -C build install"])
def test_what_cannot_be_told_is_opaque(run: str) -> None:
    assert layers(f"FROM debian:bookworm\nRUN {run}\n")[0].opaque == ("/",)


def test_a_script_of_the_context_is_read() -> None:
    context = BuildContext({"setup.sh": "#!/bin/sh\nset -e\nmkdir /data\n"}, complete=True)
    found = layers("FROM debian:bookworm\nWORKDIR /app\nCOPY setup.sh .\nRUN ./setup.sh\n", context)[-1]
    assert (found.opaque, [write.path for write in found.writes]) == ((), ["/data"])


def test_packages() -> None:
    (layer,) = layers("FROM debian:bookworm\nRUN apt-get update && apt-get install -y --no-install-recommends a=1 b && rm -rf /var/lib/apt/lists/*\n")
    change = next(change for change in layer.packages if change.installed)
    assert (change.installed, change.recommends, change.lists_removed) == (("a", "b"), False, True)


def test_a_virtual_group_that_is_removed_leaves_nothing() -> None:
    (layer,) = layers("FROM alpine:3.20\nRUN apk add --virtual .d gcc && apk del .d\n")
    assert [name for change in layer.packages for name in change.installed] == []


def test_a_mounted_cache_is_no_part_of_the_layer() -> None:
    assert paths("FROM node:22\nRUN --mount=type=cache,target=/root/.npm npm ci\n", Kind.CACHE) == []


@pytest.mark.parametrize(
    ("copy", "files", "expected"),
    [
        ("COPY . /app", ["a"], [("/app", True)]),
        ("COPY a.txt /app/", ["a.txt"], [("/app/a.txt", False)]),
        ("COPY a.txt /b.txt", ["a.txt"], [("/b.txt", False)]),
        ("COPY src /app/src", ["src/x"], [("/app/src", True)]),
        ("COPY *.txt /app/", ["a.txt", "b.txt", "c.md"], [("/app/a.txt", False), ("/app/b.txt", False)]),
        ("ADD x.tar.gz /opt/", ["x.tar.gz"], [("/opt", True)]),
        ("COPY <<EOF /x\nhi\nEOF", [], [("/x", False)]),
    ],
)
def test_what_a_copy_places(copy: str, files: list[str], expected: list[tuple[str, bool]]) -> None:
    context = BuildContext(dict.fromkeys(files), complete=True)
    (layer,) = layers(f"FROM debian:bookworm\n{copy}\n", context)
    assert [(write.path, write.tree) for write in layer.writes] == expected


def test_dockerignore_hides_files() -> None:
    context = BuildContext({".dockerignore": "*.md\n", "a.md": "x", "b.txt": "y"}, complete=True)
    (layer,) = layers("FROM debian:bookworm\nCOPY *.md *.txt /app/\n", context)
    assert [write.path for write in layer.writes] == ["/app/b.txt"]


TWO = """FROM golang:1.22-bookworm AS build
WORKDIR /app
COPY . .
RUN go build -o server .
FROM debian:bookworm-slim
COPY --from=build /app/server /server
"""


def test_histories_follow_copies_between_stages() -> None:
    history = History(interpret(read(TWO), BuildContext.unknown()))
    assert history.of("/server") == ("context:.", "run:/app:go build -o server .")
    assert history.covering("/app") == ()


def test_the_program_is_followed_through_scripts() -> None:
    context = BuildContext(
        {"start.sh": "#!/bin/sh\ncd /srv\nexec npm start\n", "package.json": '{"scripts": {"start": "node dist/x.js"}}'}, complete=True
    )
    dockerfile = read('FROM node:22\nWORKDIR /srv\nCOPY . .\nCMD ["./start.sh"]\n')
    image, views = interpret_with_views(dockerfile, context)
    program = program_of(image.stages[0], views[0])
    assert {"npm", "node"} <= program.names
    assert "/srv/dist/x.js" in program.paths()
    assert program.shell and not program.unread
