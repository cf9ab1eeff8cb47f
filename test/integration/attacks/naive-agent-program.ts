/**
 * The naive agent: it shows its window in the browser, and so it listens on loopback, where nobody else is supposed to
 * get to. Usage: `naive-agent-program.ts <port> <file>`: the configuration that it shows.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [port = "", file = ""] = process.argv.slice(2);
createServer((request, response) => {
  if (request.url === "/configuration") response.end(readFileSync(file));
  else response.writeHead(404).end();
}).listen(Number(port), "127.0.0.1", () => process.stdout.write("ready\n"));
