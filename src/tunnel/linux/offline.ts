/**
 * Whether this machine is attached to anything that could carry the tunnel's packets: the kernel is asked for the way
 * to the gateways, and the interface it names has to be up, with carrier and an address.
 */
import { networkInterfaces } from "node:os";
import type { Address } from "../../wireguard/address.ts";
import type { Intent } from "../types.ts";
import { WIREGUARD_MARK } from "./marks.ts";
import { wayOut } from "./netlink/ip.ts";

/**
 * True when no gateway that is reached directly has a way to it. An intent without peers needs none. `tunnel` is the
 * name of our interface: a way that leads through it (somebody made a route without naming an interface) is none.
 */
export function isOffline(intent: Intent, tunnel: string): boolean {
  const addresses = intent.peers
    .filter((peer) => peer.via === undefined)
    .map((peer) => peer.endpoint.address);
  if (addresses.length === 0) return false;
  // Lists only interfaces that are up and have carrier and an address.
  const running = networkInterfaces();
  for (const address of addresses) {
    const device = wayOut(address as Address, WIREGUARD_MARK);
    if (device !== null && device !== tunnel && running[device] !== undefined) return false;
  }
  return true;
}
