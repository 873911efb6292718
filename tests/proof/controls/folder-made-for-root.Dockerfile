# app: node-pier-log
# The copy makes the folder that pier had made, for root: nothing can be noted in it.
# by: probe POST :4100/albatross
FROM debian:bookworm AS build

RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm \
    && useradd --create-home pier
USER pier

# The log is written beside the program.
RUN mkdir -p /home/pier/site
COPY --chown=pier:pier package.json package-lock.json /home/pier/site/
RUN cd /home/pier/site && npm ci --no-audit --no-fund

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends nodejs ca-certificates && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home pier
USER pier
COPY --from=build /home/pier/site /home/pier/site
COPY --chown=pier:pier server.js /home/pier/site/

ENV PORT=4100
EXPOSE 4100
CMD ["node", "/home/pier/site/server.js"]
