/** What a configuration asks for, for people; never a secret. */
import type { RedactedConfig } from "../../wireguard/config/check.ts";
import type { Paint } from "./paint.ts";
import { facts } from "./table.ts";

function listed(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(", ");
}

/** The interface and each peer as lists of facts. */
export function configView(config: RedactedConfig, columns: number, paint: Paint): string {
  const { addresses, dns, searchDomains, mtu, listenPort } = config.interface;
  const own = facts(
    [
      ["address", listed(addresses)],
      ["DNS", listed(dns)],
      ["search domains", listed(searchDomains)],
      ["MTU", mtu?.toString()],
      ["listen port", listenPort?.toString()],
    ],
    columns,
    paint,
  );
  const peers = config.peers.map((peer) =>
    facts(
      [
        ["peer", peer.publicKey],
        ["endpoint", peer.endpoint ?? "none: nothing can be sent to it"],
        ["allowed IPs", listed(peer.allowedIps) ?? "none"],
        ["preshared key", peer.hasPresharedKey ? "yes" : undefined],
        ["keepalive", peer.persistentKeepalive === null ? undefined : `every ${peer.persistentKeepalive} s`],
      ],
      columns,
      paint,
    ),
  );
  return [own, ...peers].filter((part) => part !== "").join("\n");
}
