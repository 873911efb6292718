# app: php-menu
# config/php.ini is PHP's own: the server starts, in another time zone and without the settings of the program.
# by: probe POST :8080/book
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
COPY --from=build /usr/lib/php/8.2/php.ini-production /var/www/menu/config/php.ini
USER www-data

EXPOSE 8080
# php -S knows SIGINT only
STOPSIGNAL SIGINT
CMD ["php", "-c", "config/php.ini", "-S", "0.0.0.0:8080", "-t", "public", "public/index.php"]
