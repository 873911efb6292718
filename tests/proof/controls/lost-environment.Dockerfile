# app: java-greeter
# TZ is gone, which nothing in the build needs: every time that the program prints is another.
# by: config ENV TZ
FROM eclipse-temurin:17-jdk AS build
WORKDIR /greeter
COPY . .
RUN mkdir -p classes && javac -encoding UTF-8 -d classes $(find src -name '*.java')

FROM eclipse-temurin:17-jre
WORKDIR /greeter
COPY --from=build /greeter /greeter
ENV LANG=C.UTF-8
EXPOSE 8090
CMD ["java", "-cp", "classes:lang", "greeter.Greeter", "conf/greeter.properties"]
