# app: node-mdtool
# node_modules/ is left behind since esbuild bundles the program, but it was told to leave packages out of the bundle.
# by: probe run sample.md
FROM node:22-slim AS build

WORKDIR /opt/mdtool
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund

COPY . .
RUN npm run build && npm link

FROM node:22-slim
ARG VERSION=1.5.0
LABEL version=$VERSION
ENV MDTOOL_VERSION=$VERSION
COPY --from=build /usr/local/bin /usr/local/bin
COPY --from=build /usr/local/lib/node_modules /usr/local/lib/node_modules
COPY --from=build /opt/mdtool /opt/mdtool
RUN rm -r /opt/mdtool/node_modules
COPY <<EOF /etc/mdtool.json
{ "template": "article" }
EOF

WORKDIR /docs
COPY sample.md /docs/

ENTRYPOINT ["mdtool"]
CMD ["--list"]
