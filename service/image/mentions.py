"""Programs that the image's own code calls: names in scripts, and quoted words in sources that start other programs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from service.image.files import FileView
from service.image.program import Program

_QUOTED = re.compile(r"""["'`]([A-Za-z0-9+_.-]{1,24})(?=["'` ])""")
_WORD = re.compile(r"[A-Za-z0-9_+-]{1,24}(?![A-Za-z0-9_+-])")
# A setting whose value starts with a program: `c = gcc -O2`, `"run": "go run x.go"`.
_VALUE = re.compile(r"""(?:=|:|"|'|\[)[ \t]{0,8}(?:/usr/(?:local/)?bin/)?([a-z+]{2,10})(?![A-Za-z0-9_+-])""")
# A setting that is a single word, and its key: `"versus": "go"` starts nothing, `"command": "go"` may.
_SINGLE = re.compile(r"""([A-Za-z_-]{1,24})["']?[ \t]{0,8}[=:][ \t]{0,8}(["'])([a-z+]{2,10})\2""")
_COMMANDS = ("cmd", "command", "exec", "program", "compiler", "cc", "cxx", "bin", "path", "tool", "run", "start", "build", "script", "interpreter")
# A program with an option behind it, wherever it stands: `c  gcc -std=c11 -o prog main.c`.
_WITH_OPTION = re.compile(r"(?<![A-Za-z0-9_+.-])([a-z+]{2,10})[ \t]{1,4}-[A-Za-z]")
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
_STARTS_BY_ENDING = {
    ".pl": ("system", "exec", "`", "open("),
    ".pm": ("system", "exec", "`", "open("),
    ".rb": ("system", "exec", "`", "Open3", "%x", "spawn"),
    ".php": ("system(", "exec(", "passthru(", "popen(", "`"),
    ".c": ("system(", "exec", "popen("),
    ".cc": ("system(", "exec", "popen("),
    ".cpp": ("system(", "exec", "popen("),
    ".hs": ("readProcess", "callProcess", "callCommand", "createProcess", "System.Process", "typed-process", "rawSystem"),
    ".ml": ("Sys.command", "Unix.exec", "Unix.open_process", "Unix.create_process", "Lwt_process", "Eio.Process", "Feather"),
    ".nim": ("osproc", "execCmd", "execProcess", "startProcess", "execShellCmd"),
    ".cr": ("Process.", "`", "system(", 'system "'),
    ".d": ("spawnProcess", "spawnShell", "executeShell", "execute(", "pipeProcess", "system("),
    ".zig": ("std.process", "ChildProcess", "process.Child"),
    ".swift": ("Process()", "NSTask", "posix_spawn", "ShellOut"),
    ".f90": ("execute_command_line", "call system", "CALL SYSTEM"),
}
"""Where the language has short words for it, which would mean nothing in another."""
_IN_PROCESS = {"getSystemJavaCompiler": "javac"}
"""Calls that start a tool without its name (java.compiler's javax.tools.ToolProvider)."""
_ATTACHING = ("act-ebean", "avaje-agentloader", "ebean-agent-loader")
"""Libraries of a build file that attach to the machine they run in, which on Java 8 only a development kit can do
(github.com/cloudfoundry/java-buildpack/issues/146)."""
_ATTACHES = "jar"
"""A program that tells the kit from what only runs: unlike `javac` it is no build tool, so that the rest of the build is left behind."""
_BUILD_FILES = frozenset({"pom.xml", "build.gradle", "build.gradle.kts"})
_ASKING = re.compile(r"^[ \t-]{0,64}(?:test|healthcheck|[a-z]{4,10}Probe|postStart|preStop)[ \t]{0,8}:")
_ASKED_LINES = 8
_COMPOSE = ("docker-compose", "compose")
_COMPILING = frozenset({"javac", "jar", "jshell", "jlink", "jcmd", "jstack", "jmap", "jps", "jstat", "jdeps", "jpackage", "rmic", "jdb"})
"""Programs that a JDK has and a JRE lacks (docs.oracle.com/en/java/javase/21/docs/specs/man)."""
_SETTINGS = (".conf", ".cfg", ".ini", ".toml", ".yml", ".yaml", ".json", ".properties", ".env")
BUILD_TOOLS = frozenset(
    {"gcc", "g++", "cc", "c++", "clang", "clang++", "make", "cmake", "ninja", "meson", "go", "cargo", "rustc", "javac", "mvn", "gradle", "tsc", "ld"}
    | {"ghc", "cabal", "stack", "ocamlfind", "ocamlopt", "dune", "nim", "nimble", "crystal", "zig", "ldc2", "dmd", "swiftc", "gfortran", "nvcc"}
)
"""Compilers and build tools: what calls one of these needs the build stage, or keeps the toolchain in the image."""
COMPILERS = frozenset({"gcc", "g++", "clang", "clang++", "gfortran", "javac", "rustc", "ghc", "nvcc", "ldc2", "dmd", "swiftc", "ocamlopt"})
"""Names that mean a compiler wherever they stand, also among a program's arguments."""
CODE = (
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
    ".pm",
    ".hs",
    ".ml",
    ".nim",
    ".cr",
    ".d",
    ".zig",
    ".swift",
    ".f90",
)


def mentioned(program: Program, view: FileView) -> frozenset[str]:
    """Names that may be programs: the words commands start with, and quoted words of the sources that were sent and that start programs."""
    return program.names | view.context.derived("_mentioned", lambda: frozenset(_in_sources(view)))


def compiles(program: Program, view: FileView) -> bool:
    """Whether the program uses what only a development kit has."""
    return bool(mentioned(program, view) & _COMPILING)


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
        if content and posixpath.basename(path) in _BUILD_FILES and any(mark in content for mark in _ATTACHING):
            yield _ATTACHES
        if content and path.endswith((".yml", ".yaml")) and (posixpath.basename(path).startswith(_COMPOSE) or "\nkind:" in f"\n{content}"):
            yield from _asked(content)
        if content and path.endswith(CODE):
            yield from (tool for mark, tool in _IN_PROCESS.items() if mark in content)
            yield from _QUOTED.findall(content) if _starts(path, content) else ()


def _asked(content: str) -> Iterator[str]:
    """Words of what asks from within a container whether it is well: a health check of Compose, a probe of Kubernetes."""
    lines = content.splitlines()
    for place, line in enumerate(lines):
        if _ASKING.match(line):
            yield from (word for near in lines[place : place + _ASKED_LINES] for word in _WORD.findall(near) if word not in BUILD_TOOLS)


def _starts(path: str, content: str) -> bool:
    marks = (*_STARTS_PROGRAMS, *_STARTS_BY_ENDING.get(posixpath.splitext(path)[1], ()))
    return any(mark in content for mark in marks)


def starts_build_tools(text: str) -> bool:
    """Whether a program's own text may start a compiler or build tool: it has a word for starting programs, and names one."""
    marks = (*_STARTS_PROGRAMS, "system", "exec", "popen", "`")
    return any(mark in text for mark in marks) and any(word in BUILD_TOOLS for word in _WORD.findall(text))


def build_tools_called(view: FileView) -> frozenset[str]:
    """Build tools that the sources, or the settings beside them, name where a source starts programs."""
    starting = [path for path, content in view.context.files.items() if content and path.endswith(CODE) and _starts(path, content)]
    if not starting:
        return frozenset()
    settings = (content for path, content in view.context.files.items() if content and _is_setting(path))
    texts = [_SINGLE.sub(_without_label, content) for content in settings]
    named = frozenset(word for content in texts for pattern in (_VALUE, _WITH_OPTION) for word in pattern.findall(content)) & BUILD_TOOLS
    return named | (frozenset(_in_sources(view)) & BUILD_TOOLS)


def _without_label(setting: re.Match[str]) -> str:
    """A setting of one word without its value, where its key is none for a command."""
    return setting[0] if any(part in setting[1].lower() for part in _COMMANDS) else ""


def _is_setting(path: str) -> bool:
    """A settings file of the program's own: not of the tools that build it, which name compilers all the time."""
    name = posixpath.basename(path)
    return name.endswith(_SETTINGS) and not name.startswith(("package", "tsconfig", "pyproject", "Cargo", "composer", ".")) and "lock" not in name
