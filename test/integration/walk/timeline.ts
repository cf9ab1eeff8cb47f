/**
 * What is promised when, from what the person asks and what the agent acknowledges. Times are milliseconds since
 * 1970. A promise is dropped at the moment of the request that ends it, and holds from the acknowledgement on. Pure
 * but for its own list.
 */
import type { TunnelStatus } from "../../../src/rpc/contract.ts";
import type { TrafficMode } from "../../../src/routing/types.ts";
import type { Promised } from "./classify.ts";

/** What holds while something is promised. */
interface Holding {
  readonly mode: TrafficMode | "nothing";
  /** Full tunnel was asked for and not acknowledged yet. */
  readonly awaitsFull: boolean;
  readonly localNetwork: boolean;
  readonly gateways: readonly string[];
}

export class Timeline {
  readonly #all: readonly string[];
  readonly #entries: { readonly at: number; readonly promised: Promised }[] = [];
  #now: Holding;

  /** `gateways`: addresses of every gateway that an automatic choice may use. */
  constructor(gateways: readonly string[], localNetwork: boolean) {
    this.#all = gateways;
    this.#now = { mode: "nothing", awaitsFull: false, localNetwork, gateways };
  }

  /** What is promised at that time. */
  at(time: number): Promised {
    return this.#entries.findLast((entry) => entry.at <= time)?.promised ?? { mode: "nothing" };
  }

  /** Whether anything is promised now. */
  get holds(): boolean {
    return this.#now.mode !== "nothing";
  }

  /** The person asks for a mode. */
  asks(mode: TrafficMode, at: number): void {
    if (mode === "vpn_only" && this.#now.mode === "full_tunnel") this.#set({ mode }, at);
    this.#set({ awaitsFull: mode === "full_tunnel" && this.#now.mode === "vpn_only" }, at);
  }

  /** The agent answers a connect, with the mode that is in force. From nothing, it is the answer that promises. */
  connected(mode: TrafficMode, at: number): void {
    const switched = this.#now.awaitsFull && mode === "full_tunnel";
    if (this.#now.mode === "nothing" || switched) this.#set({ mode, awaitsFull: false }, at);
  }

  /** The agent tells what is in force. A switch to full tunnel is acknowledged by its first word after `connecting`. */
  told(status: TunnelStatus, at: number): void {
    if (!this.#now.awaitsFull || status.state === "disconnected" || status.state === "disconnecting") return;
    if (status.state !== "connecting" && status.mode === "full_tunnel")
      this.#set({ mode: "full_tunnel", awaitsFull: false }, at);
  }

  /** The person disconnects. */
  disconnects(at: number): void {
    this.#set({ mode: "nothing", awaitsFull: false }, at);
  }

  /** The local network stays reachable from the question on, and is closed from the answer on. */
  localNetwork(allow: boolean, at: number): void {
    this.#set({ localNetwork: allow }, at);
  }

  /** Only these gateways from now on; null = any that an automatic choice may use. */
  gateways(addresses: readonly string[] | null, at: number): void {
    this.#set({ gateways: addresses ?? this.#all }, at);
  }

  #set(change: Partial<Holding>, at: number): void {
    this.#now = { ...this.#now, ...change };
    const { mode, localNetwork, gateways } = this.#now;
    switch (mode) {
      case "nothing": {
        this.#entries.push({ at, promised: { mode } });
        return;
      }
      case "vpn_only": {
        this.#entries.push({ at, promised: { mode, gateways } });
        return;
      }
      case "full_tunnel":
        this.#entries.push({ at, promised: { mode, gateways, localNetwork } });
    }
  }
}
