# app: cpp-posters
# libqrencode.so.4 is gone: ldd of the program does not name it, one of the plugins that it loads by dlopen does.
# by: probe GET :8088/poster/qr?text=restage
FROM gcc:13 AS build

RUN apt-get update
RUN apt-get install -y cmake libmicrohttpd-dev libqrencode-dev pkg-config

COPY . /posters
WORKDIR /posters

RUN cmake -S . -B build -DCMAKE_BUILD_TYPE=Release && \
    cmake --build build -j 2 && \
    cmake --install build --strip && \
    # libposter.so.1 is in /usr/local/lib now
    ldconfig

FROM gcc:13
LABEL maintainer="posters@example.org"
RUN apt-get update && apt-get install -y libmicrohttpd12 && rm -rf /var/lib/apt/lists/*
WORKDIR /posters
COPY --from=build /usr/local/bin/posters /usr/local/bin/posters
COPY --from=build /usr/local/lib/libposter.so.1 /usr/local/lib/libposter.so.1
COPY --from=build /usr/local/lib/posters /usr/local/lib/posters
RUN ldconfig
COPY fonts ./fonts
COPY web ./web

EXPOSE 8088
CMD ["posters", "8088"]
