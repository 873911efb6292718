"""Scala: sbt, Mill, scala-cli, Coursier and scalac."""

from __future__ import annotations

from service.ecosystems.model import Arguments, Bundling, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import both, here, option
from service.image.effects import LanguageInstall, Phase

_SBT = "scala-sbt.org/1.x/docs (Directory structure, Command line reference, Library management); sbt-native-packager and sbt-assembly documentation"
_MILL = "mill-build.org (out/ folder, JavaModule: assembly)"
_CLI = "scala-cli.virtuslab.org/docs/commands/package"
_COURSIER = "get-coursier.io/docs/cache, cli-bootstrap, cli-install"
_LOOKING = "update|sbtVersion|version|about|exit|reload|plugins|-version|--version|--script-version|dependencyUpdates|scalafmtCheckAll|scalafmtCheck"
_VALUED = frozenset({"-ivy", "-sbt-boot", "-sbt-dir", "-mem", "-jvm-debug", "-java-home", "--java-home", "-sbt-version", "--sbt-version", "--color"})
_RUNNING = frozenset({"run", "runMain", "runAll", "reStart", "console", "publish", "publishLocalSigned", "publishSigned", "nativeLink"})
_HANDED = frozenset({"publishLocal", "publish", "clean"})
_PACKAGED = ("stage", "dist", "packageZipTarball", "packageBin", "packageXzTarball")
_CLI_VALUED = frozenset({"-o", "--output", "-S", "--scala", "-O", "--main-class", "-M", "--jvm", "--dep", "--dependency", "--native-version"})


def _tasks(arguments: Arguments) -> tuple[str | None, ...]:
    """The tasks' plain names: `;clean;app/assembly`, `"project app" stage` and `Docker / stage` are all written."""
    found: list[str | None] = []
    for words in arguments.positionals:
        if words is None:
            found.append(None)
            continue
        for task in words.split(";"):
            last = task.split("/")[-1].split(":")[-1].split()
            found.append(last[0] if last else "")
    return tuple(found)


def _project(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """target/ of the build and of each of its projects, and project/: the build's folder. A task that runs the program, or that hands the image
    to Docker itself, may do anything; publishLocal writes to Ivy's local repository and publishM2 to Maven's."""
    tasks = _tasks(arguments)
    docker = any(word is not None and "docker" in word.lower() for word in arguments.positionals)
    if None in tasks or any(task in _RUNNING or (docker and task in _HANDED) for task in tasks):
        return None
    extra = {"publishLocal": "~/.ivy2/local", "publishM2": "~/.m2/repository"}
    return (invocation.path("."), *(invocation.path(extra[task]) for task in tasks if task in extra))


def _alone(arguments: Arguments) -> bool:
    return not arguments.positionals


def _resolved(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    return tuple(invocation.path(name) for name in ("target", "project/target", "project/project"))


def _built(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    """It runs on a JVM; what sbt-native-packager lays out is started by a script for bash."""
    scripted = any(task in _PACKAGED for task in _tasks(arguments))
    return LanguageInstall("sbt", "scala", packages=("scala-library", *(("sbt-native-packager",) if scripted else ())))


def _on_jvm(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    return LanguageInstall("mill", "scala", packages=("scala-library",))


_SBT_CACHES = both(here("${COURSIER_CACHE:-~/.cache/coursier}", "~/.ivy2/cache"), option("-sbt-boot", otherwise=here("~/.sbt/boot")))
# What it makes beside them is empty, or libraries for its terminal: nothing to keep between builds.
_SBT_LEAVES = both(_SBT_CACHES, here("~/.sbt/1.0/staging", "~/.ivy2/.sbt.ivy.lock", "~/.cache/JNA"))
_MILL_CACHES = both(here("${COURSIER_CACHE:-~/.cache/coursier}"), here("~/.cache/mill"))

ECOSYSTEM = Ecosystem(
    name="scala",
    summary="Scala by sbt, Mill and scala-cli",
    images=("sbtscala/scala-sbt", "hseeberger/scala-sbt", "mozilla/sbt"),
    manifests=(Manifest(("build.sbt",), ("build.sbt", ".sbtopts", ".jvmopts")),),
    sources=(
        *("*.scala", "*.sc", "*.sbt", "*.java", "*.mill", "build.sc", "build.mill", "src/**", "*/src/**", "project/**", "target/**", "*/target/**"),
        *(".scalafmt.conf", ".scalafix.conf", ".sbtopts", ".jvmopts", ".sbtrc", ".mill-version", ".mill-jvm-opts", ".jvmopts", "sbt", "sbtx", "mill"),
        *("millw", ".bsp/**", ".bloop/**", ".metals/**", ".scala-build/**", "out/**", "*/src/test/**"),
    ),
    source_endings=(".scala", ".java"),
    interpreters=("scala", "amm"),
    compiled=True,
    portable=True,
    bundling=Bundling(
        (".jar",),
        ("build.sbt", "plugins.sbt", "assembly.sbt"),
        ("sbt-assembly", "sbt-onejar", "sbt-one-jar", "sbt-proguard"),
        folders=("target/universal/stage", "target/docker/stage", "target/pack", "assembly.dest"),
    ),
    build_env=("SBT_*", "COURSIER_*", "MILL_*"),
    development=("sbt", "activator", "mill", "scala-cli", "bloop", "scalac"),
    steps=(
        Step(
            f"sbt|activator|sbtx {_LOOKING}",
            Phase.INSTALL,
            scratch=_resolved,
            caches=_SBT_LEAVES,
            mountable=_SBT_CACHES,
            valued=_VALUED,
            source=_SBT,
            when=_alone,
        ),
        Step(
            "sbt|activator|sbtx",
            Phase.BUILD,
            writes=_project,
            caches=_SBT_LEAVES,
            mountable=_SBT_CACHES,
            valued=_VALUED,
            install=_built,
            source=_SBT,
        ),
        Step("mill|millw version|resolve|--version|-v", Phase.INSTALL, scratch=here("out"), caches=_MILL_CACHES, source=_MILL),
        Step("mill|millw", Phase.BUILD, scratch=here("out"), caches=_MILL_CACHES, install=_on_jvm, source=_MILL),
        Step(
            "scala-cli|scala package",
            Phase.BUILD,
            writes=option("-o", "--output", otherwise=here(".")),
            scratch=here(".scala-build"),
            caches=here("~/.cache/coursier", "~/.cache/scalacli"),
            valued=_CLI_VALUED,
            install=_on_jvm,
            source=_CLI,
        ),
        Step(
            "scala-cli|scala compile",
            Phase.BUILD,
            writes=here(".scala-build"),
            caches=here("~/.cache/coursier", "~/.cache/scalacli"),
            valued=_CLI_VALUED,
            install=_on_jvm,
            source=_CLI,
        ),
        Step("cs|coursier fetch|resolve", Phase.INSTALL, caches=here("${COURSIER_CACHE:-~/.cache/coursier}"), source=_COURSIER),
        Step(
            "cs|coursier bootstrap",
            Phase.BUILD,
            writes=option("-o", "--output", otherwise=here(".")),
            caches=here("${COURSIER_CACHE:-~/.cache/coursier}"),
            valued=frozenset({"-o", "--output", "-M", "--main-class", "-r"}),
            install=_on_jvm,
            source=_COURSIER,
        ),
        Step(
            "scalac",
            Phase.BUILD,
            writes=option("-d", otherwise=here(".")),
            valued=frozenset({"-d", "-cp", "-classpath", "-sourcepath"}),
            install=_on_jvm,
            source="docs.scala-lang.org/overviews/compiler-options",
        ),
    ),
)
