import { createServer } from "node:http";
import { readdirSync } from "node:fs";
import sirv from "sirv";

const pages = sirv("dist", { single: true });

createServer((request, response) => {
  if (request.url === "/api/photos") {
    response.setHeader("content-type", "application/json; charset=utf-8");
    response.end(JSON.stringify(readdirSync("photos").sort()));
    return;
  }
  pages(request, response);
}).listen(4173);
