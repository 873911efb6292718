# app: rust-trails
# The RUN that filled the database looked like a part of the build: the server starts, and finds no trails.
# by: probe GET :8000/
FROM rust:1.83 AS build

RUN apt-get update && apt-get install -y tini && rm -rf /var/lib/apt/lists/*

WORKDIR /usr/src/trails

# compile the dependencies alone first, they rarely change
COPY Cargo.toml Cargo.lock ./
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/usr/local/cargo/git mkdir src \
    && echo 'fn main() { println!("placeholder"); }' > src/main.rs \
    && cargo build --release --locked \
    && rm -rf src

COPY src ./src
# cargo looks at the time stamp only
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/usr/local/cargo/git touch src/main.rs && cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libsqlite3-0 && rm -rf /var/lib/apt/lists/*
RUN apt-get update && apt-get install -y tini && rm -rf /var/lib/apt/lists/*
WORKDIR /usr/src/trails
COPY --from=build /usr/src/trails/target/release/trails /usr/src/trails/target/release/trails

COPY templates ./templates
COPY data ./data

ENV TRAILS_DB=/var/lib/trails/trails.db \
    TRAILS_ADDR=0.0.0.0:8000

RUN useradd --uid 1001 --no-create-home --shell /usr/sbin/nologin trails \
    && mkdir -p /var/lib/trails \
    && chown -R trails: /var/lib/trails

USER trails
EXPOSE 8000
ENTRYPOINT ["tini", "--", "./target/release/trails"]
CMD ["serve"]
