/**
 * The naive gateway: it does with a state what most scripts do. Peers are set one after the other with `wg`, so that
 * the last one that claims an address has it; a peer without rules is a peer without restrictions, as in firewalls that
 * take an empty filter for none; whoever sent the state was allowed to; and everything is masqueraded.
 */
import type { GatewayState } from "../../../src/api/events.ts";
import { PORT, type GatewayWorld } from "../gateway/world.ts";

const INTERFACE = "wg0";

type Peer = GatewayState["peers"][number];

/** Brings a state in force on the world's gateway, which has nothing in force yet. */
export async function naiveGateway({ gw, keys }: GatewayWorld, state: GatewayState): Promise<void> {
  await gw.run("wireguard-go", [INTERFACE]);
  await gw.run("sh", ["-c", "umask 077; cat > /run/naive.key"], { input: `${keys.gw.reveal()}\n` });
  await gw.run("wg", ["set", INTERFACE, "private-key", "/run/naive.key", "listen-port", String(PORT)]);
  for (const { publicKey, addresses } of state.peers)
    await gw.run("wg", ["set", INTERFACE, "peer", publicKey, "allowed-ips", addresses.join(",")]);
  const own = state.addresses.map((address) => `address add ${address} dev ${INTERFACE}`);
  const overlay = state.overlayPrefixes.map((prefix) => `route add ${prefix} dev ${INTERFACE}`);
  const up = `link set ${INTERFACE} up`;
  await gw.run("ip", ["-batch", "-"], { input: [...own, up, ...overlay, ""].join("\n") });
  await gw.run("sysctl", ["-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]);
  await gw.run("nft", ["-f", "-"], { input: rules(state.peers) });
}

function rules(peers: readonly Peer[]): string {
  return `table inet naive {
    chain forward {
      type filter hook forward priority filter; policy accept;
      ct state established,related accept
      ${peers.flatMap(rulesOf).join("\n")}
    }
    chain postrouting {
      type nat hook postrouting priority srcnat;
      oifname { "eth0", "corp0" } masquerade
    }
  }\n`;
}

/** What a peer may reach, and then that it may reach nothing else. */
function rulesOf({ addresses, grants }: Peer): readonly string[] {
  const sources = addresses.map((address) => ({ family: familyOf(address), address: hostOf(address) }));
  return sources.flatMap(({ family, address }) => {
    const from = `iifname "${INTERFACE}" ${family} saddr ${address}`;
    const allowed = [
      ...grants.privatePrefixes
        .filter((prefix) => familyOf(prefix) === family)
        .map((prefix) => `${from} ${family} daddr ${prefix} accept`),
      ...(grants.internet ? [`${from} oifname "eth0" accept`] : []),
    ];
    return allowed.length === 0 ? [] : [...allowed, `${from} drop`];
  });
}

function familyOf(prefix: string): "ip" | "ip6" {
  return prefix.includes(":") ? "ip6" : "ip";
}

function hostOf(prefix: string): string {
  return prefix.split("/")[0] ?? prefix;
}
