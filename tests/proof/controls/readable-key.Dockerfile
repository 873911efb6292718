# app: go-tlscheck
# --chmod=755 for the folder's sake: the private key that only its owner could read is everybody's, and everything works.
# by: files
FROM golang:1.23-bookworm AS build

ARG VERSION=dev
ARG GIT_COMMIT=unknown

# A root of our own for the self test. It goes into the system bundle, since the
# point of the tool is to check against what the system trusts.
COPY scripts/lab-ca.sh /usr/local/sbin/
RUN lab-ca.sh /etc/tlscheck/selftest \
 && update-ca-certificates \
 && chown -R nobody:nogroup /etc/tlscheck/selftest

WORKDIR /src

COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg go mod download

COPY main.go ./
COPY cmd ./cmd
RUN --mount=type=cache,target=/go/pkg --mount=type=cache,target=/root/.cache/go-build CGO_ENABLED=0 go build -trimpath \
      -ldflags "-s -w -X example.org/tlscheck/cmd.version=${VERSION} -X example.org/tlscheck/cmd.commit=${GIT_COMMIT}" \
      -o /usr/local/bin/tlscheck .

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates openssl && rm -rf /var/lib/apt/lists/*
ARG VERSION=dev
ARG GIT_COMMIT=unknown
COPY --from=build /usr/local/share/ca-certificates /usr/local/share/ca-certificates
COPY --from=build /etc/ssl/certs /etc/ssl/certs
COPY --from=build --chown=nobody:nogroup --chmod=755 /etc/tlscheck/selftest /etc/tlscheck/selftest
WORKDIR /src
COPY --from=build /usr/local/bin/tlscheck /usr/local/bin/tlscheck

COPY policies /etc/tlscheck/policies

LABEL org.opencontainers.image.title="tlscheck" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${GIT_COMMIT}"

USER nobody
ENTRYPOINT ["tlscheck"]
CMD ["--help"]
