/** Tries to send a packet past the tunnel: what a leak would do. */
import { createSocket } from "node:dgram";
import type { SocketMaker } from "./marked-socket.ts";

/** Discard (RFC 863): whoever gets it throws it away. */
const PORT = 9;

/** Sends one UDP packet to an IPv4 address. Says whether the system let it out. */
export async function letsOut(sockets: SocketMaker, address: string): Promise<boolean> {
  const socket = createSocket("udp4");
  try {
    return await new Promise((resolve) => {
      socket.once("error", () => resolve(false));
      const fd = sockets.udp(4);
      socket.bind(fd === undefined ? { port: 0 } : { fd }, () => {
        socket.send(Buffer.from("nanami"), PORT, address, (error) => resolve(error === null));
      });
    });
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
