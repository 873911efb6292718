# app: php-menu
# EXPOSE is gone: `docker run -P` and proxies that look at the image's ports find none.
# by: config EXPOSE 8080/tcp
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

# php -S knows SIGINT only
STOPSIGNAL SIGINT
CMD ["php", "-c", "config/php.ini", "-S", "0.0.0.0:8080", "-t", "public", "public/index.php"]
