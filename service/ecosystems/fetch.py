"""Downloads and clones (curl, wget, git)."""

from __future__ import annotations

from dataclasses import replace

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.ecosystems.rules import here, option, positionals
from service.image.effects import Phase

_CURL = frozenset(
    {
        "-o",
        "--output",
        "-H",
        "--header",
        "-d",
        "--data",
        "-u",
        "--user",
        "-A",
        "--user-agent",
        "-x",
        "--proxy",
        "-X",
        "--request",
        "--retry",
        "--retry-delay",
        "--connect-timeout",
        "-m",
        "--max-time",
        "--cacert",
        "-e",
        "--referer",
        "-C",
        "--output-dir",
        "--url",
        "--tlsv1.2=",
    }
)
_WGET = frozenset(
    {
        "-O",
        "-o",
        "-P",
        "--directory-prefix",
        "--output-document",
        "--header",
        "-t",
        "--tries",
        "-T",
        "--timeout",
        "--user",
        "--password",
        "-U",
        "--user-agent",
    }
)
_GIT = frozenset({"-b", "--branch", "--depth", "-c", "-C", "--config", "-o", "--origin", "-j", "--jobs", "--reference", "--filter"})


def _last_part(word: str) -> str:
    return word.partition("?")[0].rstrip("/").rsplit("/", 1)[-1]


def _curl(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-o FILE`, or `-O`: the address's last part in the working directory; else standard output."""
    folder = arguments.value("--output-dir") if arguments.has("--output-dir") else "."
    if folder is None:
        return None
    inside = replace(invocation, cwd=invocation.path(folder))
    if arguments.has("-O", "--remote-name", "-J"):
        return _named_after_address(inside, arguments)
    values = (*arguments.values("-o", "--output"), *_attached(arguments))
    if None in values:
        return None
    return tuple(inside.path(value) for value in values if value and value not in ("-", "/dev/null"))


def _attached(arguments: Arguments) -> tuple[str, ...]:
    """`-sLoFILE`: the name right behind the letters."""
    parts = (name[1:].partition("o") for name, _ in arguments.options if name.startswith("-") and not name.startswith("--"))
    return tuple(rest for flags, found, rest in parts if found and rest and flags and set(flags) <= set("sSfLkgiv#46"))


def _named_after_address(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    if not arguments.positionals or None in arguments.positionals:
        return (invocation.path("."),)
    return tuple(invocation.path(_last_part(word)) for word in arguments.positionals if word)


def _wget(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    values = arguments.values("-O", "--output-document")
    if values:
        return None if None in values else tuple(invocation.path(value) for value in values if value and value != "-")
    # `-qO-` is read as `-q` and `-O-`; the letters come apart in the options' names.
    if any(name.startswith("-") and not name.startswith("--") and name.endswith(("O-", "O")) for name, _ in arguments.options):
        return ()
    folder = arguments.value("-P", "--directory-prefix")
    return (invocation.path(folder),) if folder else _named_after_address(invocation, arguments)


def _clone(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    words = arguments.positionals
    if len(words) >= 2:
        return None if words[1] is None else (invocation.path(words[1]),)
    if not words or words[0] is None:
        return (invocation.path("."),)
    return (invocation.path(_last_part(words[0]).removesuffix(".git")),)


def _settings(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The user's file, the system's, a named one, or the repository's (git-config(1))."""
    if arguments.has("--system"):
        return ("/etc/gitconfig",)
    if arguments.has("-f", "--file"):
        return option("-f", "--file")(invocation, arguments)
    return here("~/.gitconfig" if arguments.has("--global") else ".git/config")(invocation, arguments)


def _asks(arguments: Arguments) -> bool:
    """Whether `git config` only reads (git-config(1))."""
    reading = arguments.has("--get", "--get-all", "--get-regexp", "--get-urlmatch", "--list", "-l")
    return reading or (len(arguments.positionals) < 2 and not arguments.options)


def _patched(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The files that the patch names are below the folder; the file to patch may be named instead (patch(1))."""
    named = positionals(0, 1)(invocation, arguments)
    folder = option("-d", "--directory", otherwise=here("."))(invocation, arguments)
    return None if named is None or folder is None else (*folder, *named)


def _keyring(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """gpg makes its folder for whatever has to do with keys, not to change an armour (gpg(1), --homedir)."""
    if arguments.has("--dearmor", "--enarmor"):
        return option("-o", "--output")(invocation, arguments)
    home = option("--homedir", otherwise=here("${GNUPGHOME:-~/.gnupg}"))(invocation, arguments)
    output = option("-o", "--output")(invocation, arguments)
    return None if home is None or output is None else (*output, *home)


def _key(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The key and, beside it, its public part (ssh-keygen(1))."""
    if arguments.has("-A"):
        return ("/etc/ssh",)
    named = option("-f", otherwise=here("~/.ssh"))(invocation, arguments)
    return None if named is None else (*named, *(f"{path}.pub" for path in named if arguments.has("-f")))


def _initialised(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The folder that git init names, else the working directory."""
    words = arguments.positionals
    return None if None in words else (invocation.path(words[0] if words and words[0] else "."),)


ECOSYSTEM = Ecosystem(
    name="fetch",
    summary="Downloads and clones (curl, wget, git)",
    steps=(
        Step("curl", Phase.FETCH, writes=_curl, tree=False, valued=_CURL, source="curl(1)"),
        Step("wget", Phase.FETCH, writes=_wget, valued=_WGET, source="wget(1)"),
        Step("git clone", Phase.FETCH, writes=_clone, valued=_GIT, source="git-clone(1)"),
        Step(
            "git checkout|switch|submodule|reset|fetch|pull|apply|am|merge|remote|lfs|stash|rev-parse|describe|log|clean",
            Phase.FETCH,
            writes=option("-C", otherwise=here(".")),
            valued=_GIT,
            source="git(1)",
        ),
        Step("git init", Phase.FILES, writes=_initialised, valued=_GIT | {"--initial-branch", "--template"}, source="git-init(1)"),
        Step(
            "git add|commit|tag|branch|mv|rm",
            Phase.FILES,
            writes=option("-C", otherwise=here(".")),
            valued=_GIT | {"-m", "--message"},
            source="git(1)",
        ),
        Step("git config", Phase.CHECK, when=_asks, source="git-config(1)"),
        Step("git config", Phase.SETUP, writes=_settings, tree=False, valued=frozenset({"-f", "--file"}), source="git-config(1)"),
        Step("svn checkout|co|export", Phase.FETCH, writes=_clone, source="svn(1)"),
        Step("hg clone", Phase.FETCH, writes=_clone, source="hg(1)"),
        Step(
            "patch",
            Phase.FILES,
            writes=_patched,
            valued=frozenset({"-d", "--directory", "-i", "--input", "-p"}),
            source="patch(1)",
        ),
        Step(
            "gpg|gpgconf|gpg2",
            Phase.SETUP,
            writes=_keyring,
            valued=frozenset({"-o", "--output", "--keyserver", "--homedir", "--recv-keys"}),
            source="gpg(1)",
        ),
        Step("ssh-keyscan", Phase.SETUP, writes=here("~/.ssh"), source="ssh-keyscan(1)"),
        Step("ssh-keygen", Phase.SETUP, writes=_key, valued=frozenset({"-t", "-b", "-f", "-N", "-C", "-P", "-m"}), source="ssh-keygen(1)"),
        Step("sha256sum|sha512sum|sha1sum|md5sum|b2sum|shasum|minisign", Phase.CHECK, source="GNU coreutils manual"),
    ),
)
