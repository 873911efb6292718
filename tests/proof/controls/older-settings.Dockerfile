# app: php-menu
# config/php.ini is an older one, without expose_php: every page is the same, and every answer tells PHP's version.
# by: probe GET :8080/
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
RUN sed -i /expose_php/d config/php.ini
USER www-data

EXPOSE 8080
# php -S knows SIGINT only
STOPSIGNAL SIGINT
CMD ["php", "-c", "config/php.ini", "-S", "0.0.0.0:8080", "-t", "public", "public/index.php"]
