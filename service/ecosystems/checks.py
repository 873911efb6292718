"""Commands that leave nothing behind: printing, testing, looking."""

from __future__ import annotations

from service.ecosystems.model import Ecosystem, Phase, Step

_QUIET = (
    "echo printf true false : test [ [[ set export unset cd pushd popd pwd env printenv which type command hash hostname uname arch nproc date "
    "id whoami groups ls cat head tail less more wc sort uniq cut tr awk gawk grep egrep fgrep find dirname basename realpath readlink "
    "sleep wait exit return shift trap umask ulimit local declare readonly read jq yq stat du df free ps file seq expr let bc sync "
    "getent dpkg-architecture dpkg-query dpkg-parsechangelog alias getconf lscpu md5 cmp diff comm paste tac rev nl od xxd hexdump strings "
    "ldd nm objdump yes tty stty shopt break continue ping nslookup dig host nc lsb_release"
).split()

ECOSYSTEM = Ecosystem(
    name="checks",
    summary="Commands that leave nothing behind",
    steps=(
        *(Step(name, Phase.CHECK, source="POSIX.1-2024 and GNU coreutils manual") for name in _QUIET),
        Step("xargs rm|echo|ls|cat|grep", Phase.CLEAN, source="xargs(1)"),
    ),
)
