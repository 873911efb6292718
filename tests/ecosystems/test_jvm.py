"""Scala's and Clojure's commands and images."""

from __future__ import annotations

import pytest

from service.ecosystems import CATALOGUE, Invocation
from service.ecosystems.clojure import local_references
from service.knowledge.apt import runtime_of
from service.knowledge.images import base_image
from service.knowledge.variants import slimmer


@pytest.mark.parametrize(
    ("words", "step", "writes"),
    [
        (("sbt", "clean", "assembly"), "sbt", ("/app",)),
        (("sbt", "project api", "Docker / stage"), "sbt", ("/app",)),
        (("sbt", ";clean;api/publishLocal"), "sbt", ("/app", "/root/.ivy2/local")),
        (("sbt", "runMain app.Seed"), "sbt", None),
        (("sbt", "docker:publishLocal"), "sbt", None),
        (("sbt", None), "sbt", None),
        (("./sbt", "update"), "sbt update", ()),
        (("sbt", "update", "stage"), "sbt", ("/app",)),
        (("lein", "with-profile", "prod", "uberjar"), "lein", ("/app",)),
        (("lein", "do", "clean,", "install"), "lein", ("/app", "/root/.m2/repository")),
        (("lein", "run"), "lein", None),
        (("lein", "deps"), "lein deps", ()),
        (("clojure", "-T:build", "uber"), "clojure", ("/app",)),
        (("clojure", "-P", "-M:build"), "clojure", ()),
        (("java", "-Djarmode=tools", "-jar", "a.jar", "extract", "--destination", "/layers"), "java", ("/layers",)),
        (("mvn", "-q", "dependency:copy", "-Dartifact=a:b:1", "-DoutputDirectory=/opt/agent"), "mvn", ("/opt/agent",)),
        (
            ("mvn", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy", "-Dartifact=a:b:1", "-DoutputDirectory=/x"),
            "mvn",
            ("/x",),
        ),
        (("mvn", "dependency:copy", "-D", "outputDirectory=/opt/agent", "-Dartifact=a:b:1"), "mvn", None),
        (("mvn", "dependency:unpack", "-Dartifact=a:b:1", "-DoutputDirectory=/x"), "mvn", ("/app", "/x")),
        (("mvn", "dependency:get", "-Dartifact=a:b:1"), "mvn", ()),
        (("mvn", "dependency:get", "-Dartifact=a:b:1", "package"), "mvn", ("/app",)),
        (("mvn", "dependency:copy"), "mvn", ("/app",)),
        (("mvn", "dependency:copy", "-Dartifact=a:b:1"), "mvn", ("/app",)),
        (("mvn", "dependency:go-offline", "dependency:resolve-plugins"), "mvn dependency:go-offline", ()),
        (("mvn", "dependency:resolve", "package"), "mvn", ("/app",)),
        (("kotlinc", "A.kt", "-include-runtime", "-d", "a.jar"), "kotlinc", ("/app/a.jar",)),
    ],
)
def test_where_commands_write(words: tuple[str | None, ...], step: str, writes: tuple[str, ...] | None) -> None:
    invocation = Invocation(words, "/app")
    match = CATALOGUE.find(invocation)
    assert match is not None
    assert (match.step.name, match.step.writes(invocation, match.arguments)) == (step, writes)


def test_what_nobody_describes() -> None:
    assert CATALOGUE.find(Invocation(("clojure", "-e", "(spit 1 2)"), "/app")) is None
    assert CATALOGUE.find(Invocation(("java", "-jar", "a.jar"), "/app")) is None


def test_a_store_that_is_only_read_is_no_cache() -> None:
    for words in (("mvn", "-o", "package"), ("gradle", "--offline", "build")):
        match = CATALOGUE.find(Invocation(words, "/app"))
        assert match is not None and match.step.caches(Invocation(words, "/app"), match.arguments) == ()


@pytest.mark.parametrize(("content", "expected"), [("{:deps {}}", ()), ('{:deps {a/b {:local/root "b"}}}', None)])
def test_local_libraries(content: str, expected: tuple[str, ...] | None) -> None:
    assert local_references("deps.edn", content) == expected


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("sbtscala/scala-sbt:eclipse-temurin-21.0.6_7_1.10.11_2.13.16", ("eclipse-temurin:21.0.6_7-jre",)),
        ("sbtscala/scala-sbt:eclipse-temurin-alpine-21.0.7_6_1.11.1_3.7.0", ("eclipse-temurin:21.0.7_6-jre-alpine",)),
        ("sbtscala/scala-sbt:eclipse-temurin-17.0.4_1.7.1_3.2.0", ("eclipse-temurin:17-jre",)),
        ("hseeberger/scala-sbt:8u265_1.4.4_2.13.4", ("openjdk:8u265-jre",)),
        ("hseeberger/scala-sbt:graalvm-ce-19.3.0-java11_1.3.7_2.13.1", ()),
        ("mozilla/sbt:11.0.13_1.6.2", ("openjdk:11.0.13-jre",)),
        ("clojure:temurin-17-lein-alpine", ("eclipse-temurin:17-jre-alpine",)),
        ("clojure:temurin-21-tools-deps-bookworm", ("eclipse-temurin:21-jre",)),
        ("clojure:openjdk-8-lein-slim-buster", ("openjdk:8-jre-slim",)),
        ("clojure:lein-2.8.1", ("openjdk:8-jre",)),
        ("clojure:lein", ()),
    ],
)
def test_runtimes_of_builders(reference: str, expected: tuple[str, ...]) -> None:
    assert slimmer(base_image(reference)) == expected


@pytest.mark.parametrize(
    ("package", "manager", "expected"),
    [
        ("openjdk-17-jdk-headless", "apt", "openjdk-17-jre-headless"),
        ("default-jdk", "apt", "default-jre"),
        ("openjdk-8-jdk", "apt", None),
        ("openjdk-17-jre", "apt", None),
        ("openjdk21", "apk", "openjdk21-jre"),
        ("openjdk17-jdk", "apk", "openjdk17-jre"),
        ("openjdk8", "apk", None),
        ("openjdk17-jre", "apk", None),
    ],
)
def test_the_runtime_of_a_development_kit(package: str, manager: str, expected: str | None) -> None:
    assert runtime_of(package, manager) == expected
