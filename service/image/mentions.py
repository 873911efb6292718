"""Programs that the image's own code calls: names in scripts, and quoted words in sources that start other programs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.image.files import FileView
from service.image.program import Program

_QUOTED = re.compile(r"""["'`]([A-Za-z0-9+_.-]{1,24})(?=["'` ])""")
_STARTS_PROGRAMS = (
    "subprocess",
    "os.system",
    "popen",
    "child_process",
    "execa",
    "os/exec",
    "ProcessBuilder",
    "Runtime.getRuntime",
    "shell_exec",
    "proc_open",
    "Process.Start",
    "Command::new",
    "spawn(",
    "execSync",
    "shelljs",
    "sh.exec",
)
_CODE = (
    ".py",
    ".js",
    ".mjs",
    ".cjs",
    ".jsx",
    ".ts",
    ".tsx",
    ".go",
    ".rb",
    ".php",
    ".java",
    ".kt",
    ".rs",
    ".pl",
    ".ex",
    ".exs",
    ".cs",
    ".scala",
    ".groovy",
    ".c",
    ".cc",
    ".cpp",
)


def mentioned(program: Program, view: FileView) -> frozenset[str]:
    """Names that may be programs: the words commands start with, and quoted words of the sources that were sent and that start programs."""
    return program.names | frozenset(_in_sources(view))


def starts_programs(view: FileView, endings: tuple[str, ...]) -> bool | None:
    """Whether any source of a language starts another program; None where some of them were not sent."""
    unknown = not view.context.complete
    for path, content in view.context.files.items():
        if path.endswith(endings):
            if content is None:
                unknown = True
            elif any(mark in content for mark in _STARTS_PROGRAMS):
                return True
    return None if unknown else False


def _in_sources(view: FileView) -> Iterator[str]:
    for path, content in view.context.files.items():
        if content and path.endswith(_CODE) and any(mark in content for mark in _STARTS_PROGRAMS):
            yield from _QUOTED.findall(content)
