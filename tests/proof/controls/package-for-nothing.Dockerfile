# app: go-gitstat
# git is gone: the file never installed it, since the golang base has it, and the program calls it.
# by: probe run
FROM golang:1.23-bookworm AS build

ARG VERSION
ARG COMMIT=none

WORKDIR /build

COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg go mod download && go mod verify

COPY Makefile ./
COPY cmd ./cmd
COPY stat ./stat
RUN --mount=type=cache,target=/go/pkg --mount=type=cache,target=/root/.cache/go-build make install VERSION=${VERSION} COMMIT=${COMMIT}

COPY make-demo.sh /usr/local/bin/
RUN make-demo.sh /repo

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY --from=build /go/bin/gitstat /go/bin/gitstat

COPY docker-entrypoint.sh /usr/local/bin/
COPY --from=build /repo /repo

WORKDIR /repo
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["gitstat"]
