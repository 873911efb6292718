# app: py-tide-tables
# Both requirement files in one folder: prod.txt does not find base.txt beside it where it is told to look.
# by: build
FROM python:3.12 AS build
COPY requirements/base.txt /srv/tides/
COPY requirements/prod.txt /srv/tides/requirements/
RUN pip install --no-cache-dir -r /srv/tides/requirements/prod.txt

COPY . /srv/tides
RUN python -m compileall -q /srv/tides/tides

# Whoever the container runs as is in group 0.
RUN chgrp -R 0 /srv/tides && chmod -R g=u /srv/tides

FROM python:3.12-slim
RUN mkdir -p /srv/tides && chmod g=u /srv/tides
COPY --from=build /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages
COPY --from=build /usr/local/bin /usr/local/bin
COPY --from=build /srv/tides /srv/tides
USER 1001

WORKDIR /srv/tides
EXPOSE 8090
CMD ["waitress-serve", "--port=8090", "tides:app"]
