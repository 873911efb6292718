"""Go: modules, the build cache, binaries."""

from __future__ import annotations

import posixpath
from dataclasses import replace

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Prefetch, Step
from service.ecosystems.rules import both, here, option
from service.image.effects import LanguageInstall, Phase
from service.knowledge.references import older

_SOURCE = "go help (go.dev/ref/mod, go.dev/cmd/go)"
_WRAPPER = "docker-library/golang, go-wrapper (images up to 1.10): download is `go get -d`, install `go install`"

_SCRIPTS = "magefile.org/zeroinstall (mage.go); the build scripts of perkeep (make.go), grafana (build.go) and go-ethereum (build/ci.go)"
_BUILD_SCRIPTS = frozenset({"make.go", "build.go", "ci.go", "mage.go"})
"""Programs that Go projects write in place of a Makefile, by the names that are usual."""


def _gopath(invocation: Invocation) -> str:
    """GOPATH, which the official images and most others for Go set to /go; else go in the home (go help gopath)."""
    base = invocation.base
    default = "/go" if base.family.endswith("golang") or not base.source else "~/go"
    return invocation.path(invocation.env.get("GOPATH") or default)


def _modules(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """GOMODCACHE, else pkg below GOPATH (go.dev/ref/mod#module-cache)."""
    own = (posixpath.join(_gopath(invocation), "pkg"),)
    named = invocation.env.get("GOMODCACHE")
    # The checksum database's tiles stay below GOPATH.
    return (invocation.path(named), *(posixpath.join(path, "sumdb") for path in own)) if named else own


_MODULES = _modules
_CACHES = both(_modules, here("${GOCACHE:-~/.cache/go-build}"))
_VALUED = frozenset(
    {
        "-o",
        "-ldflags",
        "-tags",
        "-gcflags",
        "-asmflags",
        "-mod",
        "-modfile",
        "-p",
        "-buildmode",
        "-C",
        "-overlay",
        "-pgo",
        "--ldflags",
        "--tags",
    }
)
_PROFILES = frozenset(
    {"-coverprofile", "-cpuprofile", "-memprofile", "-blockprofile", "-mutexprofile", "-trace", "-outputdir", "-run", "-timeout", "-count"}
)


def _output(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-o`, else the default; below the folder of `-C`, which the command changes to first (go help build)."""
    folder = arguments.value("-C") if arguments.has("-C") else "."
    if folder is None:
        return None
    there = replace(invocation, cwd=invocation.path(folder))
    named, unnamed = option("-o", otherwise=_default_output)(there, arguments), _default_output(there, arguments) or ()
    said = arguments.value("-o") or ""
    if named is None or not (said.endswith("/") or said in (".", "..")) or len(unnamed) != 1 or unnamed[0] == there.cwd:
        return named
    # A folder takes the program under its own name (go help build).
    return (posixpath.join(named[0], posixpath.basename(unnamed[0])),)


def _single(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """A pattern that stands for one package builds its program in the working directory, for several it builds nothing (go help build). With
    `-mod=mod` building adds to go.mod and go.sum."""
    pattern = any(word is not None and "..." in word for word in arguments.positionals)
    made = (invocation.path(arguments.value("-C") or "."),) if pattern and not arguments.has("-o") else ()
    changing = arguments.value("-mod") == "mod" or "-mod=mod" in invocation.env.get("GOFLAGS", "")
    return (*made, *((_required(invocation, arguments) or ()) if changing else ()))


def _sums(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """go.sum, where the context has none (go.dev/ref/mod#go-mod-download)."""
    path = invocation.path("go.sum")
    return (path,) if invocation.has(path) is False and invocation.has(invocation.path("go.mod")) else ()


def _required(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`go get` in a module adds to go.mod and go.sum (go.dev/ref/mod#go-get)."""
    names = ("go.mod", "go.sum") if invocation.has(invocation.path("go.mod")) else ()
    return tuple(invocation.path(name) for name in names)


def _tested(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The files that options name; `-c` without `-o` makes a program in the working directory (go help test, go help testflag)."""
    values = arguments.values("-o", "-coverprofile", "-cpuprofile", "-memprofile", "-blockprofile", "-mutexprofile", "-trace", "-outputdir")
    if None in values:
        return None
    unnamed = ("-c", "") in arguments.options and not arguments.has("-o")
    return (*((invocation.path("."),) if unnamed else ()), *(invocation.path(value) for value in values if value))


def _set(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`go env -w` and `-u`: the file that GOENV names (go help environment)."""
    return here("${GOENV:-~/.config/go/env}")(invocation, arguments) if arguments.has("-w", "-u") else ()


def _cleaned(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The caches that an option names (go help clean)."""
    modules = _modules(invocation, arguments) or ()
    built = here("${GOCACHE:-~/.cache/go-build}")(invocation, arguments) or ()
    return (*(modules if arguments.has("-modcache") else ()), *(built if arguments.has("-cache") else ()))


def _default_output(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Without -o: the file's, the package folder's or the module's name, in the working directory (go help build)."""
    words = tuple(word for word in arguments.positionals if word is not None)
    if len(words) != len(arguments.positionals):
        return (invocation.path("."),)
    files = [word for word in words if word.endswith(".go")]
    if files:
        return (invocation.path(posixpath.basename(files[0]).removesuffix(".go")),)
    if any("..." in word for word in words) or len(words) > 1:
        return ()
    package = words[0] if words else "."
    if package.rstrip("/") not in (".", ""):
        return (invocation.path(_base_name(package)),)
    name = _own_name(invocation)
    return (invocation.path(name),) if name else (invocation.path("."),)


def _base_name(path: str) -> str:
    """The last element that is not a major version (`example.com/tool/v2` builds `tool`)."""
    parts = [part for part in path.rstrip("/").split("/") if part not in ("", ".", "..")]
    if len(parts) > 1 and parts[-1][:1] == "v" and parts[-1][1:].isdigit():
        parts = parts[:-1]
    return parts[-1].partition("@")[0] if parts else "."


def _own_name(invocation: Invocation) -> str:
    """The program of the package in the working directory: the module's last element, before there were modules the folder's own name, which
    was the end of its import path (go help gopath); empty where neither is known."""
    module = _module(invocation.read(invocation.path("go.mod")))
    if module:
        return _base_name(module)
    sources = posixpath.join(_gopath(invocation), "src")
    base = invocation.base
    old = base.family == "golang" and base.version.count(".") > 0 and older(base.version, "1.11")
    outside = old or invocation.env.get("GO111MODULE") == "off"
    return posixpath.basename(invocation.cwd) if outside and invocation.cwd.startswith(sources + "/") else ""


def _module(content: str | None) -> str | None:
    for line in (content or "").splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == "module":
            return words[1].strip('"')
    return None


def _installed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    folder = invocation.env.get("GOBIN") or posixpath.join(_gopath(invocation), "bin")
    names = [word for word in arguments.positionals if word is not None]
    # Programs for another platform go to a folder of their own below bin (go help install).
    foreign = invocation.env.get("GOARCH", "amd64") not in ("", "amd64") or invocation.env.get("GOOS", "linux") not in ("", "linux")
    if foreign or len(names) != len(arguments.positionals) or any("..." in name for name in names):
        return (folder,)
    if all(name.strip("./") == "" for name in names):
        own = _own_name(invocation)
        return (posixpath.join(folder, own),) if own else (folder,)
    return tuple(posixpath.join(folder, _base_name(name)) for name in names)


def _got(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Before Go 1.17 `go get` installed what it fetched, unless told not to (go.dev/doc/go1.17#go-command); since then it only adds to go.mod."""
    parts = invocation.base.version.split(".")
    known = len(parts) > 1 and parts[1].isdigit()
    modern = invocation.base.family == "golang" and (int(parts[1]) >= 17 if known else True)
    named = invocation.env.get("GOBIN")
    own = invocation.env.get("GOPATH", "/go") != "/go" and not arguments.positionals and not named
    if arguments.has("-d") or own or (modern and invocation.env.get("GO111MODULE") != "off"):
        return ()
    if named:
        return _installed(invocation, arguments)
    # Of a library it makes no program, and only the official images have the folder for them anyway.
    return (posixpath.join(_gopath(invocation), "bin"),) if invocation.base.family == "golang" else ()


def _perhaps(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """What `go get` changes in a module, and the folder that it may put programs into."""
    elsewhere = invocation.base.family != "golang" and not arguments.has("-d") and not invocation.env.get("GOBIN")
    folder = (posixpath.join(_gopath(invocation), "bin"),) if elsewhere else ()
    return (*(_required(invocation, arguments) or ()), *folder)


def _building(arguments: Arguments) -> bool:
    return any(posixpath.basename(word or "") in _BUILD_SCRIPTS for word in arguments.positionals[:1])


def _by_script(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """As make: the project's folder; and the folder that `go install` puts programs into."""
    return (invocation.path("."), invocation.env.get("GOBIN") or posixpath.join(_gopath(invocation), "bin"))


def _packed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    names = arguments.values("-o") if arguments.has("-o") else arguments.positionals
    return None if None in names else tuple(invocation.path(name) for name in names if name)


def _vendored(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """vendor/ in the project, and govendor's own store of what it downloads."""
    return (invocation.path("vendor"), posixpath.join(_gopath(invocation), ".cache"))


def _workspace(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """godep puts sources into GOPATH, where building finds them, and Godeps/ into the project."""
    return (invocation.path("Godeps"), posixpath.join(_gopath(invocation), "src"))


def _download(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    return LanguageInstall(
        "go mod download", "go", manifests=(invocation.path("go.mod"), invocation.path("go.sum")), target="/go/pkg/mod", cache="/go/pkg/mod"
    )


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """The folders of `replace x => ../lib` and of a go.work's `use`: installing reads their go.mod (go.dev/ref/mod#go-mod-file-replace)."""
    found: list[str] = []
    block = ""
    for line in content.splitlines():
        words = line.partition("//")[0].split()
        if not words:
            continue
        if words[-1] == "(":
            block = words[0]
        elif words[0] == ")":
            block = ""
        elif "=>" in words:
            target = words[words.index("=>") + 1 :][:1]
            found += [path for path in target if path.startswith((".", "/"))]
        elif name == "go.work" and (block == "use" or words[0] == "use"):
            found.append(words[-1])
    return tuple(found)


ECOSYSTEM = Ecosystem(
    name="go",
    summary="Go modules and binaries",
    images=("golang",),
    manifests=(Manifest(("go.mod",), ("go.mod", "go.sum")),),
    sources=("*.go", "go.mod", "go.sum", "go.work", "go.work.sum", "vendor/**", "default.pgo"),
    strip_option=("go build", '-ldflags="-s -w"'),
    compiled=True,
    prefetch=Prefetch("go mod download", ("go.mod", "go.sum"), ("vendor", "go.work")),
    static_env=(("CGO_ENABLED", "0"),),
    source_endings=(".go",),
    build_env=(
        "CGO_ENABLED",
        "GO111MODULE",
        "GOOS",
        "GOARCH",
        "GOARM",
        "GOAMD64",
        "GOPROXY",
        "GOFLAGS",
        "GOPRIVATE",
        "GONOSUMDB",
        "GOSUMDB",
        "GONOPROXY",
        "GOINSECURE",
        "GOBIN",
        "GOPATH",
        "GOROOT",
        "GOCACHE",
        "GOMODCACHE",
        "GOTOOLCHAIN",
        "CGO_CFLAGS",
        "CGO_LDFLAGS",
    ),
    development=(
        *("go run", "go test", "go-wrapper run", "bee run", "revel run", "buffalo dev", "gowatch", "modd", "air", "reflex", "realize", "gin run"),
        *("glide", "dep", "govendor", "godep"),
        *("dlv", "CompileDaemon", "fresh", "ginkgo", "goconvey", "gotestsum", "golangci-lint", "gometalinter", "goreleaser", "gomobile"),
    ),
    steps=(
        Step("go mod download", Phase.INSTALL, scratch=_sums, caches=_MODULES, install=_download, source=_SOURCE),
        Step("go mod tidy|vendor", Phase.INSTALL, writes=here("."), caches=_CACHES, valued=_VALUED, source=_SOURCE),
        Step("go mod init|edit|verify", Phase.INSTALL, writes=here("."), caches=_MODULES, valued=_VALUED, source=_SOURCE),
        Step("go work", Phase.INSTALL, writes=here("."), caches=_CACHES, source=_SOURCE),
        Step("go get", Phase.INSTALL, writes=_got, scratch=_perhaps, caches=_CACHES, valued=_VALUED, source=_SOURCE),
        Step("go build", Phase.BUILD, writes=_output, scratch=_single, caches=_CACHES, valued=_VALUED, source=_SOURCE),
        Step("go run", Phase.BUILD, writes=_by_script, generates=True, caches=_CACHES, valued=_VALUED, when=_building, source=_SCRIPTS),
        Step("go install", Phase.BUILD, writes=_installed, caches=_CACHES, valued=_VALUED, source=_SOURCE),
        Step("go generate", Phase.BUILD, writes=here("."), caches=_CACHES, valued=_VALUED, source=_SOURCE),
        Step("go test", Phase.CHECK, writes=_tested, caches=_CACHES, valued=_VALUED | _PROFILES, source=_SOURCE),
        Step("go env", Phase.CHECK, scratch=_set, tree=False, source=_SOURCE),
        Step("go fmt", Phase.CHECK, caches=_CACHES, valued=_VALUED, source=_SOURCE),
        Step("go vet|list|version|tool|doc", Phase.CHECK, caches=_CACHES, valued=_VALUED, source=_SOURCE),
        Step("go clean", Phase.CLEAN, deletes=_cleaned, valued=_VALUED, source=_SOURCE),
        Step("go-wrapper download", Phase.INSTALL, caches=_CACHES, source=_WRAPPER),
        Step("go-wrapper install", Phase.BUILD, writes=_installed, caches=_CACHES, valued=_VALUED, source=_WRAPPER),
        Step("godep restore|get|save|update", Phase.INSTALL, scratch=_workspace, caches=_CACHES, source="github.com/tools/godep (README)"),
        Step("govendor sync|fetch|get|update|init|add", Phase.INSTALL, scratch=_vendored, caches=_CACHES, source="github.com/kardianos/govendor"),
        Step("dep ensure|init", Phase.INSTALL, writes=here("."), caches=_MODULES, source="golang/dep documentation"),
        Step("glide install|up", Phase.INSTALL, writes=here("."), caches=here("~/.glide"), source="glide documentation"),
        Step("gofmt", Phase.CHECK, caches=_CACHES, source=_SOURCE),
        Step("golint|golangci-lint|staticcheck", Phase.CHECK, caches=_CACHES, source=_SOURCE),
        Step("upx", Phase.BUILD, writes=_packed, tree=False, valued=frozenset({"-o"}), source="upx(1): FILE in place, or what -o names"),
    ),
    local_references=local_references,
)
