# app: java-polls
# polls/ comes from the context rather than from the stage that gave it to the user polls: nobody can vote.
# by: probe POST :8081/polls/indent
FROM maven:3.9-eclipse-temurin-17 AS build

WORKDIR /usr/src/polls

COPY pom.xml .
RUN --mount=type=cache,target=/root/.m2/repository mvn -B -q dependency:go-offline

COPY src ./src
RUN --mount=type=cache,target=/root/.m2/repository mvn -B -q package -DskipTests

COPY templates ./templates
COPY polls ./polls

RUN useradd --system --home-dir /usr/src/polls polls && chown -R polls polls

FROM eclipse-temurin:17-jre
WORKDIR /usr/src/polls
RUN useradd --system --home-dir /usr/src/polls polls
COPY --from=build /usr/src/polls/target/polls.jar /usr/src/polls/target/polls.jar
COPY --from=build /usr/src/polls/templates /usr/src/polls/templates
COPY polls ./polls
USER polls

ENV JAVA_OPTS="-Xmx128m -Dpolls.port=8081"
EXPOSE 8081
CMD ["sh", "-c", "exec java $JAVA_OPTS -jar target/polls.jar"]
