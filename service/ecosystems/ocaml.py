"""OCaml: opam, dune and the compilers. Native programs carry their OCaml libraries; C libraries come as system packages."""

from __future__ import annotations

import posixpath

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import here, nearest, option, upwards
from service.image.effects import LanguageInstall, PackageChange, Phase
from service.knowledge import apt
from service.knowledge.needs import needs

_OPAM = "opam.ocaml.org/doc (Usage, Manual: Root, Switches)"
_DUNE = "dune.readthedocs.io/en/stable (dune-build(1), dune-install(1), dune-workspace)"
_OCAML = "ocaml.org/manual (Native-code compilation)"
_VALUED = frozenset(
    {"--root", "--switch", "-j", "--jobs", "--profile", "-p", "--prefix", "--libdir", "--destdir", "--build-dir", "--workspace", "--display", "-x"}
    | {"--compiler", "--packages", "--repositories", "--kind", "-k", "--working-dir", "--only-packages", "--for-release-of-packages", "--destination"}
)


def _root(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """OPAMROOT, else ~/.opam: switches with their compilers and libraries, and the repositories."""
    return (invocation.path(arguments.value("--root") or invocation.env.get("OPAMROOT") or "~/.opam"),)


def _local(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """opam's root, and `_opam` where a folder becomes a switch of its own (opam-switch(1))."""
    folders = [word for word in arguments.positionals[1:] if word is not None and word.startswith((".", "/"))]
    return (*_root(invocation, arguments), *(posixpath.join(invocation.path(word), "_opam") for word in folders))


def _workspace(invocation: Invocation) -> str:
    """The outermost folder with dune-workspace or dune-project, as dune finds its root (dune.readthedocs.io, Finding the root)."""
    found = [folder for folder in upwards(invocation.path(".")) if _has(invocation, folder, "dune-project", "dune-workspace")]
    return found[-1] if found else invocation.path(".")


def _has(invocation: Invocation, folder: str, *names: str) -> bool:
    return any(invocation.has(posixpath.join(folder, name)) for name in names)


def _build(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    named = arguments.value("--build-dir") or invocation.env.get("DUNE_BUILD_DIR")
    if arguments.has("--root") and arguments.value("--root"):
        return (posixpath.join(invocation.path(arguments.value("--root") or "."), named or "_build"),)
    return (invocation.path(named),) if named else (posixpath.join(_workspace(invocation), "_build"),)


def _cache(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    return (invocation.path(invocation.env.get("DUNE_CACHE_ROOT") or "~/.cache/dune"),)


def _installed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`--prefix`; without one the switch's folder, whose name is not known (dune-install(1))."""
    return option("--prefix")(invocation, arguments) if arguments.has("--prefix") and not arguments.has("--destdir") else None


def _needed(invocation: Invocation, arguments: Arguments) -> LanguageInstall:
    """The dependencies of the own packages, by their opam files; `.` and a folder stand for those."""
    named = tuple(word for word in arguments.positionals if word and not word.startswith((".", "/")) and not word.endswith(".opam"))
    folder = nearest(invocation, "dune-project") or invocation.path(".")
    found = invocation.find(posixpath.join(folder, "*.opam"))
    given = tuple(invocation.path(word) for word in arguments.positionals if word and word.endswith(".opam"))
    return LanguageInstall("opam install", "ocaml", packages=named, manifests=(*given, *(found or ())) if not named else ())


_HEADERS = {
    "libpq5": ("libpq-dev", "postgresql-dev", "libpq-devel", "postgresql-devel"),
    "libev4": ("libev-dev", "libev-devel"),
    "libgmp10": ("libgmp-dev", "gmp-dev", "gmp-devel"),
    "libssl3": ("libssl-dev", "openssl-dev", "openssl-devel"),
    "libsqlite3-0": ("libsqlite3-dev", "sqlite-dev", "sqlite-devel"),
    "libmariadb3": ("libmariadb-dev", "libmysqlclient-dev", "mariadb-dev", "mariadb-connector-c-dev", "mariadb-devel"),
    "libffi8": ("libffi-dev", "libffi-devel"),
    "libpcre3": ("libpcre3-dev", "pcre-dev", "pcre-devel"),
    "zlib1g": ("zlib1g-dev", "zlib-dev", "zlib-devel"),
}
"""What opam asks for on Debian, Alpine and Fedora to have a library (opam-repository, depexts of conf-postgresql, conf-libev, conf-gmp and
their like): where the author has installed one of them, opam installs nothing more."""


def _system_packages(invocation: Invocation, arguments: Arguments) -> PackageChange | None:
    """opam installs what its packages need of the distribution by itself (opam 2.1, Depexts): of known packages the libraries; None where their
    names are not known."""
    asked = _needed(invocation, arguments)
    texts = [invocation.read(path) or "" for path in asked.manifests]
    names = (*asked.packages, *(name for text in texts for name in packages_of("opam", text) or ()))
    found = [need for name in names if (row := needs("ocaml", name.partition(".")[0])) is not None for need in row.packages]
    there = {name for act in invocation.before() if act.packages is not None for name in act.packages.installed}
    found = [need for need in found if not there.intersection(_HEADERS.get(need.partition("|")[0], ()))]
    if found and invocation.base.libc != "glibc":
        return None
    table = apt.table(invocation.base.suite)
    listed = (next((one for one in need.split("|") if table is None or table.package(one) is not None), need) for need in found)
    return PackageChange("apt", installed=tuple(dict.fromkeys(listed)))


def _compiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-o`, else a.out (ocamlopt(1)). Bytecode needs ocamlrun, unless it is told to bring it."""
    if _bytecode(invocation) and not arguments.has("-custom", "-output-complete-exe") and "-c" not in invocation.words:
        return None
    return option("-o", otherwise=here("a.out"))(invocation, arguments)


def _bytecode(invocation: Invocation) -> bool:
    return any((word or "").rsplit("/", 1)[-1].startswith("ocamlc") for word in invocation.words[:2])


def _objects(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Beside each source what the compiler makes of it: .cmi, and .cmx with .o, or .cmo in bytecode (ocamlopt(1), ocamlc(1))."""
    if None in arguments.positionals:
        return (invocation.path("."),)
    endings = (".cmi", ".cmo") if _bytecode(invocation) else (".cmi", ".cmx", ".o")
    stems = [posixpath.splitext(invocation.path(word)) for word in arguments.positionals if word]
    made = {".ml": endings, ".mli": (".cmi",)}
    return tuple(dict.fromkeys(stem + each for stem, ending in stems for each in made.get(ending, ())))


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """The names in quotes of an opam file's lists of packages; versions among them do no harm."""
    return tuple(dict.fromkeys(part for place, part in enumerate(content.split('"')) if place % 2 and part and len(part) < 80))


_COMPILER = frozenset({"-o", "-I", "-package", "-cclib", "-ccopt", "-pp", "-ppx", "-syntax", "-predicates"})

ECOSYSTEM = Ecosystem(
    name="ocaml",
    summary="opam and dune",
    images=("ocaml/opam", "ocaml/opam2", "ocurrent/opam"),
    manifests=(Manifest(("*.opam",), ("*.opam", "*.opam.locked", "dune-project", "opam")),),
    sources=(
        *("*.ml", "*.mli", "*.mll", "*.mly", "*.mlt", "*.opam", "*.opam.locked", "*.opam.template", "opam", "dune", "dune-project", "dune-workspace"),
        *("_build/**", "_opam/**", ".ocamlformat", ".ocamlformat-ignore", ".merlin", "*.c", "*.h", "*.atd", "*.re", "*.rei", "_tags"),
    ),
    compiled=True,
    source_endings=(".ml", ".mli", ".re"),
    build_env=("OPAM*", "OCAMLPARAM", "OCAMLFIND_*", "DUNE_*", "CAML_LD_LIBRARY_PATH"),
    development=("dune exec", "dune utop", "dune test", "dune runtest", "utop", "ocaml", "opam", "esy", "ocamlfind", "dune"),
    packages_of=packages_of,
    toolchain=("ocaml", "ocaml-*", "opam", "opam-*", "dune", "camlp4", "camlp5", "libfindlib-ocaml*"),
    steps=(
        Step(
            "opam init|update|upgrade|repository|repo|remote|pin|option|var|depext",
            Phase.INSTALL,
            scratch=_root,
            tree=False,
            valued=_VALUED,
            source=_OPAM,
        ),
        Step("opam switch", Phase.INSTALL, scratch=_local, tree=False, valued=_VALUED, source=_OPAM),
        Step(
            "opam install",
            Phase.INSTALL,
            scratch=_root,
            tree=False,
            valued=_VALUED,
            packages=_system_packages,
            install=_needed,
            source=_OPAM,
        ),
        Step("opam env|config|list|show|info|--version|lint", Phase.CHECK, valued=_VALUED, source=_OPAM),
        Step("opam clean", Phase.CLEAN, valued=_VALUED, source=_OPAM),
        Step("dune build", Phase.BUILD, scratch=_build, caches=_cache, valued=_VALUED, source=_DUNE),
        Step("dune test|runtest", Phase.BUILD, scratch=_build, caches=_cache, valued=_VALUED, source=_DUNE),
        Step("dune install", Phase.BUILD, writes=_installed, scratch=_build, valued=_VALUED, source=_DUNE),
        Step("dune clean", Phase.CLEAN, deletes=_build, valued=_VALUED, source=_DUNE),
        Step("dune subst", Phase.BUILD, scratch=here("."), source=_DUNE),
        Step("ocamlbuild", Phase.BUILD, scratch=here("_build"), valued=frozenset({"-package", "-pkg", "-tag", "-I", "-j"}), source="ocamlbuild(1)"),
        Step(
            "ocamlopt|ocamlc|ocamlopt.opt|ocamlc.opt", Phase.BUILD, writes=_compiled, scratch=_objects, tree=False, valued=_COMPILER, source=_OCAML
        ),
        Step("ocamlfind ocamlopt|ocamlc", Phase.BUILD, writes=_compiled, scratch=_objects, tree=False, valued=_COMPILER, source="ocamlfind(1)"),
        Step("ocamlfind list|query", Phase.CHECK, source="ocamlfind(1)"),
    ),
)
