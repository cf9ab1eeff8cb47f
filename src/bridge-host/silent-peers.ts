/**
 * Connections that have asked for nothing yet. Whose they are is told by what they ask for; those of other users that
 * never ask would be held until the server gives up on them, as many as they like.
 */
import type { Socket } from "node:net";
import { ownPeers } from "./peer-owner.ts";

/** Milliseconds that a new connection may be silent before anybody looks whose it is. */
const PATIENCE_MS = 1000;

/** See the file's head. */
export class SilentPeers {
  readonly #port: number;
  readonly #silent = new Set<Socket>();
  #looking: NodeJS.Timeout | undefined;

  /** `port`: ours. */
  constructor(port: number) {
    this.#port = port;
  }

  /** A new connection. */
  add(socket: Socket): void {
    this.#silent.add(socket);
    socket.once("close", () => this.#silent.delete(socket));
    // One look for all that came meanwhile: each takes the kernel milliseconds.
    this.#looking ??= setTimeout(() => this.#look(), PATIENCE_MS).unref();
  }

  /** It asked for something, and was found to be allowed to. */
  heard(socket: Socket): void {
    this.#silent.delete(socket);
  }

  close(): void {
    clearTimeout(this.#looking);
  }

  #look(): void {
    this.#looking = undefined;
    if (this.#silent.size === 0) return;
    const isOurs = ownPeers(this.#port);
    // A browser of ours connects ahead of what it will ask for.
    for (const socket of this.#silent) if (!isOurs(socket.remotePort)) socket.destroy();
    this.#silent.clear();
  }
}
