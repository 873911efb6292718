"""Setting up the system: users, locales, links, services. These are neither artifact nor package: they run again in the runtime stage."""

from __future__ import annotations

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.ecosystems.rules import both, here, positionals
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
    """A home that is named: useradd makes it with -m, adduser unless told not to (useradd(8), adduser(8))."""
    home = arguments.value("-d", "--home-dir", "--home", "-h")
    made = arguments.has("-m", "--create-home") or (invocation.words[0] or "").endswith("adduser")
    if not home or not made or arguments.has("-M", "-H", "--no-create-home"):
        return ()
    return (invocation.path(home),)


def _moved(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """usermod -m -d: the home goes to another folder; -u and -g: what is in it changes its owner (usermod(8))."""
    home = arguments.value("-d", "--home")
    if home and arguments.has("-m", "--move-home"):
        return (invocation.path(home),)
    name = arguments.positionals[-1] if arguments.positionals else None
    if not name or not arguments.has("-u", "--uid", "-g", "--gid"):
        return ()
    made = next((act for act in invocation.before() if name in act.users), None)
    housed = made is not None and not made.writes and ("adduser" in (made.words[0] or "") or {"-m", "--create-home"} & set(made.words))
    return (f"/home/{name}",) if housed else ()


def _left(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The home goes with its user where that is asked for; where it lies is told by the user's own line, else it is below /home."""
    asked = arguments.has("-r", "--remove", "-m", "--move-home", "--remove-home", "--remove-all-files")
    name = arguments.positionals[-1] if arguments.positionals else None
    return (f"/home/{name}",) if asked and name else ()


def _trusted(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Java's hook asks dpkg (ca-certificates-java)."""
    return "/etc/ssl/certs", "/var/lib/dpkg"


def _diverted(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """dpkg's list of diversions, and the new name of the file (dpkg-divert(1))."""
    target, file = arguments.value("--divert"), arguments.positionals[0] if arguments.positionals else None
    moved = target or (f"{file}.distrib" if file else None)
    return ("/var/lib/dpkg", *((invocation.path(moved),) if moved and arguments.has("--rename") else ()))


def _renamed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return positionals(0, 1)(invocation, arguments) if arguments.has("--rename") and not arguments.has("--remove") else ()


ECOSYSTEM = Ecosystem(
    name="system",
    summary="Users, locales, time zones and services",
    steps=(
        Step("useradd|adduser", Phase.SETUP, writes=_home, users=_user, valued=_VALUED, source=_SHADOW),
        Step(
            "groupadd|addgroup|groupmod|passwd|chpasswd|groupdel|delgroup|gpasswd|chsh",
            Phase.SETUP,
            valued=_VALUED,
            source=_SHADOW,
        ),
        Step("usermod", Phase.SETUP, writes=_moved, deletes=_left, valued=_VALUED, source=_SHADOW),
        Step("userdel|deluser", Phase.SETUP, deletes=_left, valued=_VALUED, source=_SHADOW),
        Step(
            "locale-gen|localedef",
            Phase.SETUP,
            writes=here("/usr/lib/locale", "/etc/locale.gen"),
            source="locale-gen(8)",
            valued=frozenset({"-i", "-f", "-c", "-A"}),
        ),
        Step("update-ca-certificates|update-ca-trust", Phase.SETUP, writes=_trusted, source="update-ca-certificates(8)"),
        Step("update-locale", Phase.SETUP, writes=here("/etc/default/locale"), source="update-locale(8)"),
        Step("ldconfig", Phase.SETUP, writes=both(here("/etc/ld.so.cache", "/var/cache/ldconfig"), positionals()), source="ldconfig(8)"),
        Step(
            "a2enmod|a2dismod|a2ensite|a2dissite|a2enconf|a2disconf",
            Phase.SETUP,
            writes=here("/etc/apache2", "/var/lib/apache2"),
            source="a2enmod(8)",
        ),
        Step("phpenmod|phpdismod", Phase.SETUP, writes=here("/etc/php", "/var/lib/php"), source="phpenmod(8)"),
        Step("fc-cache", Phase.SETUP, writes=here("/var/cache/fontconfig"), source="fc-cache(1)"),
        Step("crontab", Phase.SETUP, writes=here("/var/spool/cron"), source="crontab(1)"),
        Step("setfacl", Phase.SETUP, writes=positionals(), valued=frozenset({"-m", "-M", "-x", "-X", "--modify", "--remove"}), source="setfacl(1)"),
        Step("visudo", Phase.CHECK, source="visudo(8)"),
        Step("service|systemctl|rc-update", Phase.SETUP, writes=here("/etc"), source="service(8)"),
        Step(
            "dpkg-divert",
            Phase.SETUP,
            writes=_diverted,
            deletes=_renamed,
            valued=frozenset({"--divert", "--package", "--admindir"}),
            source="dpkg-divert(1)",
        ),
    ),
)
