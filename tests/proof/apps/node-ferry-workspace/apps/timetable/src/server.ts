import { readFileSync } from "node:fs";
import { highWaters } from "@ferry/tides";
import Fastify from "fastify";

const lines: string[] = JSON.parse(readFileSync(new URL("../lines.json", import.meta.url), "utf8"));
const app = Fastify();

app.get("/", () => lines);

app.get<{ Params: { hour: string } }>("/tide/:hour", (request, reply) => {
  const hour = Number(request.params.hour);
  if (!(hour >= 0 && hour < 12)) {
    return reply.code(400).send({ error: "an hour of the morning" });
  }
  return reply.send(highWaters(new Date(2024, 5, 1, hour, 10)));
});

await app.listen({ port: 3200, host: "0.0.0.0" });
