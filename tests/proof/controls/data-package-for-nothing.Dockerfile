# app: rust-anagrams
# wamerican is gone: a package without a program or a library, but with the words.
# by: probe run Listen
FROM rust:1-slim-bookworm AS build

WORKDIR /usr/src/anagrams
COPY . .

ARG GIT_COMMIT=unknown
RUN cargo test --workspace --locked -q && cargo install --path . --locked

FROM rust:1-slim-bookworm

LABEL org.opencontainers.image.title="anagrams" \
      org.opencontainers.image.licenses="MIT"

COPY <<EOF /etc/anagrams.conf
# key = value
dictionary = /usr/share/dict/words
dictionary = /usr/share/anagrams/house.txt
min_length = 4
limit = 12
EOF

COPY --from=build /usr/local/cargo/bin/anagrams /usr/local/cargo/bin/anagrams
COPY words/house.txt /usr/share/anagrams/house.txt

WORKDIR /
USER nobody
ENTRYPOINT ["anagrams"]
CMD ["--help"]
