# app: go-clock
# tzdata is gone, and with it the zones; the Go toolchain had a copy. Ubuntu's base has none, so Debian's is taken out.
# by: probe GET :8080/?t=1700000000
FROM golang:1.22 AS build

RUN apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y tzdata ca-certificates wget && \
    ln -sf /usr/share/zoneinfo/Europe/Vienna /etc/localtime && \
    echo "Europe/Vienna" > /etc/timezone

RUN mkdir -p /etc/clock && cat <<EOF > /etc/clock/settings.json
{
  "name": "World Clock",
  "zones": ["Asia/Kolkata", "America/Sao_Paulo", "Australia/Sydney"]
}
EOF

ADD . /go/src/clock
WORKDIR /go/src/clock
RUN --mount=type=cache,target=/go/pkg --mount=type=cache,target=/root/.cache/go-build go vet ./... && go build -o /usr/local/bin/clock

FROM debian:bookworm-slim
MAINTAINER clock@example.org
RUN apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get purge -y tzdata && DEBIAN_FRONTEND=noninteractive apt-get install -y ca-certificates wget && \
    echo "Europe/Vienna" > /etc/timezone && \
    rm -rf /var/lib/apt/lists/*
RUN mkdir -p /etc/clock && cat <<EOF > /etc/clock/settings.json
{
  "name": "World Clock",
  "zones": ["Asia/Kolkata", "America/Sao_Paulo", "Australia/Sydney"]
}
EOF
WORKDIR /go/src/clock
COPY --from=build /usr/local/bin/clock /usr/local/bin/clock
COPY --from=build /go/src/clock/proof.toml /go/src/clock/proof.toml
COPY --from=build /go/src/clock/web /go/src/clock/web

ENV PORT 8080
EXPOSE $PORT
HEALTHCHECK --interval=5s CMD wget -q -O /dev/null http://localhost:8080/ping || exit 1

CMD clock
