# app: c-harbour-lights
# The folder that the start script hands the program is left behind.
# by: probe run
FROM debian:bookworm AS build
RUN apt-get update && apt-get install -y gcc-12 make git
RUN update-alternatives --install /usr/bin/cc cc /usr/bin/gcc-12 50
WORKDIR /src/lights
COPY . .
RUN git apply patches/metres.patch && make && install -m 755 lights /usr/local/bin/lights

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /src/lights
COPY --from=build /usr/local/bin/lights /usr/local/bin/lights
RUN printf '#!/bin/sh\nset -e\nexec lights -f /src/lights/lightlist "$@"\n' > /usr/local/bin/lights-here && chmod 755 /usr/local/bin/lights-here
WORKDIR /
ENTRYPOINT ["lights-here"]
CMD ["north"]
