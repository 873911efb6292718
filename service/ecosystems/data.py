"""Small tools that make data and keys: databases in a file, certificates, catalogues, temporary names."""

from __future__ import annotations

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.ecosystems.rules import here, option, positionals
from service.image.effects import Phase

_OPENSSL = frozenset(
    {"-out", "-keyout", "-in", "-key", "-days", "-subj", "-newkey", "-config", "-extensions", "-CA", "-CAkey", "-CAserial", "-set_serial"}
    | {"-addext", "-extfile", "-algorithm", "-pkeyopt", "-name", "-passout", "-passin", "-inkey", "-certfile", "-signkey", "-copy_extensions"}
)


def _keys(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-out` and `-keyout`; `-CAcreateserial` makes a file beside the authority's certificate (openssl-x509(1))."""
    found = [*arguments.values("-out", "-keyout", "-CAserial")]
    if arguments.has("-CAcreateserial") and not arguments.has("-CAserial") and (authority := arguments.value("-CA")):
        found.append(authority.rsplit(".", 1)[0] + ".srl")
    return None if None in found else tuple(invocation.path(path) for path in found if path)


def _database(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The first word is the database; SQL that attaches others is not read, so no second word may name a path."""
    words = arguments.positionals
    if not words or words[0] is None:
        return None
    return () if words[0] in ("", ":memory:") else (invocation.path(words[0]),)


ECOSYSTEM = Ecosystem(
    name="data",
    summary="Databases in a file, keys and certificates, message catalogues",
    steps=(
        Step("sqlite3", Phase.FILES, writes=_database, tree=False, valued=frozenset({"-cmd", "-init", "-separator"}), source="sqlite.org/cli.html"),
        Step("openssl", Phase.FILES, writes=_keys, tree=False, valued=_OPENSSL, source="openssl(1)"),
        Step("mktemp", Phase.CHECK, source="mktemp(1)"),
        Step("msgfmt", Phase.BUILD, writes=option("-o", "--output-file"), tree=False, valued=frozenset({"-o", "-D", "-d", "-l"}), source="msgfmt(1)"),
        Step("htpasswd", Phase.FILES, writes=positionals(0, 1), tree=False, source="htpasswd(1)"),
        Step("ctest", Phase.CHECK, caches=here("Testing"), valued=frozenset({"--test-dir", "-R", "-E", "-j", "-C"}), source="ctest(1)"),
        Step("prove", Phase.CHECK, valued=frozenset({"-I", "-j"}), source="prove(1)"),
        Step("nginx -t|-T|-v|-V", Phase.CHECK, source="nginx.org/en/docs/switches.html"),
        Step("httpd|apache2|apachectl|apache2ctl -t|-v|-S|configtest", Phase.CHECK, source="httpd(8)"),
        Step("caddy validate|adapt|version", Phase.CHECK, source="caddyserver.com/docs/command-line"),
        Step("hadolint|shellcheck|yamllint", Phase.CHECK, source="their documentation"),
    ),
)
