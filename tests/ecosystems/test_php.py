"""What composer.json says, and where Composer, extensions and PECL write."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.ecosystems import CATALOGUE, Invocation, Phase
from service.ecosystems.php import local_references, packages_of
from service.knowledge.images import base_image


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        ({"autoload": {"psr-4": {"App\\": "src/"}}}, ()),
        ({"repositories": [{"type": "path", "url": "packages/mail"}]}, ("packages/mail",)),
        ({"repositories": {"own": {"type": "vcs", "url": "https://example.com/x"}}}, ()),
        ({"repositories": [{"type": "path", "url": "packages/*"}]}, None),
        ({"autoload": {"files": ["helpers.php"]}}, None),
        ({"autoload-dev": {"classmap": ["tests/"]}}, None),
        ({"scripts": {"post-autoload-dump": "@php artisan package:discover"}}, None),
        ({"scripts": {"lint": "phpcs"}}, ()),
        ({"config": {"allow-plugins": {"symfony/flex": True}}}, None),
        ({"config": {"allow-plugins": {"symfony/flex": False}}}, ()),
        ({"config": {"optimize-autoloader": True}}, None),
        ({"extra": {"laravel": {}}}, ()),
        ({"extra": {"patches": {}}}, None),
    ],
)
def test_what_installing_reads(data: dict[str, Any], paths: tuple[str, ...] | None) -> None:
    assert local_references("composer.json", json.dumps(data)) == paths


def test_what_cannot_be_read_is_not_known() -> None:
    assert local_references("composer.json", "[") is None
    assert packages_of("composer.json", "[") is None
    assert packages_of("composer.lock", "[]") is None


def test_packages_of_the_manifest_and_of_the_lock() -> None:
    assert packages_of("composer.json", '{"require": {"php": "^8.2", "ext-gd": "*", "monolog/monolog": "^3"}}') == ("ext-gd", "monolog/monolog")
    assert packages_of("composer.lock", '{"packages": [{"name": "psr/log"}, 1], "packages-dev": "no"}') == ("psr/log",)


@pytest.mark.parametrize(
    ("command", "base", "env", "writes"),
    [
        ("composer install", "php:8.3", {}, ("/app",)),
        ("composer install -d /srv/x", "php:8.3", {}, ("/srv/x",)),
        ("php -d memory_limit=-1 composer.phar install", "php:8.3", {}, ("/app",)),
        ("composer create-project acme/site /srv/x", "php:8.3", {}, ("/srv/x",)),
        ("composer global require a/b", "php:8.3", {"PATH": "/root/.composer/vendor/bin:/bin"}, ("/root/.composer",)),
        ("composer global require a/b", "php:8.3", {"COMPOSER_HOME": "/opt/composer"}, ("/opt/composer",)),
        ("composer global require a/b", "composer:2", {"COMPOSER_HOME": "/tmp"}, None),
        ("composer global require a/b", "php:8.3", {}, None),
        ("php -- --install-dir=/usr/local/bin --filename=composer", "php:8.3", {}, ("/usr/local/bin/composer",)),
        ("docker-php-ext-install gd", "php:8.3", {}, ("/usr/local/lib/php/extensions", "/usr/local/etc/php/conf.d")),
        ("pecl install redis", "ubuntu:24.04", {}, None),
    ],
)
def test_where_it_writes(command: str, base: str, env: dict[str, str], writes: tuple[str, ...] | None) -> None:
    invocation = Invocation(tuple(command.split()), "/app", env, base=base_image(base))
    match = CATALOGUE.find(invocation)
    assert match is not None and match.step.writes(invocation, match.arguments) == writes


def test_an_optimised_install_reads_more_than_manifests() -> None:
    def manifests(command: str) -> tuple[str, ...]:
        invocation = Invocation(tuple(command.split()), "/app")
        match = CATALOGUE.find(invocation)
        install = match.step.install(invocation, match.arguments) if match is not None and match.step.install is not None else None
        assert install is not None
        return install.manifests

    assert manifests("composer install") == ("/app/composer.json", "/app/composer.lock")
    assert manifests("composer install -o") == ()


def test_a_text_that_writes_is_no_check() -> None:
    match = CATALOGUE.find(Invocation(("php", "-r", "echo PHP_VERSION;"), "/app"))
    assert match is not None and match.step.phase is Phase.CHECK
    assert CATALOGUE.find(Invocation(("php", "-r", "copy('https://example.com/x', '/etc/x');"), "/app")) is None
