# app: c-calcd
# CMD reads the settings in the source folder, which are the same today; who mounts others mounts them over the old path.
# by: config Cmd
FROM debian:bookworm-slim AS build

ENV DEBIAN_FRONTEND noninteractive

RUN apt-get update && apt-get install -y --no-install-recommends \
    bc \
    gcc \
    libc6-dev \
    libconfig-dev \
    locales \
    make \
    # libconfig is found by pkg-config
    pkg-config \
    units \
    && rm -rf /var/lib/apt/lists/*

# decimal comma, please
RUN sed -i 's/^# *\(de_DE.UTF-8\)/\1/' /etc/locale.gen && locale-gen
ENV LANG de_DE.UTF-8

ENV PREFIX /opt/calcd
ENV PATH $PREFIX/bin:$PATH

WORKDIR /src
COPY Makefile .
COPY src src
COPY conf conf
RUN make && make install && make clean

FROM debian:bookworm-slim
ENV DEBIAN_FRONTEND noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends \
    bc \
    libconfig9 \
    locales \
    units \
    && rm -rf /var/lib/apt/lists/*
RUN sed -i 's/^# *\(de_DE.UTF-8\)/\1/' /etc/locale.gen && locale-gen
ENV LANG de_DE.UTF-8
ENV PREFIX /opt/calcd
ENV PATH $PREFIX/bin:$PATH
WORKDIR /src
COPY --from=build /src/conf /src/conf
COPY --from=build /opt/calcd/bin/calcd /opt/calcd/bin/calcd
COPY --from=build /opt/calcd/etc /opt/calcd/etc

RUN useradd -r -u 990 -d $PREFIX -s /usr/sbin/nologin calcd \
    && install -d -o calcd -g calcd -m 750 /var/log/calcd

USER calcd
WORKDIR /
EXPOSE 7070
CMD ["calcd", "-c", "/src/conf/calcd.conf"]
