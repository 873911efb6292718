"""Setting up the system: users, locales, links, services. These are neither artifact nor package: they run again in the runtime stage."""

from __future__ import annotations

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.ecosystems.rules import here
from service.image.effects import Phase

_SHADOW = "shadow-utils and adduser(8)"
_VALUED = frozenset(
    {
        "-u",
        "--uid",
        "-g",
        "--gid",
        "-G",
        "--groups",
        "-s",
        "--shell",
        "-d",
        "--home",
        "-h",
        "-c",
        "--comment",
        "--gecos",
        "--ingroup",
        "-k",
        "-K",
        "-b",
        "-e",
        "-p",
        "--home-dir",
        "--password",
        "-aG",
        "--base-dir",
    }
)


def _user(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """useradd NAME, adduser NAME [GROUP]; the first positional word is the name."""
    words = arguments.positionals
    return (words[0],) if words and words[0] else None


def _home(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return ()


ECOSYSTEM = Ecosystem(
    name="system",
    summary="Users, locales, time zones and services",
    steps=(
        Step("useradd|adduser", Phase.SETUP, writes=_home, users=_user, valued=_VALUED, source=_SHADOW),
        Step(
            "groupadd|addgroup|usermod|groupmod|passwd|chpasswd|userdel|deluser|groupdel|delgroup|gpasswd|chsh",
            Phase.SETUP,
            valued=_VALUED,
            source=_SHADOW,
        ),
        Step(
            "locale-gen|localedef|update-locale",
            Phase.SETUP,
            writes=here("/usr/lib/locale", "/etc/locale.gen"),
            source="locale-gen(8)",
            valued=frozenset({"-i", "-f", "-c", "-A"}),
        ),
        Step("update-ca-certificates|update-ca-trust", Phase.SETUP, writes=here("/etc/ssl/certs"), source="update-ca-certificates(8)"),
        Step("ldconfig", Phase.SETUP, writes=here("/etc/ld.so.cache"), source="ldconfig(8)"),
        Step("a2enmod|a2dismod|a2ensite|a2dissite|a2enconf|a2disconf", Phase.SETUP, writes=here("/etc/apache2"), source="a2enmod(8)"),
        Step("phpenmod|phpdismod", Phase.SETUP, writes=here("/etc/php"), source="phpenmod(8)"),
        Step("fc-cache", Phase.SETUP, writes=here("/var/cache/fontconfig"), source="fc-cache(1)"),
        Step("crontab", Phase.SETUP, writes=here("/var/spool/cron"), source="crontab(1)"),
        Step("setfacl", Phase.SETUP, source="setfacl(1)"),
        Step("visudo", Phase.CHECK, source="visudo(8)"),
        Step("service|systemctl|rc-update", Phase.SETUP, writes=here("/etc"), source="service(8)"),
        Step("dpkg-divert", Phase.SETUP, source="dpkg-divert(1)"),
    ),
)
