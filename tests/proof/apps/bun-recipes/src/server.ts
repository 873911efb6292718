import { Hono } from "hono";
import { all, best } from "./recipes";

const app = new Hono();

app.get("/", (c) => c.json(all().map((recipe) => recipe.name)));

app.get("/search/:word", (c) => {
  const found = best(c.req.param("word"));
  return found ? c.json(found) : c.json({ error: "nothing found" }, 404);
});

export default { port: Number(process.env.PORT ?? 3100), fetch: app.fetch };
