# app: java-greeter
# Everything moved to /app and works there; `docker exec`, volumes and derived images expect /greeter.
# by: config WorkingDir
FROM eclipse-temurin:17-jdk AS build
WORKDIR /greeter
COPY . .
RUN mkdir -p classes && javac -encoding UTF-8 -d classes $(find src -name '*.java')

FROM eclipse-temurin:17-jre
WORKDIR /app
COPY --from=build /greeter /app
ENV TZ=Asia/Tokyo LANG=C.UTF-8
EXPOSE 8090
CMD ["java", "-cp", "classes:lang", "greeter.Greeter", "conf/greeter.properties"]
