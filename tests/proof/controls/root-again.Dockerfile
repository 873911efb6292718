# app: node-sqlite-notes
# USER is gone: the program works as before, but as root.
# by: config User
FROM node:20-slim AS build

# sqlite3 is a native addon; link it with the system's SQLite
RUN apt-get update && apt-get install -y --no-install-recommends \
    python3 \
    make \
    g++ \
    libsqlite3-dev \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /usr/src/app

# node-gyp: use the headers that come with the image
ENV npm_config_nodedir=/usr/local

COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --build-from-source --sqlite=/usr

COPY tsconfig.json ./
COPY src ./src
COPY migrations ./migrations
RUN npm run build

ENV NODE_ENV=production
ENV DATA_DIR=/usr/src/app/data
RUN mkdir data && chown node:node data
RUN npm prune --omit=dev

FROM node:20-slim
RUN apt-get update && apt-get install -y --no-install-recommends libsqlite3-0 && rm -rf /var/lib/apt/lists/*
ENV npm_config_nodedir=/usr/local
ENV NODE_ENV=production
ENV DATA_DIR=/usr/src/app/data
WORKDIR /usr/src/app
COPY --from=build /usr/src/app /usr/src/app

EXPOSE 3000
CMD ["node", "dist/server.js"]
