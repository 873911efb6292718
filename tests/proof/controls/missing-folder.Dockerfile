# app: go-wiki
# pages/ is gone: the stylesheet is embedded in the program, the texts are not.
# by: probe GET :8080/rules
FROM golang:1.23 AS build

ARG VERSION=dev

WORKDIR /src

COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg go mod download

COPY . .
RUN --mount=type=cache,target=/go/pkg --mount=type=cache,target=/root/.cache/go-build CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o wiki ./cmd/wiki

FROM gcr.io/distroless/static-debian12
ARG VERSION=dev
WORKDIR /src
COPY --from=build /src/wiki /src/wiki
COPY --from=build /src/proof.toml /src/proof.toml
COPY --from=build /src/config /src/config
COPY --from=build /src/templates /src/templates
COPY --from=build /src/cmd /src/cmd

LABEL org.opencontainers.image.title="wiki" \
      org.opencontainers.image.version="${VERSION}"

EXPOSE 8080
CMD ["./wiki", "-config", "config/app.yaml"]
