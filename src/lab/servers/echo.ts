/**
 * A small server of the lab. HTTP on port 80: any request is answered with the address it came from;
 * `/bytes/<n>` with n bytes; a body is read to its end. UDP on port 7: every datagram comes back.
 * Usage: `echo.ts <title>`.
 */
import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import { parseArgs } from "node:util";

/** Largest `/bytes/<n>`. */
const MAX_BYTES = 1024 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, "nanami ");

const title = parseArgs({ allowPositionals: true }).positionals[0] ?? "echo";

const server = createServer((request, response) => {
  request.resume();
  const address = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  const size = /^\/bytes\/(\d{1,10})$/.exec(request.url ?? "")?.[1];
  if (size !== undefined) {
    let left = Math.min(Number(size), MAX_BYTES);
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": left });
    const more = (): void => {
      while (left > 0) {
        const part = CHUNK.subarray(0, Math.min(left, CHUNK.length));
        left -= part.length;
        if (!response.write(part)) {
          response.once("drain", more);
          return;
        }
      }
      response.end();
    };
    more();
    return;
  }
  request.once("end", () => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(`${JSON.stringify({ title, address, port: request.socket.remotePort })}\n`);
  });
});

const udp = createSocket({ type: "udp6", recvBufferSize: 4 * 1024 * 1024 });
udp.on("message", (message, from) => udp.send(message, from.port, from.address));
udp.bind(7, "::", () => server.listen(80, "::", () => process.stdout.write("ready\n")));
