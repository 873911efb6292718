"""What an ecosystem is: data about commands, manifests and sources, and the few rules that turn an invocation into paths."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from service.image.effects import Act, LanguageInstall, PackageChange, Phase
from service.image.model import BaseImage
from service.quick import quick


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command as it runs: `words` resolved as far as they are constant (None: not), the folder, the environment, the user's home and
    the base image under it all.

    `read` gives the content of a path that came from the build context, None where it is not known; `has` says whether the context brought
    a path; `find` the context's files that lie where a glob looks, in one folder, None where not all of them are known.
    """

    words: tuple[str | None, ...]
    cwd: str = "/"
    env: Mapping[str, str] = field(default_factory=dict)
    home: str = "/root"
    base: BaseImage = BaseImage("")
    read: Callable[[str], str | None] = lambda path: None
    has: Callable[[str], bool | None] = lambda path: None
    find: Callable[[str], tuple[str, ...] | None] = lambda pattern: None
    children: Callable[[str], tuple[str, ...] | None] = lambda path: None
    """The files that the context brought directly into a folder; None where that is not known."""
    before: Callable[[], Iterable[Act]] = lambda: ()
    """What was done in the image so far, the last first."""

    def path(self, text: str) -> str:
        """An absolute, normalised path; `~` is the user's home."""
        if text == "~" or text.startswith("~/"):
            text = self.home + text[1:]
        if text[:1] == "/" and "//" not in text and "/." not in text and text[-1] != "/":
            # As it would come out.
            return text
        joined = posixpath.normpath(posixpath.join(self.cwd, text))
        return "/" + joined.lstrip("/")


@quick
@dataclass(frozen=True, slots=True)
class Arguments:
    """Options with their values and the positional words, program and subcommand not among them."""

    options: tuple[tuple[str, str | None], ...]
    positionals: tuple[str | None, ...]

    def has(self, *names: str) -> bool:
        return bool(self.options) and any(name in names for name, _ in self.options)

    def values(self, *names: str) -> tuple[str | None, ...]:
        return tuple(value for name, value in self.options if name in names)

    def value(self, *names: str) -> str | None:
        found = self.values(*names)
        return found[-1] if found else None


PathRule = Callable[[Invocation, Arguments], tuple[str, ...] | None]


def nothing(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Step:
    """A command and what it does.

    `command` is the program and its leading words; alternatives of a word are joined by `|` (`npm install|i|add`). `writes`, `deletes` and
    `caches` give absolute paths, or None where the command cannot be told (then it is opaque); `links` gives symbolic links as (path, what
    it points to), `alters` paths that are changed in place (each with whether everything below is), `copies` (source, destination) of what is
    copied or moved within the image. `scratch` are the folders of what is made on the way: of these only what the program names ships. `valued` are
    options whose value is the next word. `static` tells from an invocation that what is linked needs no C library. `source` cites the tool's
    documentation; checked.json says which rows a real run has confirmed.
    """

    command: str
    phase: Phase
    writes: PathRule = nothing
    deletes: PathRule = nothing
    links: Callable[[Invocation, Arguments], tuple[tuple[str, str], ...]] | None = None
    alters: Callable[[Invocation, Arguments], tuple[tuple[str, bool], ...]] | None = None
    copies: Callable[[Invocation, Arguments], tuple[tuple[str, str], ...]] | None = None
    caches: PathRule = nothing
    mountable: PathRule | None = None
    """Of the caches those that may outlast a build; None: all of them."""
    scratch: PathRule = nothing
    tree: bool = True
    generates: bool = False
    """Whether it may write data beside its programs that nothing names (a script that builds)."""
    valued: frozenset[str] = frozenset()
    packages: Callable[[Invocation, Arguments], PackageChange | None] | None = None
    install: Callable[[Invocation, Arguments], LanguageInstall | None] | None = None
    users: PathRule = nothing
    static: Callable[[Invocation, Arguments], bool] | None = None
    runs_on: Callable[[Invocation, Arguments], tuple[str, ...]] | None = None
    """Programs of the base that what it makes cannot run without (an escript needs Erlang), though nobody names them."""
    source: str = ""
    when: Callable[[Arguments], bool] | None = None
    """Whether the row speaks of a command with these arguments; None: of all."""

    @property
    def name(self) -> str:
        return _first_words(self.command)


@cache
def _first_words(command: str) -> str:
    """Of a table's own commands, of which there is a number."""
    return " ".join(word.split("|")[0] for word in command.split())


@dataclass(frozen=True, slots=True)
class Manifest:
    """Files that an install step reads. `names` are globs of a file name, `required` the one without which there is nothing to install,
    `runtime` says that the program may read them too (package.json), `members` are names whose content says whether the install reads other
    packages of the repository."""

    required: tuple[str, ...]
    names: tuple[str, ...]
    runtime: bool = False
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prune:
    """How development dependencies leave: `command` is appended after the build, when `manager` installed them and the base's version
    of `program` is at least `since`; never where a manifest `unless` names other packages of the repository."""

    manager: str
    command: str
    program: str = ""
    since: int = 0
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Bundling:
    """An artifact that needs its libraries beside it unless a manifest asks for a bundle: the file's endings, where to look, and for which words;
    `against` are words that say that it looks for libraries outside of itself. `folders` are patterns of the last parts of a folder that holds a
    program with everything it needs (`build/install/*`)."""

    endings: tuple[str, ...]
    manifests: tuple[str, ...]
    marks: tuple[str, ...]
    against: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lock:
    """The manifest that names every package, transitive ones too: where it was read, no other is. Where it was not, the `presumed` packages are
    taken to be among those that the manifests bring."""

    name: str
    presumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prefetch:
    """A command that fetches what a build would fetch, from manifests alone. `needs` are the manifests that must be there; it is not used where
    a file of `unless` is (a vendored tree needs no fetching)."""

    command: str
    needs: tuple[str, ...]
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ecosystem:
    """One language or tool family, as data. `sources` are globs that a build compiles in; `development` are commands whose toolchain is the
    product (`nodemon`, `go run`); `build_env` globs of ENV names that only building reads; `interpreters` the programs that run it."""

    name: str
    summary: str
    images: tuple[str, ...] = ()
    manifests: tuple[Manifest, ...] = ()
    sources: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    interpreters: tuple[str, ...] = ()
    development: tuple[str, ...] = ()
    build_env: tuple[str, ...] = ()
    compiled: bool = False
    generates: bool = False
    """Whether a build may write data beside its program that no row names (a recipe that nobody could read)."""
    prunes: tuple[Prune, ...] = ()
    local_references: Callable[[str, str], tuple[str, ...] | None] | None = None
    """(manifest name, content) -> paths, relative to it, that installing reads besides the manifests; None: everything, or not known."""
    packages_of: Callable[[str, str], tuple[str, ...] | None] | None = None
    """(manifest name, content) -> names of the packages it asks for; None where it cannot be read."""
    static_env: tuple[tuple[str, str], ...] = ()
    """ENV under which every build gives a static binary; empty: never provable."""
    source_endings: tuple[str, ...] = ()
    portable: bool = False
    """Whether what it builds runs on any distribution with the same C library (bytecode that brings its own libraries)."""
    beside: bool = False
    """Whether a program loads what lies beside it: of a build's folder the one that holds the program ships, not the program alone."""
    prefetch: Prefetch | None = None
    bundling: Bundling | None = None
    lock: Lock | None = None
    toolchain: tuple[str, ...] = ()
    """Globs of the distributions' packages that bring its interpreter, compiler and package managers."""
    alters_dependencies: tuple[str, ...] = ()
    """Words of commands, scripts and manifests that say that a build writes among the installed dependencies."""
    build_packages: tuple[str, ...] = ()
    build_variable: str = ""
    """A variable of the language's images that lists the packages which compiling native packages takes."""
    """Packages of other languages that only installing its native packages needs (Python for node-gyp)."""
    linked: tuple[str, ...] = ()
    """The libraries that its artifacts are linked with, where its toolchain came as packages; alternatives are joined by a bar."""
    folders: bool = False
    """Whether what it builds are folders that its rows name: a path below the project that a program starts is not all of it."""
    compiles_packages: bool = False
    """Whether its packages are compiled from source as a rule, so that one without a row in needs.json may be linked with anything."""
    assisted: tuple[tuple[str, str, str, str], ...] = ()
    """(runner, manifest, mark, program): what a runner calls where a manifest has the mark."""
    generators: tuple[tuple[str, str], ...] = ()
    """(word of a build command, ecosystem): commands that call another ecosystem's tools while they build (`rake assets:precompile` runs Node)."""
    downloads: bool = False
    """Whether its caches hold downloads only, which installing copies out of; a build reads the others' stores again."""
    exclusive: bool = False
    """Whether two builds may not work on its cache at the same time."""
    runners: tuple[str, ...] = ()
    """Programs that come with the toolchain and run what is installed (npm, npx), beside the interpreters."""
    modules: tuple[tuple[str, str], ...] = ()
    """Python modules that are its programs: (module, program), where `python -m module` is the program."""
    strip_option: tuple[str, str] = ("", "")
    """The step and the option with which its linker leaves symbols and debug information out; empty where `strip` does it afterwards."""
