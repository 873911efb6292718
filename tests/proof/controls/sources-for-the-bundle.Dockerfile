# app: node-shop-views
# assets/ holds the sources of public/build/ under the same names: the pages load, but not what esbuild made of them.
# by: probe GET :8080/static/build/style.css
FROM node:20 AS build

WORKDIR /app
COPY package.json ./

RUN --mount=type=cache,target=/root/.npm npm install
COPY . .
RUN npm run build
RUN npm prune --omit=dev

FROM node:20-slim
WORKDIR /app
COPY --from=build /app /app
COPY --from=build /app/assets /app/public/build

ENV NODE_ENV=production
ENV SHOP_NAME="Corner Shop"
EXPOSE 8080

ENTRYPOINT ["./docker-entrypoint.sh"]
CMD ["npm", "start"]
