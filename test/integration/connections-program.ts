/**
 * TCP connections for tests. `serve <port>` answers with what it is sent; `hold <port> <name>=<address>…` opens one
 * connection to each address, says how each fares as lines of JSON, and goes on until it is ended. Names that end in
 * `!` are spoken on ten times a second, the others stay silent. `pour <port> <bytes>` gives everybody so many bytes;
 * `drain <port> <address>` prints how many it got within three seconds.
 */
import { connect, createServer } from "node:net";

const [, , task, port, ...targets] = process.argv;
const tell = (name: string, event: string): void => {
  process.stdout.write(`${JSON.stringify({ at: Date.now(), name, event })}\n`);
};

if (task === "serve") {
  const server = createServer((socket) => socket.on("error", () => undefined).pipe(socket));
  server.listen(Number(port), "::", () => tell("server", "ready"));
}
if (task === "pour") {
  const load = Buffer.alloc(Number(targets[0]));
  const server = createServer((socket) => socket.on("error", () => undefined).end(load));
  server.listen(Number(port), "::", () => tell("server", "ready"));
}
if (task === "drain") {
  let got = 0;
  const socket = connect(Number(port), targets[0]);
  const end = (): void => {
    process.stdout.write(String(got));
    process.exit();
  };
  setTimeout(end, 3000);
  socket.on("data", (bytes) => (got += bytes.length));
  socket.on("error", end);
  socket.on("close", end);
}
for (const target of task === "hold" ? targets : []) {
  const [name = "", host = ""] = target.split("=");
  const socket = connect(Number(port), host, () => {
    tell(name, "open");
    if (name.endsWith("!")) setInterval(() => socket.write("."), 100).unref();
  });
  socket.on("data", () => tell(name, "answer"));
  socket.on("error", (error) => tell(name, "code" in error ? String(error.code) : error.message));
  socket.on("close", () => tell(name, "closed"));
}
