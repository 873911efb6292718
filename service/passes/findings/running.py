"""How the container runs: as whom, by which shell, and who notices when it stops answering."""

from __future__ import annotations

from collections.abc import Iterator

from service.image.program import idle
from service.passes.findings.model import Found
from service.refactoring.facts import Facts
from service.shell import read

_ROOT = frozenset({"", "root", "0"})


def runs_as_root(facts: Facts) -> Iterator[Found]:
    """The program runs as root.

    Why: root in the container is root on the host for everything that breaks out of it. `USER` with a user that the image has takes that away;
    the pass `drop_privileges` adds one where it is known to be safe.

    Not where: the file's last USER is another, or the base's is not known, or the image has no program of its own.

    Source: https://docs.docker.com/build/building/best-practices/#user
    """
    config, base = facts.image.config, facts.image.chain(facts.image.final)[0].state.base
    if config.user.partition(":")[0] in _ROOT and (base.source or _says_user(facts)) and facts.program.calls:
        index = _last(facts, ("ENTRYPOINT", "CMD"))
        if index is not None:
            yield Found(index, "the program runs as root: a `USER` in front of it, with a user that the image has, takes that away")


def shell_form(facts: Facts) -> Iterator[Found]:
    """A shell starts the program.

    Why: in `CMD node server.js` a shell is process 1, and whether SIGTERM reaches the program is up to that shell: where it does not,
    `docker stop` kills the program after ten seconds. `CMD ["node", "server.js"]`, or `exec` in the shell form, has no such doubt.

    Not where: the command begins with `exec`, or is a shell itself.

    Source: https://docs.docker.com/reference/build-checks/json-args-recommended/
    """
    for keyword in ("ENTRYPOINT", "CMD"):
        index = _last(facts, (keyword,))
        if index is None:
            continue
        item = facts.dockerfile.instructions[index]
        script = read(item.rest)
        starts = script.opaque is None and bool(script.commands) and not any("exec" in command.wrappers for command in script.commands)
        if idle(facts.program):
            return
        if item.json is None and starts and not item.heredocs:
            yield Found(index, f"a shell starts `{item.rest[:40]}` and decides whether SIGTERM reaches it: the exec form, or `exec`, leaves no doubt")
            return


def no_healthcheck(facts: Facts) -> Iterator[Found]:
    """A port is exposed and nothing says how to ask whether it answers.

    Why: without a HEALTHCHECK Docker, Compose and Swarm call a container healthy for as long as its process lives. Kubernetes brings checks of
    its own and ignores this one.

    Not where: no port is exposed, or the base has no shell to ask with.

    Source: https://docs.docker.com/reference/dockerfile/#healthcheck
    """
    index = _last(facts, ("EXPOSE",))
    abilities = facts.final.state.base.capabilities
    if index is not None and facts.image.config.healthcheck is None and (abilities is None or "shell" in abilities):
        port = min(facts.image.config.ports, default="").partition("/")[0].partition("-")[0]
        # A port from a variable that the file does not set is none that could be named.
        if port:
            yield Found(index, f"nothing asks whether port {port} answers: a HEALTHCHECK would, outside of Kubernetes")


def _says_user(facts: Facts) -> bool:
    return any(item.keyword == "USER" for part in facts.image.chain(facts.image.final) for item in part.state.stage.instructions)


def _last(facts: Facts, keywords: tuple[str, ...]) -> int | None:
    """The place of the last such instruction of the stage that ships."""
    offset = facts.offset(facts.final)
    places = [index for index, item in enumerate(facts.final.state.stage.instructions) if item.keyword in keywords]
    return offset + places[-1] if places else None
