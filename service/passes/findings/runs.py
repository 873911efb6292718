"""What RUNs fetch, install and upgrade."""

from __future__ import annotations

from collections.abc import Iterator

from service.dockerfile.arguments import sources_and_destination
from service.dockerfile.model import Instruction
from service.image.effects import LanguageInstall, Layer, Phase
from service.image.image import Scope
from service.image.runs import run_script
from service.passes.findings.model import Found
from service.refactoring.facts import Facts
from service.shell.model import Command, Script

_FETCHERS = frozenset({"curl", "wget"})
_INTERPRETERS = frozenset({"sh", "bash", "ash", "dash", "zsh", "python", "python3", "perl", "ruby", "node", "php"})
_CHECKERS = frozenset(
    {
        "sha256sum", "sha512sum", "sha1sum", "sha384sum", "sha224sum", "md5sum", "b2sum", "shasum", "gpg", "gpgv", "gpg2", "cosign", "minisign",
        "openssl", "rpm", "signify", "apt-key",
    }
)
_ARCHIVES = (".tar", ".gz", ".tgz", ".xz", ".bz2", ".zip", ".jar", ".deb", ".rpm", ".apk", ".sh", ".run", ".bin", ".whl", ".AppImage", ".exe")
_SAVING = ("-o", "-O", "--output", "--remote-name", "--output-document")
_UPGRADES = frozenset({"upgrade", "dist-upgrade", "full-upgrade", "safe-upgrade"})
_PACKAGING = frozenset({"pip", "setuptools", "wheel", "bundler", "corepack", "npm"})
"""What installs packages itself: it is brought up to date more often than pinned, and nothing of it runs in the program."""
_SAYING = {"gem": ("-v", "--version"), "cargo": ("--version", "--vers", "--rev", "--tag")}
"""Options by which a command is told a version beside the name (gem help install, doc.rust-lang.org/cargo/commands/cargo-install.html)."""
_PINNED = ("==", "===", "@", "~=", ">=", "<=", "://", "git+", "/", "<", ">", ":", "=")


def piped_installer(facts: Facts) -> Iterator[Found]:
    """A download is run without being looked at.

    Why: `curl ... | sh` runs whatever the server, or anyone on the way, sends at that moment, as root, and a download that breaks off runs by
    half. Saved first, it can be compared with a known checksum.

    Not where: the download is checked in the same RUN.

    Source: https://docs.docker.com/build/building/best-practices/
    """
    for index, _, script in _scripts(facts):
        for one, other in zip(script.commands, script.commands[1:], strict=False):
            if one.name in _FETCHERS and other.operator == "|" and other.name in _INTERPRETERS:
                yield Found(index, f"`{one.name} ... | {other.name}` runs what the server sends, unseen: save it, check its SHA-256, then run it")
                break


def unchecked_download(facts: Facts) -> Iterator[Found]:
    """A download is used without a checksum.

    Why: the layer is cached by the command's text, not by what was downloaded: another content under the same address goes unnoticed.
    `ADD --checksum=sha256:... URL` checks a download, and so does `sha256sum -c` in the same RUN.

    Not where: the same RUN compares a checksum or a signature, or only fetches a text to read.

    Source: https://docs.docker.com/reference/dockerfile/#add---checksum
    """
    for index, _, script in _scripts(facts):
        names = {command.name for command in script.commands}
        if names & _CHECKERS or not names & _FETCHERS:
            continue
        for command in script.commands:
            words = [word.raw for word in command.words[1:]]
            url = next((word.strip("\"'") for word in words if "://" in word), None)
            saved = command.name == "wget" or any(map(_saves, words))
            if command.name in _FETCHERS and url is not None and saved and url.partition("?")[0].endswith(_ARCHIVES):
                yield Found(index, f"`{command.name}` fetches {_shown(url)} and nothing compares it: add `sha256sum -c`, or use `ADD --checksum=`")
                break
    for index, item in enumerate(facts.dockerfile.instructions):
        if item.keyword == "ADD" and item.flag("checksum") is None:
            url = next((source for source in sources_and_destination(item)[0] if source.startswith(("http://", "https://"))), None)
            if url is not None and not url.partition("?")[0].endswith(".git"):
                yield Found(index, f"ADD fetches {_shown(url)} and nothing compares it: `ADD --checksum=sha256:... ` does")


def upgraded_packages(facts: Facts) -> Iterator[Found]:
    """The distribution is upgraded in the image.

    Why: what an upgrade brings depends on the day of the build, the layer is cached for as long as its text is the same, and every replaced
    file is stored twice. A newer base image has the same fixes.

    Source: https://docs.docker.com/build/building/best-practices/#apt-get
    """
    for index, _, layer in _layers(facts):
        upgrades = (act.step for act in layer.acts if act.phase is Phase.PACKAGES and act.step.rpartition(" ")[2] in _UPGRADES)
        step = next(upgrades, None)
        if step is not None:
            yield Found(index, f"what `{step}` brings depends on the day, and is stored beside what it replaces: a newer base image has it already")


def unpinned_installs(facts: Facts) -> Iterator[Found]:
    """Packages are installed without a version.

    Why: the next build may get a newer release of a language's packages, with other behaviour. A version on the command line or a lockfile
    says which.

    Not where: a manifest of the project decides, it is the package manager itself (`pip install --upgrade pip`), or the distribution's package
    manager installs: its packages change little within a release, and a pinned version vanishes from the archive.

    Source: https://docs.docker.com/build/building/best-practices/
    """
    scripts = {index: script for index, _, script in _scripts(facts)}
    for index, _, layer in _layers(facts):
        floating = [name for install in layer.installs for name in install.packages if _floats(name, install)]
        # What a tool is known to bring by itself (a build's standard library) nobody could name a version of here.
        words = _written(scripts[index]) if floating else frozenset()
        names = [name for name in floating if name in words]
        if names:
            shown = ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")
            yield Found(index, f"{shown}: no version is named, the next build may get another one")


def sudo(facts: Facts) -> Iterator[Found]:
    """sudo is used in the build.

    Why: a RUN already is root unless USER says otherwise; sudo changes environment variables and the way signals are passed on, and adds a
    package that the image does not need. `USER root` before the RUN says the same.

    Source: https://docs.docker.com/build/building/best-practices/#user
    """
    for index, _, script in _scripts(facts):
        if any("sudo" in command.wrappers or command.name == "sudo" for command in script.commands):
            yield Found(index, "sudo in a build only passes on what USER decides: put `USER root` in front of the RUN, and the old USER behind it")


def _floats(name: str, install: LanguageInstall) -> bool:
    plain = name[1:] if name.startswith("@") else name
    latest = name.endswith(("@latest", "@main", "@master"))
    said = any(mark in plain for mark in _PINNED) or name.startswith((".", "-")) or name.endswith((".whl", ".txt"))
    return latest or (not said and name not in _PACKAGING and bool(install.step))


def _written(script: Script) -> frozenset[str]:
    """The words that commands are given, those within quotes one by one; without those of a command that is told a version."""
    commands = (command for command in script.commands if not _told_version(command))
    raw = (word.raw for command in commands for word in command.words[1:])
    return frozenset(part for word in raw for part in word.replace('"', " ").replace("'", " ").split())


def _told_version(command: Command) -> bool:
    options = _SAYING.get(command.name or "", ())
    return bool(options) and any(word.raw.partition("=")[0] in options for word in command.words[1:])


def _saves(word: str) -> bool:
    """`-o`, `-fsSLO` and their long names."""
    return word.startswith(_SAVING) or (word[:1] == "-" and word[1:2] != "-" and bool(set("oO") & set(word)))


def _shown(url: str) -> str:
    """The last part of an address: what stands in front of it may hold a login."""
    return url.partition("?")[0].rstrip("/").rpartition("/")[2][:60] or "a file"


def _layers(facts: Facts) -> Iterator[tuple[int, Instruction, Layer]]:
    for stage in facts.image.stages:
        offset = facts.offset(stage)
        yield from ((offset + index, item, layer) for index, item, layer in facts.layers(stage) if layer is not None and item.keyword == "RUN")


def _scripts(facts: Facts) -> Iterator[tuple[int, Instruction, Script]]:
    for stage in facts.image.stages:
        offset = facts.offset(stage)
        for index, (item, scope) in enumerate(zip(stage.state.stage.instructions, stage.state.scopes, strict=True)):
            if item.keyword == "RUN":
                yield offset + index, item, _script(item, scope)


def _script(item: Instruction, scope: Scope) -> Script:
    return run_script(item, scope)
