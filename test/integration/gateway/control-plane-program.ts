/**
 * A control plane that says whatever a test wants, over plain HTTP on the loopback of a lab host. Standard input:
 * one command a line; standard output: one event a line. Usage: `control-plane-program.ts <port>`.
 */
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { WebSocketServer, type WebSocket } from "ws";
import { z } from "zod";

const Command = z.discriminatedUnion("do", [
  /** Sends this text to the gateway, and again to each new connection. */
  z.strictObject({ do: z.literal("say"), text: z.string() }),
  z.strictObject({ do: z.literal("close"), code: z.number(), reason: z.string() }),
]);

const port = Number(parseArgs({ allowPositionals: true }).positionals[0]);
const tell = (event: unknown): void => console.log(JSON.stringify(event));
let said: string | null = null;
const gateways = new Set<WebSocket>();

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.once("end", () => {
    tell({ enrolled: JSON.parse(Buffer.concat(chunks).toString()) as unknown });
    response.writeHead(201, { "content-type": "application/json" });
    response.end(
      JSON.stringify({
        deviceId: "dev_Gateway00",
        networkId: "net_Corp00000",
        workspaceName: "acme",
        networkName: "corp",
        token: "t".repeat(32),
      }),
    );
  });
});
new WebSocketServer({ server }).on("connection", (socket) => {
  gateways.add(socket);
  socket.on("message", (data: Buffer) => tell({ message: JSON.parse(data.toString()) as unknown }));
  socket.on("close", (code) => {
    gateways.delete(socket);
    tell({ closed: code });
  });
  if (said !== null) socket.send(said);
});
server.listen(port, "127.0.0.1", () => tell({ ready: true }));

for await (const line of createInterface(process.stdin)) {
  const command = Command.parse(JSON.parse(line));
  if (command.do === "say") said = command.text;
  for (const gateway of gateways) {
    if (command.do === "close") gateway.close(command.code, command.reason);
    else gateway.send(command.text);
  }
}
