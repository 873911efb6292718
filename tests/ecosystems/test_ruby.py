"""What a Gemfile and its lock say, and where gems go."""

from __future__ import annotations

import pytest

from service.ecosystems import CATALOGUE, Invocation, Phase
from service.ecosystems.ruby import local_references, packages_of
from service.image.effects import Act, PackageChange
from service.knowledge.images import base_image

LOCK = """PATH
  remote: vendor/stem
  specs:
    stem (0.1.0)

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.16.7-x86_64-linux)
      racc (~> 1.4)
    racc (1.8.1)

PLATFORMS
  x86_64-linux

DEPENDENCIES
  nokogiri
  stem!
"""


def test_the_lock_names_every_gem_once() -> None:
    assert packages_of("Gemfile.lock", LOCK) == ("stem", "nokogiri", "racc")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ('gem "pg", "~> 1.5"', ("pg",)),
        ("  gem 'pg' # the driver", ("pg",)),
        ('gem("pg")', ("pg",)),
        ("# gem 'pg'", ()),
        ("gem name", None),
        ("gemspec", None),
        ('eval_gemfile "other"', None),
    ],
)
def test_a_gemfile_names_gems_or_runs_code(line: str, names: tuple[str, ...] | None) -> None:
    assert packages_of("Gemfile", f'source "https://rubygems.org"\n{line}\n') == names


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ('gem "stem", path: "vendor/stem"', ("vendor/stem",)),
        ('gem "stem", :path => "vendor/stem"', ("vendor/stem",)),
        ('path "vendor" do', ("vendor",)),
        ('ruby file: ".ruby-version"', (".ruby-version",)),
        ('gem "pg"', ()),
        ("ruby File.read('.ruby-version')", None),
        ("gemspec", None),
    ],
)
def test_a_gemfile_refers_to_folders_or_may_read_anything(line: str, paths: tuple[str, ...] | None) -> None:
    assert local_references("Gemfile", line) == paths


def _writes(command: str, base: str, **env: str) -> tuple[str, ...] | None:
    invocation = Invocation(tuple(command.split()), "/app", env, base=base_image(base))
    match = CATALOGUE.find(invocation)
    assert match is not None
    return match.step.writes(invocation, match.arguments)


def test_where_gems_go() -> None:
    assert _writes("bundle install", "ruby:3.3") == ("/usr/local/bundle", "/app")
    assert _writes("bundle install --path vendor/bundle", "ruby:3.3") == ("/app/vendor/bundle", "/app")
    assert _writes("bundle install", "ruby:3.3", BUNDLE_PATH="/gems") == ("/gems", "/app")
    assert _writes("bundle config set --local path /gems", "ruby:3.3", BUNDLE_APP_CONFIG="/usr/local/bundle") == ("/usr/local/bundle/config", "/gems")
    assert _writes("gem install rack", "fedora:40") is None


def test_gems_of_a_packaged_ruby() -> None:
    packages = Act(0, Phase.PACKAGES, packages=PackageChange("apt", ("ruby-dev",)))
    folders = ("/var/lib/gems", "/usr/local/bin")

    def writes(base: str, *acts: Act, **env: str) -> tuple[str, ...] | None:
        invocation = Invocation(("gem", "install", "rack"), "/app", env, base=base_image(base), before=lambda: acts)
        match = CATALOGUE.find(invocation)
        assert match is not None
        return match.step.writes(invocation, match.arguments)

    assert writes("debian:bookworm", packages) == folders
    assert writes("golang:1.22", packages) == folders
    assert writes("golang:1.22") is None, "JRuby, say, which was unpacked"
    assert writes("golang:1.22-alpine", packages) is None
    assert writes("debian:bookworm", packages, PATH="/root/.rbenv/shims:/usr/bin") is None


@pytest.mark.parametrize(
    ("text", "phase"),
    [("ruby -e 'puts(RUBY_VERSION)'", Phase.CHECK), ("ruby -c app.rb", Phase.CHECK), ("ruby extconf.rb", Phase.BUILD)],
)
def test_what_ruby_itself_is_called_for(text: str, phase: Phase) -> None:
    match = CATALOGUE.find(Invocation(tuple(text.replace("'", "").split()), "/app"))
    assert match is not None and match.step.phase is phase


def test_a_text_that_writes_is_no_check() -> None:
    assert CATALOGUE.find(Invocation(("ruby", "-e", "File.write('a', 'b')"), "/app")) is None
