"""Negative controls: rewrites that are wrong in a known way, each of which the verifier must refuse."""

from __future__ import annotations

import pytest

from service.context import BuildContext
from service.dockerfile import read
from service.image.interpret import interpret, interpret_with_views
from service.image.program import program_of
from service.image.verdict import Verdict
from service.image.verify import Pair, verify

GO = """FROM golang:1.22-bookworm
ARG VERSION=1
ENV MODE=prod VERSION=$VERSION
RUN apt-get update && apt-get install -y libvips-dev tini && rm -rf /var/lib/apt/lists/*
RUN useradd app
WORKDIR /app
COPY . .
RUN go build -o server .
RUN ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime
USER app
EXPOSE 8080
HEALTHCHECK CMD curl -f http://localhost:8080
CMD ["./server", "-c", "conf/app.yaml"]
"""
GOOD = """FROM golang:1.22-bookworm AS build
ARG VERSION=1
ENV MODE=prod VERSION=$VERSION
RUN apt-get update && apt-get install -y libvips-dev tini && rm -rf /var/lib/apt/lists/*
RUN useradd app
WORKDIR /app
COPY . .
RUN go build -o server .
RUN ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y ca-certificates curl libvips42 tini && rm -rf /var/lib/apt/lists/*
ARG VERSION=1
ENV MODE=prod VERSION=$VERSION
RUN useradd app
RUN ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime
WORKDIR /app
COPY --from=build /app/server /app/server
COPY --from=build /app/conf /app/conf
COPY --from=build /app/templates /app/templates
USER app
EXPOSE 8080
HEALTHCHECK CMD curl -f http://localhost:8080
CMD ["./server", "-c", "conf/app.yaml"]
"""
CONTEXT = BuildContext(
    {"main.go": "package main", "go.mod": "module x", "conf/app.yaml": "a: 1", "templates/index.html": "x", "README.md": "x"}, complete=True
)


def verdict(before: str, after: str, context: BuildContext = CONTEXT) -> Verdict:
    (one, views), other = interpret_with_views(read(before), context), interpret(read(after), context)
    view = views[one.final]
    return verify(Pair(one, other, context, view, program_of(one.stages[one.final], view)))


def test_the_right_rewrite_verifies() -> None:
    found = verdict(GO, GOOD)
    assert found.failures == ()
    assert found.level == "assumed"
    assert {one.key for one in found.differences} == {"ENV PATH", "ENV GOLANG_VERSION", "ENV GOTOOLCHAIN", "ENV GOPATH"}
    assert "/go/pkg" in {one.path for one in found.left_behind}


def test_the_same_file_is_proved() -> None:
    assert verdict(GO, GO) == Verdict("proved")


WRONG = {
    "a setting is lost": ("ENV MODE=prod VERSION=$VERSION\nRUN useradd app\nRUN ln", "RUN useradd app\nRUN ln"),
    "an argument is not declared": (
        "ca-certificates curl libvips42 tini && rm -rf /var/lib/apt/lists/*\nARG VERSION=1",
        "ca-certificates curl libvips42 tini",
    ),
    "the user is not made": ("RUN useradd app\nRUN ln", "RUN ln"),
    "the user is lost": ("USER app\nEXPOSE", "EXPOSE"),
    "the port is lost": ("EXPOSE 8080\n", ""),
    "the health check is lost": ("HEALTHCHECK CMD curl -f http://localhost:8080\n", ""),
    "curl is lost": ("ca-certificates curl libvips42", "ca-certificates libvips42"),
    "the library is lost": ("curl libvips42 tini", "curl tini"),
    "a package is lost": ("libvips42 tini", "libvips42"),
    "the time zone is lost": ("RUN ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime\nWORKDIR", "WORKDIR"),
    "the configuration is lost": ("COPY --from=build /app/conf /app/conf\n", ""),
    "the templates are lost": ("COPY --from=build /app/templates /app/templates\n", ""),
    "the program is lost": ("COPY --from=build /app/server /app/server\n", ""),
    "the program is misspelt": ("/app/server /app/server", "/app/serve /app/server"),
    "the program lies elsewhere": ("/app/server /app/server", "/app/server /srv/server"),
    "the folder changes": ("WORKDIR /app\nCOPY --from", "WORKDIR /srv\nCOPY --from"),
    "the command changes": ('CMD ["./server", "-c", "conf/app.yaml"]\n', 'CMD ["./server"]\n'),
    "another C library": ("FROM debian:bookworm-slim", "FROM alpine:3.20"),
    "no shell": ("FROM debian:bookworm-slim", "FROM gcr.io/distroless/static-debian12"),
    "the source of a copy is not built": ("/app/templates /app/templates", "/nowhere /app/templates"),
}


def test_a_folder_that_only_the_build_stage_has_is_not_gone_to() -> None:
    body = "WORKDIR /\nCOPY . /src\nRUN cd /src && go build -o /bin/app && cd / && mkdir -p /var/spool/app\n"
    before = f'FROM golang:1.22\n{body}CMD ["/bin/app"]\n'
    head = f"FROM golang:1.22 AS build\n{body}FROM debian:bookworm-slim\n"
    tail = 'WORKDIR /\nCOPY --from=build /bin/app /bin/app\nCMD ["/bin/app"]\n'
    context = BuildContext({"main.go": "package main", "go.mod": "module x"}, complete=True)
    wrong = verdict(before, f"{head}RUN cd /src && cd / && mkdir -p /var/spool/app\n{tail}", context)
    assert "/src, which a line of the runtime stage goes to, would not be there" in wrong.failures
    assert verdict(before, f"{head}RUN cd / && mkdir -p /var/spool/app\n{tail}", context).failures == ()


def test_manifests_lie_where_the_install_looks_for_them() -> None:
    context = BuildContext({"reqs/a.txt": "-r b.txt", "reqs/b.txt": "flask", "main.py": "x"}, complete=True)
    before = 'FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install -r reqs/a.txt\nCMD ["python", "main.py"]\n'

    def failures(copy: str) -> tuple[str, ...]:
        return verdict(before, before.replace("COPY . .\n", copy).replace("CMD", "COPY . .\nCMD"), context).failures

    assert failures("COPY reqs/a.txt reqs/b.txt ./reqs/\n") == ()
    assert "`pip install` would not find reqs/b.txt in /app/reqs/b.txt" in failures("COPY reqs/a.txt ./reqs/\nCOPY reqs/b.txt ./\n")
    assert "reqs/b.txt would lie in /app/b.txt too" in failures("COPY reqs/a.txt reqs/b.txt ./reqs/\nCOPY reqs/b.txt ./\n")


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rewrite_is_refused(name: str) -> None:
    old, new = WRONG[name]
    head, _, tail = GOOD.partition("FROM debian")
    after = head + ("FROM debian" + tail).replace(old, new, 1) if old in "FROM debian" + tail else GOOD.replace(old, new, 1)
    assert after != GOOD
    assert verdict(GO, after).level == "failed"


def test_a_cache_mount_over_what_ships_is_refused() -> None:
    before = 'FROM node:22-bookworm\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD ["node", "x.js"]\n'
    after = before.replace("RUN npm", "RUN --mount=type=cache,target=/app npm")
    assert verdict(before, after, BuildContext.unknown()).level == "failed"


def test_node_modules_left_behind_are_refused() -> None:
    before = 'FROM node:22-bookworm\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\nCMD ["node", "dist/x.js"]\n'
    after = before.replace("FROM node:22-bookworm", "FROM node:22-bookworm AS build").replace(
        "CMD", "FROM node:22-bookworm-slim\nWORKDIR /app\nCOPY --from=build /app/dist /app/dist\nCMD"
    )
    assert verdict(before, after, BuildContext.unknown()).level == "failed"


def test_commands_in_another_order_are_refused() -> None:
    before = 'FROM node:22-bookworm\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN npm run build\nCMD ["node", "x.js"]\n'
    after = before.replace("RUN npm ci\nRUN npm run build", "RUN npm run build\nRUN npm ci")
    assert verdict(before, after, BuildContext.unknown()).level == "failed"


MIRROR = "RUN sed -i 's/deb.debian.org/mirror.example.com/' /etc/apt/sources.list\n"
LISTED = "RUN apt-get update && apt-get install -y libvips-dev tini"


def test_a_package_source_goes_only_where_nothing_comes_from_it() -> None:
    """The list of repositories is written before the packages: tini comes from there. Written behind them it serves nothing."""
    early, late = GO.replace(LISTED, MIRROR + LISTED), GO.replace("RUN useradd app\n", MIRROR + "RUN useradd app\n")
    assert any("sources.list" in failure for failure in verdict(early, GOOD.replace(LISTED, MIRROR + LISTED, 1)).failures)
    behind = GOOD.replace("RUN useradd app\n", MIRROR + "RUN useradd app\n", 1)
    assert not any("sources.list" in failure for failure in verdict(late, behind).failures)


HELPED = """FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y g++-12 curl && rm -rf /var/lib/apt/lists/*
RUN update-alternatives --install /usr/bin/g++ g++ /usr/bin/g++-12 10
WORKDIR /src
COPY main.cc .
RUN curl -fsSL https://example.org/list.txt -o /srv/list.txt && g++ -o /usr/local/bin/serve main.cc
CMD ["/usr/local/bin/serve", "/srv/list.txt"]
"""


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("", ""),
        ("RUN update-alternatives --install /usr/bin/g++ g++ /usr/bin/g++-12 10\n", "/usr/bin/g++-12, an alternative, would not be there"),
        ("RUN curl -fsSL https://example.org/list.txt -o /srv/list.txt\n", "curl, which a line of the runtime stage calls, would not be there"),
    ],
    ids=["neither", "alternative", "fetcher"],
)
def test_what_a_line_of_the_runtime_stage_calls_is_there(line: str, wrong: str) -> None:
    context = BuildContext({"main.cc": "int main() {}"}, complete=True)
    build, _, rest = HELPED.rpartition("CMD")
    copies = "COPY --from=build /usr/local/bin/serve /usr/local/bin/serve\nCOPY --from=build /srv/list.txt /srv/list.txt\n"
    final = "\nFROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y ca-certificates && rm -rf /var/lib/apt/lists/*\nWORKDIR /src\n"
    after = build.replace("slim\n", "slim AS build\n", 1) + final + line + copies + "CMD" + rest
    failures = verdict(HELPED, after, context).failures
    assert failures == () if not wrong else wrong in failures
