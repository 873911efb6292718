"""Ruby: Bundler, RubyGems, rake, Rails and the site generators that projects run through them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import here
from service.image.effects import LanguageInstall, Phase
from service.knowledge.releases import distribution_of

_BUNDLE = "bundler.io/man"
_GEM = "guides.rubygems.org/command-reference"
_IMAGE = "docker-library/ruby Dockerfile (GEM_HOME and BUNDLE_APP_CONFIG are /usr/local/bundle)"
_RAILS = "guides.rubyonrails.org/command_line.html"
_RUBY = "ruby(1)"
_VALUED = frozenset(
    {
        "--path",
        "--gemfile",
        "-j",
        "--jobs",
        "--retry",
        "--without",
        "--with",
        "--binstubs",
        "--shebang",
        "--trust-policy",
        "--target-rbconfig",
        "--group",
        "-g",
        "--source",
        "--cache-path",
    }
)
_GEM_VALUED = frozenset(
    {
        "-v",
        "--version",
        "-i",
        "--install-dir",
        "-n",
        "--bindir",
        "-s",
        "--source",
        "--platform",
        "-P",
        "--trust-policy",
        "-p",
        "--http-proxy",
        "-B",
        "--bulk-threshold",
        "--config-file",
        "--build-root",
        "--target-rbconfig",
        "-o",
        "--output",
        "-C",
        "--add",
        "-a",
        "--remove",
        "-r",
    }
)
_BRINGING = frozenset({"bundler", "rake", "jekyll", "rails", "puppet", "chef", "vagrant"})
"""Packages that depend on Ruby without its name (packages.debian.org)."""
_OTHERS = ("ruby", "rbenv", "rvm")
"""Marks of folders in PATH where another Ruby comes first."""
_DESTINATION = ("-d", "--destination", "--output", "--build-dir")


def _gems(invocation: Invocation) -> tuple[str, ...] | None:
    """Where RubyGems installs: GEM_HOME where it is set (the public images set it); on Debian and Ubuntu root's gems go to /var/lib/gems and their
    programs to /usr/local/bin (/usr/lib/ruby/vendor_ruby/rubygems/defaults/operating_system.rb). Elsewhere it is not told here."""
    home = invocation.env.get("GEM_HOME")
    if home:
        return (invocation.path(home),)
    if invocation.base.family == "ruby":
        return ("/usr/local/bundle",)
    if _packaged(invocation) and invocation.home == "/root":
        return ("/var/lib/gems", "/usr/local/bin")
    return None


def _packaged(invocation: Invocation) -> bool:
    """Whether `gem` is of a package of Debian or Ubuntu that an earlier line installs: one that was unpacked or compiled keeps its gems beside it."""
    if "ruby" in invocation.base.programs or distribution_of(invocation.base.suite) not in ("debian", "ubuntu"):
        return False
    names = (name for act in invocation.before() if act.packages is not None for name in act.packages.installed)
    return any("ruby" in name or name in _BRINGING for name in names) and not any(mark in invocation.env.get("PATH", "") for mark in _OTHERS)


def _project(invocation: Invocation, arguments: Arguments) -> str:
    """The folder of the Gemfile: named, or the nearest one above the working directory (bundle-install(1), --gemfile)."""
    named = arguments.value("--gemfile") or invocation.env.get("BUNDLE_GEMFILE")
    if named:
        return posixpath.dirname(invocation.path(named))
    folder = invocation.path(".")
    while folder != "/" and not invocation.has(posixpath.join(folder, "Gemfile")):
        folder = posixpath.dirname(folder)
    return folder if folder != "/" else invocation.path(".")


def _bundled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The gems, and the project: Gemfile.lock, .bundle, binstubs, and vendor/bundle where an earlier `bundle config` chose it."""
    project = _project(invocation, arguments)
    chosen = arguments.value("--path") or invocation.env.get("BUNDLE_PATH")
    if chosen:
        return (posixpath.normpath(posixpath.join(project, chosen)), project)
    if arguments.has("--deployment") or invocation.env.get("BUNDLE_DEPLOYMENT", "").lower() in ("1", "true"):
        return (project,)
    gems = _gems(invocation)
    return None if gems is None else (*gems, project)


def _installed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    folders = [value for value in (arguments.value("-i", "--install-dir"), arguments.value("-n", "--bindir")) if value]
    if arguments.has("-i", "--install-dir"):
        return tuple(invocation.path(folder) for folder in folders) or None
    gems = None if arguments.has("--user-install") else _gems(invocation)
    return None if gems is None else (*gems, *(invocation.path(folder) for folder in folders))


def _configured(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`bundle config --local`: the project's .bundle, or $BUNDLE_APP_CONFIG. A path for the gems outside the project is written there later."""
    words = [word for word in arguments.positionals if word != "set"]
    if _builds_with_system_libraries(words):
        return None
    project = _project(invocation, arguments)
    config = invocation.env.get("BUNDLE_APP_CONFIG") or posixpath.join(project, ".bundle")
    chosen = words[1] if len(words) > 1 and words[0] == "path" else None
    outside = (invocation.path(chosen),) if chosen and chosen.startswith("/") else ()
    return (invocation.path(posixpath.join(project, config, "config")), *outside)


def _set(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`bundle config` of the user: repeated, it says the same of the image that ships. Gems in a folder of their own would have to come along."""
    words = [word for word in arguments.positionals if word != "set"]
    outside = len(words) > 1 and words[0] in ("path", "system_bindir", "bin") and (words[1] or "/").startswith(("/", "~"))
    return None if outside or _builds_with_system_libraries(words) else here("~/.bundle/config")(invocation, arguments)


def _builds_with_system_libraries(words: list[str | None]) -> bool:
    """`bundle config build.nokogiri --use-system-libraries`: then a gem needs libraries that its name does not tell."""
    return bool(words) and (words[0] is None or words[0].startswith("build."))


def _bundle(step: str) -> Callable[[Invocation, Arguments], LanguageInstall | None]:
    def rule(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
        project = _project(invocation, arguments)
        gemfile = arguments.value("--gemfile") or invocation.env.get("BUNDLE_GEMFILE")
        name = invocation.path(gemfile) if gemfile else posixpath.join(project, "Gemfile")
        system = ("nokogiri/system",) if "NOKOGIRI_USE_SYSTEM_LIBRARIES" in invocation.env else ()
        without = (*arguments.values("--without"), invocation.env.get("BUNDLE_WITHOUT"))
        production = arguments.has("--deployment") or any("development" in value for value in without if value)
        return LanguageInstall(step, "ruby", system, (name, f"{name}.lock"), posixpath.join(project, "vendor/bundle"), production)

    return rule


def _named(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    """`gem install rails:7.1 own-1.0.gem`: the names, without versions."""
    names = tuple(_VERSION.sub("", posixpath.basename(word)).partition(":")[0] for word in arguments.positionals if word)
    system = "--use-system-libraries" in names or "NOKOGIRI_USE_SYSTEM_LIBRARIES" in invocation.env
    found = tuple(name for name in names if not name.startswith("-")) + (("nokogiri/system",) if system else ())
    return LanguageInstall("gem install", "ruby", found, (), (_installed(invocation, arguments) or ("",))[0])


def _system(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`gem update --system` replaces RubyGems where Ruby lies; on the public images it can run again in any of them."""
    return ("/usr/local/lib/ruby", "/usr/local/bin") if invocation.base.family == "ruby" else None


def _site(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """A generated site: the working directory, and the folder it is told to write to."""
    target = arguments.value(*_DESTINATION)
    return (invocation.path("."), *((invocation.path(target),) if target else ()))


_VERSION = re.compile(r"-[0-9][A-Za-z0-9.]{0,40}\.gem$|\.gem$")
_WRITING = re.compile(r"\b(?:File|FileUtils|Dir|IO|Gem|Open3|open|write|system|exec|spawn|require|load|eval|mkdir)|`|%x|>")


def _prints(arguments: Arguments) -> bool:
    """Whether `ruby -e` only computes and prints."""
    texts = arguments.values("-e")
    return bool(texts) and not any(text is None or _WRITING.search(text) for text in texts) and not arguments.has("-i", "-r")


# --- manifests

_CALL = re.compile(r"""^\s*gem[ (]\s*["']([A-Za-z0-9_.-]{1,100})["']""")
_GEM_LINE = re.compile(r"^\s*gem\b")
_PATHS = re.compile(r"""(?:\bpath(?::| =>)|:path\s?=>|\bpath)\s*\(?["']([^"']{1,200})["']""")
_READS = re.compile(r"""\beval_gemfile|\bgemspec\b|\brequire|\bload\b|\bFile\b|\bDir\b|\bIO\b|__FILE__|__dir__|`|%x|\bsystem\b|\binstance_eval\b""")
_VERSION_FILE = re.compile(r"""^\s*ruby[ (]\s*\(?file:\s*["']([^"']{1,200})["']""")
_LOCKED = re.compile(r"^ {4}([A-Za-z0-9_.-]{1,100})(?: \(|$)")


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """Folders of `path:` gems and the file of `ruby file:`; None for a Gemfile that runs code of its own or reads a gemspec."""
    if name == "Gemfile.lock" or not name.endswith("Gemfile"):
        return ()
    found: list[str] = []
    for line in _code(content):
        if _READS.search(line):
            return None
        version = _VERSION_FILE.match(line)
        found += [version.group(1)] if version else []
        found += _PATHS.findall(line)
    return tuple(found)


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """The gems of Gemfile.lock, the transitive ones too, or those that a Gemfile asks for; None where it names them by code."""
    if name.endswith(".lock"):
        return tuple(dict.fromkeys(found.group(1) for line in content.splitlines() for found in [_LOCKED.match(line)] if found))
    if not name.endswith("Gemfile"):
        return ()
    names: list[str] = []
    for line in _code(content):
        found = _CALL.match(line)
        if found:
            names.append(found.group(1))
        elif _GEM_LINE.match(line) or re.match(r"\s*(eval_gemfile|gemspec)\b", line):
            return None
    return tuple(names)


def _code(content: str) -> list[str]:
    """The lines without comments; a hash inside quotes is rare enough in a Gemfile to be cut too."""
    return [line.partition("#")[0] for line in content.splitlines()]


_PROJECT = here(".")
_EXEC = "bundle|bundler exec"
_GENERATORS = "jekyll|middleman|nanoc|bridgetown|awestruct|asciidoctor"

ECOSYSTEM = Ecosystem(
    name="ruby",
    summary="Ruby gems, Bundler, Rails and site generators",
    images=("ruby",),
    manifests=(Manifest(("Gemfile",), ("Gemfile", "Gemfile.lock", ".ruby-version", ".tool-versions"), runtime=True),),
    interpreters=(
        "ruby",
        "bundle",
        "bundler",
        "rackup",
        "puma",
        "pumactl",
        "unicorn",
        "unicorn_rails",
        "rainbows",
        "passenger",
        "thin",
        "falcon",
        "iodine",
        "agoo",
        "rails",
        "rake",
        "sidekiq",
        "resque",
        "resque-scheduler",
        "good_job",
        "jekyll",
        "foreman",
        "irb",
        "pry",
        "gem",
        "clockwork",
        "karafka",
        "hanami",
        "shoryuken",
        "jruby",
    ),
    development=(
        "bundle install",
        "bundle update",
        "bundler install",
        "gem install",
        "guard",
        "rerun",
        "shotgun",
        "spring",
        "irb",
        "pry",
        "rspec",
        "cucumber",
        "rubocop",
        "rails console",
        "rails c",
        "rails dbconsole",
        "rails test",
        "jekyll serve",
        "jekyll server",
        "jekyll s",
        "jekyll build",
        "middleman server",
        "middleman build",
        "nanoc live",
        "rake build",
        "rake test",
        "rake spec",
        "rake compile",
    ),
    build_env=("BUNDLE_*", "BUNDLER_*", "GEM_*", "RUBYOPT", "NOKOGIRI_USE_SYSTEM_LIBRARIES", "SECRET_KEY_BASE_DUMMY"),
    steps=(
        Step(
            "bundle|bundler install|i",
            Phase.INSTALL,
            writes=_bundled,
            valued=_VALUED,
            install=_bundle("bundle install"),
            source=f"{_BUNDLE}/bundle-install.1.html; {_IMAGE}",
        ),
        Step(
            "bundle|bundler",
            Phase.INSTALL,
            writes=_bundled,
            valued=_VALUED,
            when=lambda arguments: not arguments.positionals and not arguments.has("--version", "-v", "--help"),
            install=_bundle("bundle install"),
            source=f"{_BUNDLE}/bundle.1.html: without a command it installs",
        ),
        Step(
            "bundle|bundler update|lock|add|remove|binstubs|cache|package|pack|init|inject|pristine|plugin|gem",
            Phase.INSTALL,
            writes=_bundled,
            valued=_VALUED,
            install=_bundle("bundle update"),
            source=f"{_BUNDLE}; vendor/cache and the lock lie in the project",
        ),
        Step("bundle|bundler clean", Phase.PRUNE, writes=_bundled, valued=_VALUED, source=f"{_BUNDLE}/bundle-clean.1.html"),
        Step(
            "bundle|bundler config get|list",
            Phase.CHECK,
            source=f"{_BUNDLE}/bundle-config.1.html",
        ),
        Step(
            "bundle|bundler config",
            Phase.INSTALL,
            writes=_configured,
            when=lambda arguments: arguments.has("--local"),
            install=_bundle("bundle config"),
            source=f"{_BUNDLE}/bundle-config.1.html: <project>/.bundle/config, or $BUNDLE_APP_CONFIG/config",
        ),
        Step(
            "bundle|bundler config",
            Phase.SETUP,
            writes=_set,
            source=f"{_BUNDLE}/bundle-config.1.html: ~/.bundle/config, or the local one inside an application",
        ),
        Step("bundle|bundler check|show|info|list|outdated|env|doctor|version|platform|licenses|audit", Phase.CHECK, source=_BUNDLE),
        Step(_EXEC, Phase.BUILD, writes=_PROJECT, source=f"{_BUNDLE}/bundle-exec.1.html; the tools it runs write below their project"),
        Step(
            f"{_EXEC} {_GENERATORS}",
            Phase.BUILD,
            writes=_site,
            valued=frozenset({*_DESTINATION, "-s", "--source", "-c", "--config"}),
            source="jekyllrb.com/docs/configuration/options",
        ),
        Step(
            f"{_EXEC} puma|rspec|rubocop|brakeman|bundle-audit|erblint",
            Phase.CHECK,
            source="test tools: their reports are nobody's input",
        ),
        Step("gem install|i", Phase.INSTALL, writes=_installed, valued=_GEM_VALUED, install=_named, source=f"{_GEM}/#gem-install; {_IMAGE}"),
        Step(
            "gem update",
            Phase.SETUP,
            writes=_system,
            valued=_GEM_VALUED - {"-n"},
            when=lambda arguments: arguments.has("--system"),
            source=f"{_GEM}/#gem-update",
        ),
        Step("gem update|uninstall|cleanup|pristine", Phase.INSTALL, writes=_installed, valued=_GEM_VALUED, source=_GEM),
        Step(
            "gem build",
            Phase.BUILD,
            writes=_PROJECT,
            valued=_GEM_VALUED,
            source=f"{_GEM}/#gem-build: the .gem file lies in the working directory",
        ),
        Step("gem fetch|unpack", Phase.FETCH, writes=_PROJECT, valued=_GEM_VALUED, source=_GEM),
        Step("gem sources", Phase.INSTALL, writes=here("~/.gemrc"), valued=_GEM_VALUED, source=f"{_GEM}/#gem-sources"),
        Step("gem list|env|environment|info|search|which|contents|dependency|specification|help|check|outdated|stale", Phase.CHECK, source=_GEM),
        Step("rake|rails|spring|hanami|bridgetown|middleman|nanoc|thor", Phase.BUILD, writes=_PROJECT, source=f"{_RAILS}; rake(1)"),
        Step(
            "jekyll|asciidoctor|awestruct",
            Phase.BUILD,
            writes=_site,
            valued=frozenset({*_DESTINATION, "-s", "--source", "-c", "--config"}),
            source="jekyllrb.com/docs/configuration/options",
        ),
        Step("bootsnap precompile", Phase.BUILD, writes=_PROJECT, source="github.com/rails/bootsnap: the cache lies in tmp/cache"),
        Step(
            "ruby",
            Phase.CHECK,
            valued=frozenset({"-e", "-r", "-I", "-C", "-E"}),
            when=lambda arguments: _prints(arguments) or (not arguments.positionals and arguments.has("-v", "--version")) or arguments.has("-c"),
            source=f"{_RUBY}: -c only reads the syntax",
        ),
        # A script of the project's own is no row: what it writes is read from its sources.
        Step(
            "ruby extconf.rb",
            Phase.BUILD,
            writes=_PROJECT,
            valued=frozenset({"-r", "-I", "-C"}),
            source="docs.ruby-lang.org, extension.rdoc: extconf.rb writes a Makefile",
        ),
        Step("rackup|puma|unicorn|thin", Phase.CHECK, when=lambda arguments: arguments.has("--version", "-v"), source="their own --help"),
    ),
    local_references=local_references,
    packages_of=packages_of,
    source_endings=(".rb",),
    # guides.rubyonrails.org/asset_pipeline.html, and the READMEs of jsbundling-rails, cssbundling-rails, webpacker, shakapacker and vite_ruby.
    generators=tuple((word, "node") for word in ("assets:precompile", "webpacker:compile", "shakapacker:compile", "vite:build", "css:build")),
)
