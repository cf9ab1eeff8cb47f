/**
 * Traffic of a busy device: a thousand tagged datagrams a second to the first and the second address each (one of
 * each family), half of them from sockets bound to the local network's addresses, and a hundred to the third; DNS
 * and TCP attempts beside them. Runs until it is ended. Usage: `load.ts <IPv4> <IPv6> <private> <own IPv4> <own IPv6>`.
 */
import { createSocket, type Socket } from "node:dgram";
import { connect } from "node:net";
import { parseArgs } from "node:util";

const TAG = "nanami attack";
const [v4 = "", v6 = "", privateServer = "", own4 = "", own6 = ""] = parseArgs({
  allowPositionals: true,
}).positionals;

async function socketFrom(address: string): Promise<Socket> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  // The address may be gone for a while; the socket stays bound.
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  return socket;
}

const flows = await Promise.all(
  [
    { from: "0.0.0.0", to: v4, rate: 0.5 },
    { from: own4, to: v4, rate: 0.5 },
    { from: "::", to: v6, rate: 0.5 },
    { from: own6, to: v6, rate: 0.5 },
    { from: "0.0.0.0", to: privateServer, rate: 0.1 },
  ].map(async ({ from, to, rate }) => ({ socket: await socketFrom(from), to, rate, sent: 0 })),
);

const start = performance.now();
// What is refused is not sent later: the sockets' own word does not matter here.
const ignore = (): void => undefined;
setInterval(() => {
  const due = performance.now() - start;
  for (const flow of flows)
    for (; flow.sent < due * flow.rate; flow.sent += 1) flow.socket.send(TAG, 443, flow.to, ignore);
}, 1);
setInterval(() => {
  for (const port of [53, 853]) flows[0]?.socket.send(TAG, port, v4, ignore);
  for (const host of [v4, v6]) {
    const socket = connect({ host, port: 443 });
    socket.on("error", ignore);
    socket.setTimeout(200, () => socket.destroy());
  }
}, 25);
process.stdout.write("ready\n");
