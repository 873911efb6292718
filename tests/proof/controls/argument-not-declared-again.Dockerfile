# app: py-meetings
# ARG VERSION belongs to the build stage alone, so that APP_VERSION in the runtime stage is empty.
# by: config ENV APP_VERSION
FROM python:3.12 AS build

ARG VERSION=0.0.0

ENV PYTHONUNBUFFERED=1
ENV APP_VERSION=$VERSION
ENV TZ=America/New_York

RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y tzdata sqlite3 && rm -rf /var/lib/apt/lists/*

WORKDIR /code
COPY ./requirements.txt /code/requirements.txt
RUN pip install --no-cache-dir --upgrade -r /code/requirements.txt

FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1
ENV APP_VERSION=$VERSION
ENV TZ=America/New_York
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y tzdata sqlite3 && rm -rf /var/lib/apt/lists/*
WORKDIR /code
COPY --from=build /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages
COPY --from=build /usr/local/bin /usr/local/bin

COPY . /code

EXPOSE 80
ENTRYPOINT ["/code/entrypoint.sh"]
CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "80"]
