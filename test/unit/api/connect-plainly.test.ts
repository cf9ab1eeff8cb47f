import { once } from "node:events";
import net from "node:net";
import { expect, test } from "vitest";
import { connectPlainly } from "../../../src/api/connection.ts";

test("a connection that stands outlives the time it had to stand in", async () => {
  const server = net.createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const limit = new AbortController();
  const socket = await connectPlainly({ host: "127.0.0.1", port, signal: limit.signal });
  limit.abort();
  socket.write("still here");
  const [echo] = (await once(socket, "data")) as [Buffer];
  expect(echo.toString()).toBe("still here");
  socket.destroy();
  server.close();
});

test("a connection that does not stand in time is given up with a reason", async () => {
  const limit = new AbortController();
  const attempt = connectPlainly({ host: "127.0.0.1", port: 9, signal: limit.signal });
  limit.abort();
  await expect(attempt).rejects.toThrow("it did not answer in time");
});
