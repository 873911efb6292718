const fs = require("fs");
const http = require("http");
const path = require("path");
const ms = require("ms");

const log = path.join(__dirname, "arrivals.txt");

http
  .createServer((request, response) => {
    if (request.method === "POST") {
      // Needs a folder that the user may write in.
      fs.appendFileSync(log, `${request.url.slice(1)}\n`);
      response.writeHead(201).end("noted");
    } else if (request.url === "/arrivals") {
      response.end(fs.existsSync(log) ? fs.readFileSync(log) : "none");
    } else {
      response.end(`turns round in ${ms(5400000, { long: true })}`);
    }
  })
  .listen(Number(process.env.PORT));
