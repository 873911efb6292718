"""Java: Maven, Gradle, Ant and javac."""

from __future__ import annotations

from service.ecosystems.model import Arguments, Bundling, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import here, option
from service.image.effects import LanguageInstall, Phase

_MAVEN = "maven.apache.org/guides: output in target/, local repository in ~/.m2/repository"
_GRADLE = "docs.gradle.org: output in build/, state in .gradle/, GRADLE_USER_HOME ~/.gradle"
_DOWNLOADS = "dependency:go-offline|dependency:resolve|dependency:resolve-plugins|de.qaware.maven:go-offline-maven-plugin:resolve-dependencies"
_M2 = here("~/.m2/repository")
_GRADLE_HOME = here("${GRADLE_USER_HOME:-~/.gradle}")
_MAVEN_VALUED = frozenset({"-f", "--file", "-pl", "--projects", "-s", "--settings", "-P", "-T", "-D", "--define", "-gs", "-t"})
_GRADLE_VALUED = frozenset({"-p", "--project-dir", "-x", "--exclude-task", "-b", "-c", "-g", "--gradle-user-home", "-I", "--console"})


def _target(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """A Maven build writes target/ in the project and in each of its modules: the project's folder."""
    pom = arguments.value("-f", "--file")
    folder = pom.rpartition("/")[0] if pom and pom.endswith(".xml") else pom
    return (invocation.path(folder or "."),)


def _offline(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    return LanguageInstall("mvn dependency", "java", manifests=(invocation.path("pom.xml"),), target="~/.m2/repository", cache="~/.m2/repository")


def _classes(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """javac writes beside the sources, or below -d."""
    return option("-d", otherwise=here("."))(invocation, arguments)


ECOSYSTEM = Ecosystem(
    name="java",
    summary="Maven, Gradle, Ant and javac",
    images=("maven", "gradle", "openjdk", "eclipse-temurin", "amazoncorretto", "sapmachine", "java", "ibmjava"),
    manifests=(
        Manifest(("pom.xml",), ("pom.xml",)),
        Manifest(
            ("build.gradle", "build.gradle.kts"),
            ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "gradle.properties", "gradlew"),
        ),
    ),
    sources=(
        "*.java",
        "*.kt",
        "*.kts",
        "*.groovy",
        "*.scala",
        "src/**",
        "*/src/**",
        "pom.xml",
        "*/pom.xml",
        "build.gradle",
        "*/build.gradle",
        "settings.gradle",
        "gradle.properties",
        "gradlew",
        "gradlew.bat",
        "gradle/**",
        "mvnw",
        "mvnw.cmd",
        ".mvn/**",
        "buildSrc/**",
    ),
    interpreters=("java",),
    compiled=True,
    portable=True,
    bundling=Bundling(
        ".jar",
        ("pom.xml", "build.gradle", "build.gradle.kts"),
        (
            "spring-boot",
            "springframework.boot",
            "maven-shade",
            "maven-assembly",
            "jar-with-dependencies",
            "shadow",
            "quarkus",
            "onejar",
            "fatJar",
            "uber",
        ),
    ),
    development=("mvn", "gradle", "gradlew", "mvnw", "jshell", "ant", "javac"),
    build_env=("MAVEN_*", "GRADLE_*", "ANT_*"),
    steps=(
        Step(
            f"mvn|mvnw {_DOWNLOADS}",
            Phase.INSTALL,
            caches=_M2,
            valued=_MAVEN_VALUED,
            install=_offline,
            source=_MAVEN,
        ),
        Step("mvn|mvnw --version|-v|-version|help:evaluate", Phase.CHECK, caches=_M2, valued=_MAVEN_VALUED, source=_MAVEN),
        Step("mvn|mvnw", Phase.BUILD, writes=_target, caches=_M2, valued=_MAVEN_VALUED, source=_MAVEN),
        Step(
            "gradle|gradlew --version|dependencies|wrapper",
            Phase.INSTALL,
            writes=here(".gradle"),
            caches=_GRADLE_HOME,
            valued=_GRADLE_VALUED,
            source=_GRADLE,
        ),
        Step(
            "gradle|gradlew",
            Phase.BUILD,
            writes=option("-p", "--project-dir", otherwise=here(".")),
            caches=_GRADLE_HOME,
            valued=_GRADLE_VALUED,
            source=_GRADLE,
        ),
        Step("ant", Phase.BUILD, writes=here("."), caches=here("~/.ivy2/cache"), source="ant.apache.org/manual"),
        Step(
            "javac",
            Phase.BUILD,
            writes=_classes,
            valued=frozenset({"-d", "-cp", "-classpath", "--class-path", "-source", "-target", "--release", "-encoding"}),
            source="docs.oracle.com/en/java/javase/21/docs/specs/man/javac.html",
        ),
        Step("jar", Phase.BUILD, writes=here("."), source="docs.oracle.com/en/java/javase/21/docs/specs/man/jar.html"),
        Step("java -version|--version", Phase.CHECK, source="java(1)"),
        Step("keytool", Phase.SETUP, writes=here("${JAVA_HOME:-/opt/java}/lib/security"), source="keytool(1)"),
        Step(
            "jlink",
            Phase.BUILD,
            writes=option("--output"),
            valued=frozenset({"--output", "--add-modules", "--module-path", "-p"}),
            source="jlink(1)",
        ),
    ),
)
