# app: py-tide-tables
# The copy makes the folder with the usual mode: whoever is in group 0 cannot write in it.
# by: probe POST :8090/whitby
FROM python:3.12 AS build
COPY requirements/prod.txt requirements/base.txt /srv/tides/requirements/
RUN pip install --no-cache-dir -r /srv/tides/requirements/prod.txt

COPY . /srv/tides
RUN python -m compileall -q /srv/tides/tides

# Whoever the container runs as is in group 0.
RUN chgrp -R 0 /srv/tides && chmod -R g=u /srv/tides

FROM python:3.12-slim
COPY --from=build /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages
COPY --from=build /usr/local/bin /usr/local/bin
COPY --from=build /srv/tides /srv/tides
USER 1001

WORKDIR /srv/tides
EXPOSE 8090
CMD ["waitress-serve", "--port=8090", "tides:app"]
