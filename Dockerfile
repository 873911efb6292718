FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /opt/restage
COPY requirements.lock ./
RUN --mount=type=cache,target=/root/.cache/pip /opt/restage/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY service service
RUN --mount=type=cache,target=/root/.cache/pip /opt/restage/bin/pip install --no-deps .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin restage && install -d -o 10001 -g 10001 -m 700 /var/lib/restage
COPY --from=build /opt/restage /opt/restage
ENV PATH=/opt/restage/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8080 \
    RESTAGE_STATE=/var/lib/restage
WORKDIR /opt/restage
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=2)"]
CMD ["gunicorn", "-c", "python:service.http.server"]
