"""Java: Maven, Gradle, Ant and javac."""

from __future__ import annotations

import posixpath

from service.ecosystems.model import Arguments, Bundling, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import here, option
from service.image.effects import LanguageInstall, Phase

_MAVEN = "maven.apache.org/guides: output in target/, local repository in ~/.m2/repository"
_GRADLE = "docs.gradle.org: output in build/, state in .gradle/, GRADLE_USER_HOME ~/.gradle"
_DOWNLOADS = "dependency:go-offline|dependency:resolve|dependency:resolve-plugins|de.qaware.maven:go-offline-maven-plugin:resolve-dependencies"
_PLUGIN = "maven.apache.org/plugins/maven-dependency-plugin (get, copy)"
# Goals that take an artifact by name and need no project, with the options that say where they write.
_NAMED = {"get": "-Ddest", "copy": "-DoutputDirectory"}
_MAVEN_VALUED = frozenset({"-f", "--file", "-pl", "--projects", "-s", "--settings", "-P", "-T", "-D", "--define", "-gs", "-t"})
_GRADLE_VALUED = frozenset({"-p", "--project-dir", "-x", "--exclude-task", "-b", "-c", "-g", "--gradle-user-home", "-I", "--console"})


def _target(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """A Maven build writes target/ in the project and in each of its modules: the project's folder."""
    pom = arguments.value("-f", "--file")
    folder = pom.rpartition("/")[0] if pom and pom.endswith(".xml") else pom
    # dependency:copy-dependencies and :unpack (maven.apache.org/plugins/maven-dependency-plugin).
    output = arguments.value("-DoutputDirectory")
    return (invocation.path(folder or "."), *((posixpath.normpath(posixpath.join(invocation.path(folder or "."), output)),) if output else ()))


def _goals(arguments: Arguments) -> tuple[str, ...]:
    """The dependency plugin's goals by their plain names, as its prefix (`dependency:copy`) or its coordinates call them; others as they are."""
    found = []
    for word in arguments.positionals:
        plugin, _, goal = (word or "").rpartition(":")
        found.append(goal if plugin == "dependency" or "maven-dependency-plugin" in plugin.split(":") else word or "")
    return tuple(found)


def _only_downloads(arguments: Arguments) -> bool:
    """Whether nothing but downloading is asked for: of `mvn dependency:resolve package` the second goal builds."""
    plain = {name.rpartition(":")[2] for name in _DOWNLOADS.split("|")}
    return all(goal.rpartition(":")[2] in plain for goal in _goals(arguments))


def _by_name(arguments: Arguments) -> bool:
    """Whether all goals take `-Dartifact`, whatever project there is or is not."""
    goals = _goals(arguments)
    return bool(goals) and arguments.has("-Dartifact") and all(goal in _NAMED for goal in goals)


def _artifacts(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Where the artifact lies. What a relative folder is relative to in a project of several modules, each of them says for itself; where `copy` is
    told no folder, and there is no project, the folder's name is a variable that nothing fills."""
    if any(value is None or "=" in value for value in arguments.values("-D", "--define")):
        return None
    found: list[str] = []
    for goal in _goals(arguments):
        place = arguments.value(_NAMED[goal])
        told = place is not None and (place.startswith("/") or (place and invocation.has(invocation.path("pom.xml")) is False))
        if not told and (goal == "copy" or arguments.has(_NAMED[goal])):
            return _target(invocation, arguments)
        found += [invocation.path(place)] if place else []
    return tuple(found)


def _repository(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Offline it only reads what an earlier command has put there: a store that may be emptied between two builds would not do."""
    if arguments.has("-o", "--offline"):
        return ()
    return (invocation.path(arguments.value("-Dmaven.repo.local") or "~/.m2/repository"),)


def _gradle_home(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """GRADLE_USER_HOME or --gradle-user-home; with --offline it is only read."""
    if arguments.has("--offline"):
        return ()
    return option("-g", "--gradle-user-home", otherwise=here("${GRADLE_USER_HOME:-~/.gradle}"))(invocation, arguments)


def _offline(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    return LanguageInstall("mvn dependency", "java", manifests=(invocation.path("pom.xml"),), target="~/.m2/repository", cache="~/.m2/repository")


def _classes(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """javac writes beside the sources, or below -d; where a source cannot be told, below the working directory."""
    if arguments.has("-d"):
        return option("-d")(invocation, arguments)
    folders = tuple(
        posixpath.dirname(invocation.path(word)) if word and word.endswith(".java") else invocation.path(".") for word in arguments.positionals
    )
    return tuple(dict.fromkeys(folders)) or (invocation.path("."),)


def _archived(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """jar: the archive that is made or changed; unpacking writes the working directory (jar(1))."""
    words = arguments.positionals
    first = invocation.words[1] if len(invocation.words) > 1 else None
    letters = (first or "").lstrip("-") if first and not first.startswith("--") else ""
    if arguments.has("--file") or "f" not in letters:
        return option("--file", otherwise=here("."))(invocation, arguments)
    if "x" in letters or "t" in letters:
        return (invocation.path("."),)
    # The values follow in the order of the letters f, m and e.
    place = [letter for letter in letters if letter in "fme"].index("f") + (0 if first and first.startswith("-") else 1)
    if place >= len(words):
        return (invocation.path("."),)
    name = words[place]
    return None if name is None else (invocation.path(name),)


def _keystore(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The file that -keystore names, else the trusted authorities; what is exported goes to -file (keytool(1))."""
    exported = option("-file")(invocation, arguments) if arguments.has("-exportcert", "-export", "-certreq") else ()
    store = here("${JAVA_HOME:-/opt/java}/lib/security")
    changed = store if arguments.has("-cacerts") else option("-keystore", otherwise=store)
    stores = () if arguments.has("-list", "-printcert") else changed(invocation, arguments)
    return None if stores is None or exported is None else (*stores, *exported)


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
        (".jar", ".war"),
        ("pom.xml", "build.gradle", "build.gradle.kts"),
        (
            *("spring-boot", "springframework.boot", "maven-shade", "maven-assembly", "jar-with-dependencies", "shadow", "onejar", "fatJar"),
            "uber",
        ),
        against=("addClasspath", "classpathPrefix", "Class-Path"),
        # The application plugin's installDist, Quarkus' fast-jar, appassembler and the assembly plugin's folders.
        folders=("build/install/*", "target/quarkus-app", "build/quarkus-app", "target/appassembler"),
    ),
    development=("mvn", "gradle", "gradlew", "mvnw", "jshell", "ant", "javac", "kotlinc", "groovyc"),
    build_env=("MAVEN_*", "GRADLE_*", "ANT_*"),
    steps=(
        Step(
            f"mvn|mvnw {_DOWNLOADS}",
            Phase.INSTALL,
            caches=_repository,
            valued=_MAVEN_VALUED,
            install=_offline,
            source=_MAVEN,
            when=_only_downloads,
        ),
        Step("mvn|mvnw", Phase.FETCH, writes=_artifacts, caches=_repository, valued=_MAVEN_VALUED, source=_PLUGIN, when=_by_name),
        Step("mvn|mvnw --version|-v|-version|help:evaluate", Phase.CHECK, caches=_repository, valued=_MAVEN_VALUED, source=_MAVEN),
        Step("mvn|mvnw", Phase.BUILD, writes=_target, caches=_repository, valued=_MAVEN_VALUED, source=_MAVEN),
        Step(
            "gradle|gradlew --version|dependencies|wrapper",
            Phase.INSTALL,
            writes=here(".gradle"),
            caches=_gradle_home,
            valued=_GRADLE_VALUED,
            source=_GRADLE,
        ),
        Step(
            "gradle|gradlew",
            Phase.BUILD,
            writes=option("-p", "--project-dir", otherwise=here(".")),
            caches=_gradle_home,
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
        Step("jar", Phase.BUILD, writes=_archived, source="docs.oracle.com/en/java/javase/21/docs/specs/man/jar.html"),
        Step("java -version|--version", Phase.CHECK, source="java(1)"),
        Step(
            "java",
            Phase.BUILD,
            writes=option("--destination", otherwise=here(".")),
            valued=frozenset({"--destination", "-jar", "-cp", "--layers"}),
            source="docs.spring.io/spring-boot/reference/packaging/container-images/dockerfiles.html",
            when=lambda arguments: arguments.has("-Djarmode"),
        ),
        Step(
            "keytool",
            Phase.SETUP,
            writes=_keystore,
            valued=frozenset({"-keystore", "-storepass", "-alias", "-file", "-dname", "-keyalg", "-keysize", "-validity", "-storetype", "-keypass"}),
            source="keytool(1)",
        ),
        Step(
            "kotlinc",
            Phase.BUILD,
            writes=_classes,
            valued=frozenset({"-d", "-cp", "-classpath", "-jvm-target", "-module-name"}),
            source="kotlinlang.org/docs/command-line.html",
        ),
        Step(
            "groovyc",
            Phase.BUILD,
            writes=_classes,
            valued=frozenset({"-d", "-cp", "-classpath", "--classpath"}),
            source="groovy-lang.org/groovyc.html",
        ),
        Step(
            "native-image",
            Phase.BUILD,
            writes=option("-o", otherwise=here(".")),
            valued=frozenset({"-o", "-cp", "-classpath", "--class-path", "-p", "--module-path"}),
            source="graalvm.org/latest/reference-manual/native-image/overview/BuildOutput",
        ),
        Step(
            "jlink",
            Phase.BUILD,
            writes=option("--output"),
            valued=frozenset({"--output", "--add-modules", "--module-path", "-p"}),
            source="jlink(1)",
        ),
    ),
)
