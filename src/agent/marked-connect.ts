/** Connections to the control plane: over marked sockets, to the addresses of the address book in their order. */
import { isIP, type Socket } from "node:net";
import type { Connect } from "../api/connection.ts";
import type { AddressBook } from "./address-book.ts";
import type { SocketMaker } from "./marked-socket.ts";

/** Time for one address before the next is tried, milliseconds. */
const ONE_ADDRESS_MS = 3_000;

function connectTo(sockets: SocketMaker, host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = sockets.tcp(isIP(host) === 6 ? 6 : 4);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ONE_ADDRESS_MS)]);
    const abort = () => socket.destroy(new Error(`${host} port ${port} does not answer`));
    limit.addEventListener("abort", abort, { once: true });
    const settle = () => {
      limit.removeEventListener("abort", abort);
      socket.removeListener("error", failed);
    };
    const failed = (error: Error) => {
      settle();
      socket.destroy();
      reject(error);
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      settle();
      socket.setNoDelay(true);
      resolve(socket);
    });
    if (limit.aborted) abort();
    else socket.connect({ host, port });
  });
}

/** A `Connect` for the API client and the event session. */
export function connectThrough(sockets: SocketMaker, book: AddressBook): Connect {
  return async ({ host, port, signal }) => {
    let problem: unknown = new Error(`the name ${host} has no address that any resolver knows`);
    for await (const address of book.candidates(host)) {
      if (signal.aborted) break;
      try {
        const socket = await connectTo(sockets, address, port, signal);
        book.used(host, address);
        return socket;
      } catch (error) {
        problem = error;
      }
    }
    throw problem;
  };
}
