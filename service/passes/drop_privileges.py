"""Run the program as a user that is not root.

Why: what breaks out of the container is root on the host. A program that neither writes beside its code nor opens a port below 1024 needs
nothing of that.

Not where: the whole context is not known, a source may write files, a port is below 1024 or none is exposed, there is a VOLUME, the program is
no interpreter or build of the file's own, or something of it lies below /root. It changes what the program may do, so it runs only when asked
for, and the verdict says that it assumes.

Source: https://docs.docker.com/build/building/best-practices/#user

before:
    FROM node:22-slim
    WORKDIR /app
    COPY . .
    EXPOSE 3000
    CMD ["node", "server.js"]

after:
    FROM node:22-slim
    WORKDIR /app
    COPY . .
    EXPOSE 3000
    USER node
    CMD ["node", "server.js"]
"""

from __future__ import annotations

from collections.abc import Iterator

from service.ecosystems import ECOSYSTEMS
from service.image.effects import Phase
from service.image.licences import ROOT
from service.image.mentions import CODE
from service.image.model import BaseImage
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts

_BY = "drop_privileges"
_OWN_USERS = ("node", "nonroot", "bun", "deno", "elixir", "jenkins", "app")
"""Users that public images make for the program; `nobody` and the system's own are for others."""
_NEW = {"glibc": "RUN useradd --system --no-create-home app", "musl": "RUN adduser -S -D -H app"}
_STARTS = frozenset({"exec", "npm", "yarn", "pnpm", "gunicorn", "uvicorn", "tini", "dumb-init"}) | frozenset(
    name for one in ECOSYSTEMS for name in one.interpreters
)
_WRITES = (
    *('"w"', "'w'", '"a"', "'a'", '"wb"', "'wb'", '"r+"', "writeFile", "WriteFile", "createWriteStream", "mkdir", "Mkdir", "makedirs", "os.Create"),
    *("OpenFile", "File.create", "File::create", "fs::write", "FileOutputStream", "Files.write", "FileWriter", "sqlite", "write_text", "write_bytes"),
    *("appendFile", "to_csv", "savefig", "FileHandler", "RotatingFile", "fopen", "ofstream", "multer", "upload", "unlink", "rename"),
    *("chown", "setuid", "shelve", "dbm", "TimedRotating", "pickle.dump", "json.dump(", "logging.file", "listen(80)", "listen(443)"),
    *("listen(80,", "listen(443,", ':80"', ':443"'),
)
"""What sources say that write files, or need a port below 1024."""
_LOWEST = 1024


def drop_privileges(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """With a user of the base image's, or a new one of Debian's or Alpine's kind."""
    if facts.oversized:
        return
    base, config = facts.final.state.base, facts.image.config
    root = config.user.partition(":")[0] in ROOT
    if not root or not base.source or facts.final.state.parent is not None or config.volumes or _may_need_root(facts):
        return
    items = facts.final.state.stage.instructions
    last = max((index for index, item in enumerate(items) if item.keyword in ("RUN", "COPY", "ADD", "WORKDIR", "SHELL")), default=0)
    starts = [index for index, item in enumerate(items) if item.keyword in ("CMD", "ENTRYPOINT") and index > last]
    if not starts:
        return
    at = facts.offset(facts.final) + starts[0]
    name = next((name for name in _OWN_USERS if base.users.get(name, 0) > 0), "")
    new = "" if name else _new_user(base, facts)
    if not name and not new:
        return
    ports = ", ".join(sorted(port.partition("/")[0] for port in config.ports))
    because = f"nothing in the sources writes files, and port {ports} needs no root: {name or 'a user of its own'} is enough"
    if new:
        draft = draft.insert(at, new, Reason(_BY, "new-user", because))
        at += 1
    yield draft.insert(at, f"USER {name or 'app'}", Reason(_BY, "lesser-user", because))


def _new_user(base: BaseImage, facts: Facts) -> str:
    known = base.suite is not None and base.capabilities is not None and "shell" in base.capabilities and "app" not in base.users
    taken = any("app" in layer.users for layer in facts.final.layers)
    return _NEW.get(base.libc or "", "") if known and not taken else ""


def _may_need_root(facts: Facts) -> bool:
    program, config = facts.program, facts.image.config
    low = any(not port.partition("/")[0].isdigit() or int(port.partition("/")[0]) < _LOWEST for port in config.ports)
    low = low or any("PORT" in name.upper() and value.isdigit() and int(value) < _LOWEST for name, value in config.env)
    acts = (act for stage in facts.image.stages for layer in stage.layers for act in layer.acts)
    built = {write.path for act in acts if act.phase is Phase.BUILD for write in act.writes}
    started = all(call.name in _STARTS or any((call.words[0] or "").startswith(path) for path in built) for call in program.calls)
    homes = any("/root" in text for text in (config.workdir, *program.paths(), *(value for _, value in config.env)))
    opaque = any(layer.opaque for layer in facts.final.layers)
    return not program.calls or bool(program.unread) or low or not config.ports or not started or homes or opaque or _writes(facts)


def _writes(facts: Facts) -> bool:
    """Whether a source may write a file; so may one that was not sent."""
    if not facts.context.complete:
        return True
    sources = [content for path, content in facts.context.files.items() if path.endswith(CODE)]
    return not sources or any(content is None or any(mark in content for mark in _WRITES) for content in sources)
