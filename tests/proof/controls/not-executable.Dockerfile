# app: py-thumbs
# --chmod=644 takes the executable bit of bin/thumb.sh, which the program calls.
# by: probe GET :5000/thumb/flag?size=4x4
FROM python:3.12-slim-bookworm AS build

RUN apt-get update && apt-get install -y --no-install-recommends \
        ca-certificates \
        curl \
        gcc \
        imagemagick \
        python3-dev \
        zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*

RUN groupadd --gid 1000 thumbs && useradd --uid 1000 --gid thumbs --home-dir /home/thumbs --create-home thumbs

WORKDIR /home/thumbs/app

COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt setuptools

COPY --chown=thumbs:thumbs . .
RUN python setup.py build_ext --inplace && rm -rf build

FROM python:3.12-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl imagemagick && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 1000 thumbs && useradd --uid 1000 --gid thumbs --home-dir /home/thumbs --create-home thumbs
WORKDIR /home/thumbs/app
COPY --from=build /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages
COPY --from=build /usr/local/bin /usr/local/bin
COPY --from=build /home/thumbs/app /home/thumbs/app
COPY --from=build --chmod=644 /home/thumbs/app/bin/thumb.sh /home/thumbs/app/bin/thumb.sh

RUN mkdir -p /data/uploads && chown -R thumbs:thumbs /data
USER thumbs

EXPOSE 5000
HEALTHCHECK --interval=5s --timeout=3s CMD curl -fs http://localhost:5000/health || exit 1
CMD ["python", "server.py"]
