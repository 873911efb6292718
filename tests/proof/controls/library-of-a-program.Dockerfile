# app: go-sqlite-inventory
# libsqlite3.so.0 is gone: the program looks static, as Go's mostly are, but cgo linked it with Debian's SQLite.
# by: start
FROM golang:1.22-bookworm AS build

RUN apt-get update && apt-get install -y libsqlite3-dev

WORKDIR /opt/inventory
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg go mod download
COPY . .

# link with Debian's sqlite, the bundled one takes ages to compile
ENV CGO_ENABLED=1
RUN --mount=type=cache,target=/go/pkg --mount=type=cache,target=/root/.cache/go-build go build -tags libsqlite3 -o inventory .

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/inventory
COPY --from=build /opt/inventory/inventory /opt/inventory/inventory
COPY --from=build /opt/inventory/proof.toml /opt/inventory/proof.toml
COPY --from=build /opt/inventory/schema /opt/inventory/schema

RUN useradd -r -u 1500 inventory && mkdir data && chown inventory data
USER inventory
VOLUME /opt/inventory/data

EXPOSE 9090
ENTRYPOINT ["/opt/inventory/inventory"]
