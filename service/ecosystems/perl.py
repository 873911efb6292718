"""Perl: cpanm, cpm, Carton, CPAN.pm and what ExtUtils::MakeMaker and Module::Build make."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Lock, Manifest, PathRule, Step
from service.ecosystems.rules import here
from service.image.effects import LanguageInstall, Phase

_CPANM = "metacpan.org/pod/cpanm"
_VALUED = frozenset(
    {
        "-l",
        "--local-lib",
        "-L",
        "--local-lib-contained",
        "--mirror",
        "--from",
        "-M",
        "--cpanfile",
        "--cascade-search=",
        "--with-feature",
        "--without-feature",
        "--configure-timeout",
        "--build-timeout",
        "--test-timeout",
        "--save-dists",
        "--workers",
        "-w",
        "-r",
        "--resolver",
        "--home",
        "--snapshot",
        "--feature",
        "--path",
        "-p",
        "--pureperl=",
    }
)
_FILES = ("cpanfile", "cpanfile.snapshot", "Makefile.PL", "Build.PL")
_DEBIANS = frozenset({"debian", "ubuntu", "buildpack-deps", "node", "golang", "ruby", "python", "php", "nginx", "httpd", "gcc"})


def _site(invocation: Invocation) -> tuple[str, ...] | None:
    """Where the interpreter installs modules: the public image's lives in /usr/local (github.com/Perl/docker-perl), Debian's writes below
    /usr/local too (debian.org/doc/packaging-manuals/perl-policy). `PERL_LOCAL_LIB_ROOT` and `PERL_MM_OPT` choose a folder
    (metacpan.org/pod/local::lib)."""
    chosen = re.search(r"INSTALL_BASE=(\S{1,200})", invocation.env.get("PERL_MM_OPT", ""))
    root = invocation.env.get("PERL_LOCAL_LIB_ROOT") or (chosen.group(1) if chosen else "")
    if root:
        return (invocation.path(root.strip("\"'").split(":")[0]),)
    if invocation.home != "/root":
        # Who may not write there gets ~/perl5.
        return (invocation.path("~/perl5"),)
    if invocation.base.family == "perl":
        return "/usr/local/lib/perl5/site_perl", "/usr/local/bin"
    return ("/usr/local",) if invocation.base.family in _DEBIANS and invocation.base.libc == "glibc" else None


def _installed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-l` and `-L` name a folder; what PERL_CPANM_OPT says holds too. Dependencies of a folder are installed, the folder's own package as well."""
    if arguments.has("--look", "--info", "-V", "--version"):
        return ()
    folder = arguments.value("-l", "--local-lib", "-L", "--local-lib-contained")
    if folder is None:
        words = invocation.env.get("PERL_CPANM_OPT", "").replace("=", " ").split()
        named = [following for word, following in zip(words, words[1:], strict=False) if word in ("-l", "-L", "--local-lib", "--local-lib-contained")]
        folder = named[-1] if named else None
    place = (invocation.path(folder),) if folder else _site(invocation)
    projects = (word for word in arguments.positionals if word and (word.startswith(("./", "/")) or word == "."))
    built = () if arguments.has("--installdeps") else tuple(invocation.path(word) for word in projects)
    return None if place is None else (*place, *built)


def _cpm(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """local/ in the working directory, or the interpreter's own folders (metacpan.org/pod/App::cpm)."""
    if arguments.has("-g", "--global"):
        return _site(invocation)
    return (invocation.path(arguments.value("-L", "--local-lib-contained") or "local"),)


def _carton(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """local/ and cpanfile.snapshot (metacpan.org/pod/Carton)."""
    lock = () if arguments.has("--deployment") else (invocation.path("cpanfile.snapshot"),)
    return (invocation.path(arguments.value("-p", "--path") or invocation.env.get("PERL_CARTON_PATH") or "local"), *lock)


def _install(step: str, cache: str, place: PathRule) -> Callable[[Invocation, Arguments], LanguageInstall | None]:
    def rule(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
        names = tuple(word for word in arguments.positionals if word and not word.startswith((".", "/")) and "://" not in word)
        named = arguments.value("--cpanfile")
        folders = [word for word in arguments.positionals if word and word.startswith((".", "/"))] or ["."]
        by_file = not names or len(names) < len(arguments.positionals)
        files = (named,) if named else tuple(posixpath.join(folders[0], name) for name in _FILES)
        places = (invocation.path(name) for name in files)
        # The first is what is asked for where nothing says which of them are there.
        manifests = tuple(path for place, path in enumerate(places) if invocation.has(path) is not False or not place) if by_file else ()
        if any(invocation.has(path) for path in manifests[1:]):
            manifests = tuple(path for path in manifests if invocation.has(path))
        return LanguageInstall(step, "perl", names, manifests, (place(invocation, arguments) or ("",))[0], cache=cache)

    return rule


def _stdin(arguments: Arguments) -> bool:
    """`curl -L https://cpanmin.us | perl - App::cpanminus`: the installers' own way in."""
    words = arguments.positionals
    return words[:1] == ("-",) and any(word in ("App::cpanminus", "App::cpm") for word in words)


def _shell(arguments: Arguments) -> bool:
    """`perl -MCPAN -e 'install X'`."""
    options = {name for name, _ in arguments.options}
    return "-MCPAN" in options and arguments.has("-e")


def _asks(arguments: Arguments) -> bool:
    texts = arguments.values("-e", "-E")
    return bool(texts) and all(text is not None and not _WRITING.search(text) for text in texts) and not arguments.has("-i", "-p")


def _in_place(arguments: Arguments) -> bool:
    """`perl -pi -e 's/a/b/' FILE` (perlrun(1)); a program that could do anything else than substitute is not read."""
    texts = arguments.values("-e")
    places = {name for name, _ in arguments.options if name.startswith(("-i", "-pi", "-p", "-0"))}
    substitutes = bool(texts) and all(text is not None and text.lstrip().startswith(("s", "tr", "y")) and not _WRITING.search(text) for text in texts)
    return substitutes and bool(places)


_WRITING = re.compile(r"\bopen\b|\bsystem\b|\bexec\b|`|\bunlink\b|\brename\b|\bmkdir\b|\bqx\b|\brequire\b|\bdo\b|>")


def _edited(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    words = arguments.positionals
    return None if None in words or not words else tuple(invocation.path(word) for word in words if word)


# --- manifests

_REQUIRES = re.compile(r"""^\s{0,40}(?:requires|recommends|suggests)\s{0,9}\(?\s{0,9}["']([A-Za-z0-9_:]{1,100})["']""", re.MULTILINE)
_DISTRIBUTION = re.compile(r"^  ([A-Za-z][A-Za-z0-9_-]{0,100})-v?[0-9][A-Za-z0-9._-]{0,30}$", re.MULTILINE)
_PREREQUISITE = re.compile(r"""["']?([A-Z][A-Za-z0-9_]{0,60}(?:::[A-Za-z0-9_]{1,60}){1,9})["']?\s{0,20}=>""")
_RUNS = re.compile(r"\bdo\s|\brequire\s|`|\bsystem\b|\bopen\b|\$ENV")


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """A cpanfile is a Perl program: one that reads or runs something else is not told."""
    if name == "cpanfile.snapshot":
        return ()
    return () if name.endswith("cpanfile") and not _RUNS.search(content) else None


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """The modules of a cpanfile, or the distributions of cpanfile.snapshot as their main modules (`DBD-Pg` is DBD::Pg)."""
    if name == "cpanfile.snapshot":
        return tuple(found.replace("-", "::") for found in _DISTRIBUTION.findall(content))
    if name in ("Makefile.PL", "Build.PL"):
        return tuple(dict.fromkeys(found for found in _PREREQUISITE.findall(content) if found != "perl"))
    return tuple(found for found in _REQUIRES.findall(content) if found != "perl") if name.endswith("cpanfile") else ()


_HERE = here(".")
_MODULES = _install("cpanm", "~/.cpanm", _installed)

ECOSYSTEM = Ecosystem(
    name="perl",
    summary="Perl modules: cpanm, cpm, Carton and CPAN",
    images=("perl",),
    manifests=(Manifest(("cpanfile",), ("cpanfile", "cpanfile.snapshot")),),
    interpreters=("perl", "plackup", "starman", "starlet", "hypnotoad", "twiggy", "feersum", "corona", "monoceros", "gazelle", "start_server"),
    development=("morbo", "cpanm", "cpan", "cpm", "carton install", "prove", "perldoc", "reply", "re.pl"),
    build_env=("PERL_CPANM_*", "PERL_MM_*", "PERL_MB_*", "PERL_CARTON_*", "NO_NETWORK_TESTING"),
    steps=(
        Step("cpanm", Phase.INSTALL, _installed, caches=here("~/.cpanm"), valued=_VALUED, install=_MODULES, source=_CPANM),
        Step(
            "cpm install",
            Phase.INSTALL,
            _cpm,
            caches=here("~/.perl-cpm"),
            valued=_VALUED,
            install=_install("cpm install", "~/.perl-cpm", _cpm),
            source="metacpan.org/pod/App::cpm",
        ),
        Step(
            "carton install|update|bundle",
            Phase.INSTALL,
            _carton,
            caches=here("~/.cpanm"),
            valued=_VALUED,
            install=_install("carton install", "~/.cpanm", _carton),
            source="metacpan.org/pod/Carton",
        ),
        Step("carton exec", Phase.BUILD, _HERE, source="metacpan.org/pod/Carton"),
        Step("carton check|list|show|tree|version|--version", Phase.CHECK, source="metacpan.org/pod/Carton"),
        Step(
            "cpan",
            Phase.INSTALL,
            lambda invocation, arguments: _site(invocation),
            caches=here("~/.cpan"),
            install=_install("cpan", "~/.cpan", lambda invocation, arguments: _site(invocation)),
            when=lambda arguments: bool(arguments.positionals),
            source="cpan(1)",
        ),
        Step(
            "perl",
            Phase.INSTALL,
            lambda invocation, arguments: _site(invocation),
            caches=here("~/.cpanm"),
            when=_stdin,
            source=f"{_CPANM}#INSTALLATION; metacpan.org/pod/App::cpm",
        ),
        Step(
            "perl",
            Phase.INSTALL,
            lambda invocation, arguments: _site(invocation),
            caches=here("~/.cpan"),
            valued=frozenset({"-e"}),
            when=_shell,
            source="metacpan.org/pod/CPAN",
        ),
        Step("perl -v|-V|--version", Phase.CHECK, source="perlrun(1)"),
        Step("perl", Phase.CHECK, valued=frozenset({"-e", "-E", "-M", "-I"}), when=_asks, source="perlrun(1)"),
        Step("perl", Phase.FILES, _edited, tree=False, valued=frozenset({"-e"}), when=_in_place, source="perlrun(1)"),
        Step("perl Makefile.PL|Build.PL", Phase.BUILD, _HERE, source="metacpan.org/pod/ExtUtils::MakeMaker; metacpan.org/pod/Module::Build"),
        Step("Build install", Phase.INSTALL, lambda invocation, arguments: _site(invocation), source="metacpan.org/pod/Module::Build"),
        Step("Build", Phase.BUILD, _HERE, source="metacpan.org/pod/Module::Build"),
    ),
    local_references=local_references,
    packages_of=packages_of,
    lock=Lock("cpanfile.snapshot"),
    compiles_packages=True,
    downloads=True,
    source_endings=(".pl", ".pm", ".psgi", ".t"),
    runners=("carton", "cpanm", "plackup"),
)
