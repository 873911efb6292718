"""Packages that a Node project's own sources import, as far as their text says: a development dependency among them is none that can go."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

_ENDINGS = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".svelte")
_IMPORT = re.compile(r"""\b(?:from|import|require|require\.resolve)[ \t]{0,4}\(?[ \t]{0,4}["']([@A-Za-z0-9][^"'\n]{0,200})["']""")
_TYPES = re.compile(r"^[ \t]{0,40}(?:import|export)[ \t]+type\b[^\n]{0,400}$", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]{0,40}//[^\n]{0,400}$", re.MULTILINE)
_TESTING = frozenset(
    {"test", "tests", "__tests__", "__mocks__", "spec", "specs", "e2e", "cypress", "playwright", "mocks", "fixtures", ".storybook", "stories"}
)
_TESTED = (".test.", ".spec.", ".stories.", ".e2e-spec.", ".d.ts", "-test.", "-spec.")
_OF_TOOLS = (
    "vite.config",
    "vitest",
    "webpack",
    "rollup.config",
    "rspack.config",
    "rsbuild.config",
    "esbuild",
    "tsup.config",
    "tsdown.config",
    "jest",
    "babel.config",
    ".babelrc",
    "eslint",
    ".eslintrc",
    "prettier",
    ".prettierrc",
    "postcss.config",
    "tailwind.config",
    "playwright.config",
    "cypress.config",
    "commitlint.config",
    "karma",
    "gulpfile",
    "Gruntfile",
    "svelte.config",
    "astro.config",
    "vue.config",
    "craco.config",
    "lint-staged",
    "stylelint",
    "release.config",
    "metro.config",
    "codegen",
    "drizzle.config",
    "nodemon",
    "build.",
)
"""Beginnings of the names of files that only a tool of development reads."""
_INLINING = frozenset({"@sveltejs/kit", "tsup", "tsdown", "@vercel/ncc", "nuxt", "nitropack"})
"""Tools that put imported development dependencies into what they build (svelte.dev/docs/kit/adapter-node, tsup.egoist.dev, github.com/vercel/ncc,
nuxt.com/docs/getting-started/deployment)."""


def imports_development(folder: str, files: Mapping[str, str | None], development: Iterable[str]) -> tuple[str, str] | None:
    """The first file of a project, whose package.json lies in `folder` of the context, that imports a development dependency, and which; None where
    none does, or a tool puts them into what it builds. Tests, settings of tools and folders with a package.json of their own do not count."""
    names = frozenset(name for name in development if not name.startswith("@types/"))
    if names & _INLINING:
        return None
    own = {posixpath.dirname(path) for path in files if posixpath.basename(path) == "package.json"}
    for path in sorted(files):
        content = files[path]
        if content and path.endswith(_ENDINGS) and _belongs(path, folder, own):
            found = next((name for name in _imported(content) if name in names), None)
            if found is not None:
                return path, found
    return None


def _belongs(path: str, folder: str, own: set[str]) -> bool:
    """Whether a file is the program's own: of this project, no test and no tool's."""
    parts, name = path.split("/"), posixpath.basename(path)
    if "node_modules" in parts or _TESTING & set(parts[:-1]) or name.startswith(_OF_TOOLS) or any(mark in name for mark in _TESTED):
        return False
    nearest = next((place for end in range(len(parts) - 1, -1, -1) if (place := "/".join(parts[:end])) in own), "")
    return nearest == folder


def _imported(content: str) -> Iterator[str]:
    """The packages of the import and require lines of a text, without those of types alone and those in comments."""
    for found in _IMPORT.findall(_COMMENT.sub("", _TYPES.sub("", content))):
        parts = found.split("/")
        yield "/".join(parts[:2]) if found.startswith("@") else parts[0]
