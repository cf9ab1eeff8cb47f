/** What the system has of ours: interface, peers, routes, rules, firewall. */
import { isHostPrefix, networkOf, parseInterfaceAddress } from "../../wireguard/prefix.ts";
import type { OnLink } from "../network-state.ts";
import type { ActualState } from "./actual-state.ts";
import { readDump } from "./dump.ts";
import { FIREWALL_TABLE } from "./marks.ts";
import { readIp } from "./netlink/ip.ts";
import { listTable } from "./nft.ts";

/**
 * Reads everything. Throws an `OperationError` when something that must answer does not. Without `peers` WireGuard is
 * not asked: one that hangs must not keep anybody from disconnecting.
 */
export async function readSystem(interfaceName: string, peers = true): Promise<ActualState> {
  const asked = peers ? readDump(interfaceName) : null;
  const [device, firewall] = await Promise.all([asked, readFirewall()]);
  return { ...readIp(interfaceName), device, firewall };
}

/** What `nft` prints for our table, without counters; null = there is none. */
export function readFirewall(): Promise<string | null> {
  return listTable("inet", FIREWALL_TABLE);
}

/**
 * The networks that interfaces other than the tunnel are attached to, from their own addresses: those are facts,
 * while a route in `main` may be what a rogue DHCP server claims. Takes what `os.networkInterfaces()` answers.
 */
export function onLinkNetworks(
  interfaces: Readonly<Record<string, readonly { cidr: string | null; internal: boolean }[] | undefined>>,
  interfaceName: string,
): readonly OnLink[] {
  return Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap(({ cidr, internal }) => {
      const parsed = cidr === null || internal ? null : parseInterfaceAddress(cidr);
      if (parsed?.ok !== true || name === interfaceName || !INTERFACE_NAME.test(name)) return [];
      const prefix = networkOf(parsed.value);
      return isHostPrefix(prefix) ? [] : [{ interface: name, prefix }];
    }),
  );
}

/** Names that can stand in a command of `ip` without meaning something else. */
const INTERFACE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/;
