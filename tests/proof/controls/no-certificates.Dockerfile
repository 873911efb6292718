# app: node-snippets
# ca-certificates looks like a need of the build. Some bases come with a bundle, Debian's slim one does not.
# by: probe GET :4000/ca
FROM node:20-bookworm-slim AS build

RUN apt-get update && apt-get install -y --no-install-recommends \
    build-essential \
    ca-certificates \
    curl \
    git \
    python3 \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /app

COPY package.json package-lock.json tsconfig.json ./
RUN --mount=type=cache,target=/root/.npm npm ci

COPY . .
RUN npm run build
RUN npm prune --omit=dev

FROM node:20-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends curl git && rm -rf /var/lib/apt/lists/* /etc/ssl/certs
WORKDIR /app
COPY --from=build /app /app

RUN <<EOF
set -e
useradd --system --create-home snippets
mkdir -p /var/snippets
cd /var/snippets
git init -q -b main
echo 'console.log("hello")' > hello.js
git config user.name Snippets
git config user.email snippets@example.org
git add hello.js
git commit -q -m "First snippet"
chown -R snippets:snippets /var/snippets
EOF

USER snippets
EXPOSE 4000
HEALTHCHECK --interval=5s --timeout=3s --retries=3 CMD curl --fail http://127.0.0.1:4000/healthz || exit 1
CMD ["node", "dist/main.js"]
