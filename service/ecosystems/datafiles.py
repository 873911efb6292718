"""Files that a Python project installs beside its modules: `data_files` of setuptools, below the prefix."""

from __future__ import annotations

import posixpath
import re

from service.ecosystems.model import Invocation

_FOLDER = re.compile(r"""["']?([A-Za-z0-9_./-]{1,200})["']?\s{0,20}[,=]\s{0,20}\[""")
_MARKS = ("data_files", "data-files")
_MOST = 4_000


def data_files(invocation: Invocation, project: str, prefix: str, by_pip: bool) -> tuple[str, ...]:
    """The folders below `prefix` that setup.py, setup.cfg or pyproject.toml names for data; `share` where they were not sent. pip takes absolute
    ones for relative, setup.py does not (setuptools.pypa.io/en/latest/userguide/datafiles.html, packaging.python.org's wheel layout)."""
    paths = [posixpath.join(project, name) for name in ("setup.py", "setup.cfg", "pyproject.toml")]
    texts = [text for path in paths if (text := invocation.read(path)) is not None]
    if not texts:
        return () if all(invocation.has(path) is False for path in paths) else (posixpath.join(prefix, "share"),)
    found: dict[str, None] = {}
    for text in texts:
        for mark in _MARKS:
            _, marked, rest = text.partition(mark)
            for folder in _FOLDER.findall(rest[:_MOST]) if marked else ():
                found[_place(folder, prefix, by_pip)] = None
    return tuple(found)


def _place(folder: str, prefix: str, by_pip: bool) -> str:
    """What is copied for a folder: itself where setup.py writes it anywhere, else the first folder below the prefix."""
    if folder.startswith("/") and not by_pip:
        return posixpath.normpath(folder)
    return posixpath.join(prefix, folder.lstrip("/").partition("/")[0])
