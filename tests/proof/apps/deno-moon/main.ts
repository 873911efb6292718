import { Hono } from "hono";
import { age, name } from "./phases.ts";

const page = Deno.readTextFileSync("pages/moon.html");
const app = new Hono();

app.get("/", (c) => c.html(page.replace("{{version}}", Deno.env.get("MOON_VERSION") ?? "1")));

app.get("/:date", (c) => {
  const date = new Date(c.req.param("date") + "T00:00:00Z");
  if (Number.isNaN(date.getTime())) {
    return c.text("no such date", 400);
  }
  return c.text(`${name(age(date))}, ${age(date)} days old`);
});

const server = Deno.serve({ port: 8000 }, app.fetch);

Deno.addSignalListener("SIGTERM", async () => {
  await server.shutdown();
  Deno.exit(0);
});
