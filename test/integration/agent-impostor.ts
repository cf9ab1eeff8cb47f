/**
 * Stands where the control plane stood, with its certificate, and misbehaves: `garbage` answers everything, event
 * connections too, with something else; `silence` accepts connections and never says a word; `stale` serves events
 * with a path from a file, as an old backup would.
 * Usage: node agent-impostor.ts <garbage|silence|stale> <certificate> <key> [<path file>]
 */
import { readFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { WebSocketServer } from "ws";

const [, , kind, certificate = "", key = "", pathFile = ""] = process.argv;

if (kind === "silence") {
  createTcpServer(() => undefined).listen(443, "::", () => console.log("ready"));
} else {
  const server = createTlsServer(
    { cert: readFileSync(certificate), key: readFileSync(key) },
    (_request, response) => response.end("<html>Sign in to this Wi-Fi</html>"),
  );
  new WebSocketServer({ server }).on("connection", (socket) => {
    if (kind === "garbage") socket.send(JSON.stringify({ type: "path.changed", path: { everything: true } }));
    else
      socket.send(
        JSON.stringify({ type: "path.changed", path: JSON.parse(readFileSync(pathFile, "utf8")) as unknown }),
      );
  });
  server.listen(443, "::", () => console.log("ready"));
}
