# app: php-menu
# STOPSIGNAL is gone: the server does not know SIGTERM as PID 1, and is killed after ten seconds.
# by: config StopSignal
FROM php:8.2-cli AS build

# node and esbuild are for the front end only
RUN apt-get update && apt-get install -y --no-install-recommends esbuild nodejs && apt-get clean

WORKDIR /var/www/menu
COPY . .

RUN node frontend/build.mjs

RUN mkdir var && chown www-data:www-data var

FROM php:8.2-cli
RUN apt-get update && apt-get install -y --no-install-recommends esbuild && rm -rf /var/lib/apt/lists/*
WORKDIR /var/www/menu
COPY --from=build /var/www/menu /var/www/menu
USER www-data

EXPOSE 8080
CMD ["php", "-c", "config/php.ini", "-S", "0.0.0.0:8080", "-t", "public", "public/index.php"]
