"""PHP: Composer, the public images' extension scripts, PECL, and the consoles of frameworks."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from typing import Any

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import here
from service.image.effects import LanguageInstall, Phase

_COMPOSER = "getcomposer.org/doc/03-cli.md"
_IMAGE = "docker-library/php docker-php-ext-install, -configure, -enable, docker-php-source; docs README, How to install more PHP extensions"
_PECL = "pear.php.net/manual/en/guide.users.commandline.php"
_PHP = "php.net/manual/en/features.commandline.options.php"
_VALUED = frozenset({"-d", "--working-dir", "--prefer-install", "--ignore-platform-req", "--audit-format", "--repository", "--stability", "-s"})
_EXTENSIONS = ("/usr/local/lib/php/extensions", "/usr/local/etc/php/conf.d")


def _folder(invocation: Invocation, arguments: Arguments) -> str:
    """The working directory, or --working-dir; `php -d memory_limit=-1 composer.phar` has a -d of its own."""
    named = [value for value in arguments.values("-d", "--working-dir") if value and "=" not in value]
    return invocation.path(named[-1] if named else ".")


def _project(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The project: vendor, the lock, and whatever plugins and scripts of composer.json write. At the root only vendor is named, since the root is
    no project."""
    folder = _folder(invocation, arguments)
    return ("/vendor",) if folder == "/" else (folder,)


def _created(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`composer create-project PACKAGE [FOLDER]`: without a folder the package's own name."""
    words = arguments.positionals
    if not words or None in words[:2]:
        return None
    name = words[1] if len(words) > 1 else (words[0] or "").rpartition("/")[2].partition(":")[0]
    return (posixpath.normpath(posixpath.join(_folder(invocation, arguments), name or ".")),)


def _home(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """COMPOSER_HOME: named, or told by the PATH that its programs need; ~/.composer and ~/.config/composer are both possible."""
    named = invocation.env.get("COMPOSER_HOME")
    if named:
        # The image of Composer itself keeps it in /tmp, where nothing is expected to stay.
        return None if invocation.path(named).startswith("/tmp") else (invocation.path(named),)
    ending = "/vendor/bin"
    for folder in invocation.env.get("PATH", "").split(":"):
        if folder.endswith(("/.composer" + ending, "/.config/composer" + ending)):
            return (folder.removesuffix(ending),)
    return None


def _cache(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Factory::getCacheDir: COMPOSER_CACHE_DIR, else the home's cache folder; a ~/.composer/cache that exists is taken before ~/.cache."""
    if arguments.has("--no-cache"):
        return ()
    named, home = invocation.env.get("COMPOSER_CACHE_DIR"), invocation.env.get("COMPOSER_HOME") or "~/.composer"
    return (invocation.path(named or f"{home}/cache"),)


def _install(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    """An optimised class map is made of the sources too: such an install has no manifests that would be enough for it."""
    folder = _folder(invocation, arguments)
    optimised = ("-o", "--optimize-autoloader", "-a", "--classmap-authoritative", "--apcu-autoloader")
    files = () if arguments.has(*optimised) else tuple(posixpath.join(folder, name) for name in ("composer.json", "composer.lock"))
    cache = (_cache(invocation, arguments) or (None,))[0]
    production = arguments.has("--no-dev") or invocation.env.get("COMPOSER_NO_DEV") == "1"
    return LanguageInstall("composer install", "php", (), files, posixpath.join(folder, "vendor"), production, cache)


def _own(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The public images' extensions; where Debian's PHP keeps them depends on its version."""
    return _EXTENSIONS if invocation.base.family == "php" else None


def _pear(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return ("/usr/local/lib/php", "/usr/local/bin") if invocation.base.family == "php" else None


def _enabled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return ("/usr/local/etc/php/conf.d",) if invocation.base.family == "php" else None


def _installer(arguments: Arguments) -> bool:
    """`php -- --install-dir=/usr/local/bin --filename=composer`, with Composer's installer on its standard input."""
    return any(word and word.startswith(("--install-dir", "--filename", "--version")) for word in arguments.positionals)


def _composer_itself(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """getcomposer.org/doc/00-intro.md: composer.phar in the working directory, unless --install-dir and --filename say otherwise."""
    given = [*arguments.options, *((word.partition("=")[0], word.partition("=")[2]) for word in arguments.positionals if word)]
    chosen = {name: value for name, value in given if value}
    return (invocation.path(posixpath.join(chosen.get("--install-dir", "."), chosen.get("--filename", "composer.phar"))),)


_WRITING = re.compile(r"file_put|fopen|copy|rename|mkdir|exec|system|popen|proc_|passthru|include|require|eval|touch|unlink|symlink|`")


def _prints(arguments: Arguments) -> bool:
    """Whether `php -r` only computes and prints."""
    texts = arguments.values("-r")
    return bool(texts) and not any(text is None or _WRITING.search(text) for text in texts)


def _asks(arguments: Arguments) -> bool:
    return _prints(arguments) or arguments.has("-l", "-v", "-m", "-i", "--ini", "--version", "--ri", "--info", "--modules", "--rf", "--re")


# --- manifests

_HOOKS = ("install", "update", "autoload")
_QUIET_EXTRA = frozenset({"laravel", "branch-alias", "thanks"})


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """Folders of `path` repositories; None where installing runs scripts or plugins, or reads classes and files of the project."""
    if name != "composer.json":
        return ()
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    scripts = [key for key in _table(data, "scripts") if any(hook in key for hook in _HOOKS) or key.startswith(("pre-", "post-"))]
    config = _table(data, "config")
    plugins = config.get("allow-plugins")
    loaded = [key for part in ("autoload", "autoload-dev") for key in ("classmap", "files") if _table(data, part).get(key)]
    optimised = any(config.get(key) for key in ("optimize-autoloader", "classmap-authoritative", "apcu-autoloader"))
    active = plugins is True or (isinstance(plugins, dict) and any(plugins.values()))
    if scripts or loaded or optimised or active or _table(data, "extra").keys() - _QUIET_EXTRA or config.get("vendor-dir"):
        return None
    return _paths(data.get("repositories"))


def _paths(repositories: object) -> tuple[str, ...] | None:
    rows = list(repositories.values()) if isinstance(repositories, dict) else repositories if isinstance(repositories, list) else []
    urls = [row.get("url") for row in rows if isinstance(row, dict) and row.get("type") in ("path", "artifact")]
    return None if any(not isinstance(url, str) or "*" in url for url in urls) else tuple(url for url in urls if isinstance(url, str))


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """The packages that composer.json asks for, or that the lock names; None where it cannot be read."""
    if name not in ("composer.json", "composer.lock"):
        return ()
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    if name == "composer.json":
        return tuple(package for section in ("require", "require-dev") for package in _table(data, section) if package != "php")
    rows = [row for section in ("packages", "packages-dev") for row in (data.get(section) or []) if isinstance(data.get(section), list)]
    return tuple(row["name"] for row in rows if isinstance(row, dict) and isinstance(row.get("name"), str))


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


_HERE = here(".")
_PHARS = "composer|composer.phar|/usr/bin/composer|/usr/local/bin/composer|./composer.phar|/usr/bin/composer.phar|/usr/local/bin/composer.phar"
_INSTALLS = "install|i|update|u|upgrade|require|r|remove|reinstall"
_OTHERS = "dump-autoload|dumpautoload|run-script|run|exec|config|bump|init|archive|fund|scripts"
_QUIET = (
    "self-update|selfupdate|validate|diagnose|show|info|about|audit|licenses|outdated|check-platform-reqs|status|why|depends|prohibits|search|list|help"
    "|--version|-V"
)


def _composer(prefix: str) -> tuple[Step, ...]:
    """Composer's rows for a way of calling it; `prefix` ends where its command stands."""
    valued = _VALUED
    return (
        Step(f"{prefix} {_INSTALLS}", Phase.INSTALL, writes=_project, caches=_cache, valued=valued, install=_install, source=_COMPOSER),
        Step(
            prefix,
            Phase.BUILD,
            writes=_project,
            valued=valued,
            # A script of composer.json is a command too: `composer build`.
            when=lambda arguments: bool(arguments.positionals),
            source=f"{_COMPOSER}#run-script-run",
        ),
        Step(f"{prefix} {_OTHERS}", Phase.BUILD, writes=_project, valued=valued, source=_COMPOSER),
        Step(f"{prefix} create-project", Phase.INSTALL, writes=_created, caches=_cache, valued=valued, source=f"{_COMPOSER}#create-project"),
        Step(f"{prefix} global", Phase.INSTALL, writes=_home, caches=_cache, valued=valued, source=f"{_COMPOSER}#global"),
        Step(f"{prefix} self-update|selfupdate", Phase.FETCH, writes=_itself, valued=valued, source=f"{_COMPOSER}#self-update"),
        Step(f"{prefix} clear-cache|clearcache|cc", Phase.CLEAN, deletes=_cache, valued=valued, source=f"{_COMPOSER}#clear-cache"),
        Step(f"{prefix} {_QUIET}", Phase.CHECK, valued=valued, source=_COMPOSER),
    )


def _itself(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The file that runs; found on PATH it is not told here."""
    names = [word for word in invocation.words[:2] if word and "/" in word and "composer" in word]
    return (invocation.path(names[0]),) if names else None


ECOSYSTEM = Ecosystem(
    name="php",
    summary="PHP packages, extensions and framework consoles",
    # docker-library/php: what phpize and configure call.
    build_variable="PHPIZE_DEPS",
    images=("php", "composer"),
    manifests=(Manifest(("composer.json",), ("composer.json", "composer.lock", "auth.json", "symfony.lock"), runtime=True),),
    interpreters=(
        "php",
        "php-fpm",
        "php-cgi",
        "apache2-foreground",
        "apache2",
        "apache2ctl",
        "apachectl",
        "httpd",
        "frankenphp",
        "rr",
        "docker-php-entrypoint",
        "artisan",
        "supervisord",
        "service",
        "runsvdir",
        "s6-svscan",
        "unitd",
        *(f"php{major}" for major in ("5", "7", "8")),
        *(f"php{version}" for version in ("7.0", "7.1", "7.2", "7.3", "7.4", "8.0", "8.1", "8.2", "8.3", "8.4", "8.5")),
        *(f"php-fpm{version}" for version in ("5", "7", "7.0", "7.1", "7.2", "7.3", "7.4", "8", "8.0", "8.1", "8.2", "8.3", "8.4", "8.5")),
    ),
    development=(
        "composer install",
        "composer update",
        "composer require",
        "docker-php-ext-install",
        "pecl install",
        "phpize",
        "phpunit",
        "phpstan",
        "psalm",
        "phpcs",
        "php-cs-fixer",
        "pest",
        "behat",
        "codecept",
        "infection",
        "psysh",
    ),
    build_env=("COMPOSER_*", "PHPIZE_DEPS", "PHP_CFLAGS", "PHP_CPPFLAGS", "PHP_LDFLAGS"),
    steps=(
        *_composer("composer|composer.phar"),
        *_composer(f"php {_PHARS}"),
        Step("docker-php-ext-install", Phase.INSTALL, writes=_own, valued=frozenset({"-j", "--ini-name"}), source=_IMAGE),
        # What it configures lies in /usr/src/php, unpacked from the image's own php.tar.xz; docker-php-ext-install compiles it there and deletes it.
        Step("docker-php-ext-configure", Phase.BUILD, source=_IMAGE),
        Step("docker-php-ext-enable", Phase.INSTALL, writes=_enabled, valued=frozenset({"--ini-name"}), source=_IMAGE),
        Step("docker-php-source extract", Phase.BUILD, source=_IMAGE),
        Step("docker-php-source delete", Phase.CLEAN, deletes=here("/usr/src/php"), source=_IMAGE),
        Step("pecl install|upgrade", Phase.INSTALL, writes=_own, valued=frozenset({"-D", "--configureoptions"}), source=_PECL),
        Step("pear install|upgrade", Phase.INSTALL, writes=_pear, valued=frozenset({"-D"}), source=_PECL),
        Step("pecl|pear channel-update|channel-discover|update-channels|config-set|config-show|list|info|search", Phase.CHECK, source=_PECL),
        Step("pecl|pear clear-cache", Phase.CLEAN, deletes=here("/tmp/pear"), source=_PECL),
        Step("phpize", Phase.BUILD, writes=_HERE, source="php.net/manual/en/install.pecl.phpize.php"),
        Step(
            "php artisan|bin/console|./artisan|./bin/console|app/console|yii|./yii|spark",
            Phase.BUILD,
            writes=_HERE,
            valued=frozenset({"-d"}),
            source="laravel.com/docs/artisan; symfony.com/doc/current/console.html: caches and assets lie in the project",
        ),
        Step("artisan|console", Phase.BUILD, writes=_HERE, source="laravel.com/docs/artisan; symfony.com/doc/current/console.html"),
        Step(
            "php composer-setup.php|/tmp/composer-setup.php|installer|/tmp/installer",
            Phase.FETCH,
            writes=_composer_itself,
            valued=frozenset({"-d"}),
            tree=False,
            source="getcomposer.org/doc/00-intro.md",
        ),
        Step("php", Phase.FETCH, writes=_composer_itself, tree=False, when=_installer, source="getcomposer.org/doc/00-intro.md"),
        Step("php", Phase.CHECK, valued=frozenset({"-r", "-d", "-c"}), when=_asks, source=_PHP),
        Step("phpunit|pest|phpstan|psalm|phpcs|php-cs-fixer|phpmd|parallel-lint", Phase.CHECK, source="test tools: their reports are nobody's input"),
        Step("php5enmod|php5dismod", Phase.SETUP, writes=here("/etc/php5"), source="phpenmod(8)"),
    ),
    local_references=local_references,
    downloads=True,
    packages_of=packages_of,
    source_endings=(".php",),
)
