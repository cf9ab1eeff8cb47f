/**
 * The ends of connections for tests, as lines of JSON; each goes on until it is ended.
 *
 * - `serve <port> <address>…` answers with what it is sent, over UDP at these addresses
 * - `hold <port> <name>=<address>…` opens a TCP connection to each; names that end in `!` are spoken on ten times a
 *   second, the others stay silent
 * - `talk <port> <address>` speaks over UDP
 * - `agent <port> <address>` opens a TCP connection as the agent does, with its mark
 * - `pour <port> <bytes>` gives everybody so many bytes; `drain <port> <address>` prints how many came in three seconds
 */
import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";
import { markedSockets } from "../../src/agent/marked-socket.ts";
import { CONTROL_MARK } from "../../src/tunnel/linux/marks.ts";

const [, , task, port, ...targets] = process.argv;
const tell = (name: string, event: string): void => {
  process.stdout.write(`${JSON.stringify({ at: Date.now(), name, event })}\n`);
};

if (task === "serve") {
  const server = createServer((socket) => socket.on("error", () => undefined).pipe(socket));
  for (const address of targets) {
    const datagrams = createSocket(address.includes(":") ? "udp6" : "udp4");
    datagrams.on("message", (message, from) => datagrams.send(message, from.port, from.address));
    datagrams.bind(Number(port), address);
  }
  server.listen(Number(port), "::", () => tell("server", "ready"));
}
if (task === "talk") {
  const [host = ""] = targets;
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  socket.on("message", () => tell("udp", "answer"));
  socket.on("error", (error) => tell("udp", "code" in error ? String(error.code) : error.message));
  socket.connect(Number(port), host, () => {
    tell("udp", "open");
    setInterval(() => socket.send("."), 50);
  });
}
if (task === "agent") {
  const [host = ""] = targets;
  const socket = markedSockets(CONTROL_MARK).tcp(host.includes(":") ? 6 : 4);
  socket.on("error", (error) => tell("agent", "code" in error ? String(error.code) : error.message));
  socket.connect(Number(port), host, () => tell("agent", "open"));
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
