# app: node-linkdir
# tsx is a devDependency, and yet what starts the server.
# by: probe GET :3000/
FROM node:22-slim AS build
WORKDIR /app

COPY package.json package-lock.json ./
RUN npm ci --no-fund --no-audit && npm cache clean --force
RUN npm prune --omit=dev --no-fund --no-audit

FROM node:22-slim
WORKDIR /app
COPY --from=build /app /app

COPY tsconfig.json ./
COPY src src
COPY plugins plugins
COPY links.yaml .

ENV PORT=3000
EXPOSE 3000
HEALTHCHECK CMD node -e "fetch('http://localhost:3000/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"

# no build: tsx runs the sources, and people mount their own plugins (.tsx) into /app/plugins
CMD ["npx", "tsx", "src/server.tsx"]
