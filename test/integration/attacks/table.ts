/**
 * Every attack that we are immune to, as data: against what it is shown to work, and what stops it here. `shown`
 * makes the two tests of a row, so that neither the attack nor the defence can be missing.
 */
import { describe, expect, test } from "vitest";

export interface Attack {
  readonly attack: string;
  /** The CVE, or how the attack is known. */
  readonly known: string;
  /** What it is seen to succeed against: `wg-quick`, or a named naive set-up where `wg-quick` is immune or absent. */
  readonly against: string;
  readonly defence: string;
  /** The test file, below `test/integration`. */
  readonly shownIn: string;
}

const DEFENCE = {
  table: "our routing table is asked before main, and the firewall refuses what would leave elsewhere",
  mark: "the exception is mark, address and port; no route leads to an address",
  arrivals: "packets to the tunnel address that did not come through the tunnel are dropped in every mode",
  resolver: "ports 53 and 853 lead to the tunnel's resolver alone, and the resolver's file is re-asserted",
  manager:
    "ports 53 and 853 lead to the tunnel's resolver alone, and its manager is told again within moments",
  families: "both families are in the tunnel or unreachable",
  order:
    "one firewall transaction before the routes; routes that end in unreachable; nothing opens by itself",
  grammar: "whatever the server says passes the grammar of files before anything is done with it",
} as const;

const routing = { shownIn: "attacks/local-network.test.ts" };
const neighbour = { against: "wg-quick with private prefixes", shownIn: "attacks/neighbour.test.ts" };
const dns = { known: "DNS leak", shownIn: "attacks/dns.test.ts" };
const managers = { known: "DNS leak", shownIn: "attacks/resolver-managers.test.ts" };
const race = { known: "race", defence: DEFENCE.order, shownIn: "attacks/race.test.ts" };
const injection = { shownIn: "attacks/injection.test.ts" };
const deputy = { shownIn: "attacks/deputy.test.ts" };
const gateway = { shownIn: "attacks/gateway.test.ts" };

export const ATTACKS = {
  "tunnelvision via a gateway": {
    attack: "a DHCP server pushes a route (option 121) to the Internet server, via itself",
    known: "CVE-2024-3661",
    against: "wg-quick",
    defence: DEFENCE.table,
    ...routing,
  },
  "tunnelvision on-link": {
    attack: "a DHCP server pushes a route that says the Internet server is on the link",
    known: "CVE-2024-3661",
    against: "wg-quick",
    defence: DEFENCE.table,
    ...routing,
  },
  "tunnelvision private": {
    attack: "a DHCP server pushes a route into the private network, via itself",
    known: "CVE-2024-3661",
    against: "wg-quick with private prefixes",
    defence: DEFENCE.table,
    ...routing,
  },
  "local network of public addresses": {
    attack: "the local network is made of the Internet server's addresses (TunnelCrack LocalNet)",
    known: "CVE-2023-36672, CVE-2023-35838",
    against: "wg-quick",
    defence: "a local network is private or link-local and on-link; all else goes through the tunnel",
    ...routing,
  },
  "local network of public addresses, IPv6": {
    attack: "a router advertises the Internet server's prefix as on-link (TunnelCrack LocalNet over IPv6)",
    known: "CVE-2023-36672",
    against: "wg-quick",
    defence: "a local network is private or link-local and on-link; all else goes through the tunnel",
    ...routing,
  },
  "local network shadows a private prefix": {
    attack: "the local network has the private server's addresses, and a neighbour answers for it",
    known: "CVE-2023-36672",
    against: "wg-quick with private prefixes",
    defence: "the local-network exception leaves out private prefixes and hops",
    ...routing,
  },
  "local network around a private prefix": {
    attack: "the local network is larger than the private network inside it, and a neighbour answers for it",
    known: "CVE-2023-36672",
    against: "wg-quick",
    defence: "private prefixes and hops are refused on the link even where the local network is allowed",
    ...routing,
  },
  "endpoint's real address": {
    attack: "a program speaks to another port of the gateway's address (TunnelCrack ServerIP)",
    known: "CVE-2023-36671",
    against: "a client that excepts the gateway by a route to its address",
    defence: DEFENCE.mark,
    ...routing,
  },
  "endpoint's address forged": {
    attack: "a forged DNS answer puts the gateway at the Internet server's address (TunnelCrack ServerIP)",
    known: "CVE-2023-36673",
    against: "a client that excepts the gateway by a route to its address",
    defence: DEFENCE.mark,
    ...routing,
  },
  "router advertisement": {
    attack: "a router advertisement brings IPv6 while a tunnel without IPv6 is connected",
    known: "IPv6 leak",
    against: "wg-quick with an IPv4-only file",
    defence: DEFENCE.families,
    ...routing,
  },
  "probing the tunnel address": {
    attack: "a neighbour sends to the tunnel address and learns from the answers that it is there",
    known: "CVE-2019-14899",
    defence: DEFENCE.arrivals,
    ...neighbour,
  },
  "probing from a private source": {
    attack: "a neighbour forges a private host's address; the answer shows as an encrypted packet",
    known: "CVE-2019-14899",
    defence: DEFENCE.arrivals,
    ...neighbour,
  },
  "ARP for the tunnel address": {
    attack: "a neighbour asks by ARP who has the tunnel address",
    known: "weak host model",
    defence: "arp_ignore=2, restored on the way out",
    ...neighbour,
  },
  "resolver rewritten": {
    attack: "a new DHCP lease names the hotel's resolver while connected",
    against: "wg-quick with a resolv.conf written by PostUp",
    defence: DEFENCE.resolver,
    ...dns,
  },
  "resolver rewritten, systemd-resolved": {
    attack: "another program takes the tunnel's servers from its link, or writes a file of its own",
    against: "wg-quick with DNS, by resolvconf",
    defence: DEFENCE.manager,
    ...managers,
  },
  "resolver rewritten, openresolv": {
    attack: "another program removes the tunnel's record, or writes a file of its own",
    against: "wg-quick with DNS, by resolvconf",
    defence: DEFENCE.manager,
    ...managers,
  },
  "resolver rewritten, debian-resolvconf": {
    attack: "another program removes the tunnel's record, or writes a file of its own",
    against: "wg-quick with DNS, by resolvconf",
    defence: DEFENCE.manager,
    ...managers,
  },
  "resolver of the local network": {
    attack: "a program asks the hotel's resolver by its address",
    against: "wg-quick",
    defence: DEFENCE.resolver,
    ...dns,
  },
  "DNS over TLS to elsewhere": {
    attack: "a program brings a resolver of its own (port 853), on the local network or on the Internet",
    against: "wg-quick",
    defence: DEFENCE.resolver,
    ...dns,
  },
  "race on connecting": {
    attack: "packets leave in clear after the tunnel's first one",
    against: "wg-quick",
    ...race,
  },
  "socket bound to the interface": {
    attack: "a socket that is bound to the physical interface sends around the tunnel",
    against: "wg-quick",
    ...race,
  },
  "race on switching": {
    attack: "packets leave in clear while the gateway is changed",
    against: "wg-quick",
    ...race,
  },
  "race on a crash": {
    attack: "packets leave in clear when the tunnel's program dies",
    against: "wg-quick",
    ...race,
  },
  "race on resuming": {
    attack:
      "packets leave in clear when the device wakes, in another place, before the tunnel's program does",
    against: "wg-quick with a sleep hook that takes it down before and raises it after",
    ...race,
  },
  "race on disconnecting": {
    attack: "what was in the tunnel goes on in clear, with the tunnel's address, while it ends",
    against: "wg-quick",
    known: "race",
    defence: "the tunnel's address leaves through no other interface for as long as it exists",
    shownIn: "attacks/race.test.ts",
  },
  "empty rule list": {
    attack: "the list of gateways comes empty, and an empty list changes nothing",
    known: "fail-open",
    against: "wg-quick with a file without peers",
    defence: "deny all and no data are different values; both deny",
    ...injection,
  },
  "empty rule list on a gateway": {
    attack: "the list of grants comes empty",
    known: "fail-open",
    against: "a gateway that takes a list without rules for no restriction",
    defence: "deny all and no data are different values; both deny",
    ...gateway,
  },
  "line injection from the server": {
    attack: "a string of the control plane carries a second line with a command",
    known: "configuration injection",
    against: "wg-quick with a file made from the server's strings",
    defence: DEFENCE.grammar,
    ...injection,
  },
  "planted programs": {
    attack: "a folder in PATH holds programs named as the system's",
    known: "PATH planting",
    against: "wg-quick",
    defence: "absolute paths, fixed arguments, empty environment, no shell",
    ...injection,
  },
  "DNS rebinding": {
    attack: "a page makes the browser speak to a service on loopback under the attacker's name",
    known: "DNS rebinding",
    against: "an agent with an HTTP interface on loopback",
    defence: "the agent has none; the window's host answers to its own address and to who has its pass alone",
    shownIn: "attacks/rebinding.test.ts",
  },
  "confused deputy": {
    attack: "a local user makes the agent act with its rights",
    known: "confused deputy",
    against: "a root helper that believes whoever reaches its socket, and gives wg-quick the file they name",
    defence: "typed intents, peer credentials, authorisation of every method",
    ...deputy,
  },
  "planted plug-ins": {
    attack: "a file names a plug-in, or code lies where the agent is started",
    known: "plug-in planting",
    against: "a root helper that loads the plug-ins that a file names",
    defence: "a file is data; code comes from the agent's own folder and the system's alone",
    ...deputy,
  },
  "port shadowing": {
    attack: "a device sends from the gateway's own WireGuard port and receives what is meant for it",
    known: "CVE-2021-3773",
    against: "plain masquerade",
    defence: "the WireGuard port is notrack",
    ...gateway,
  },
  "takeover by overlap": {
    attack: "a peer claims another's address, or sends from it",
    known: "cryptokey routing",
    against: "wg, where the last peer that claims a prefix has it",
    defence: "overlaps are refused by the control plane and again by the gateway",
    ...gateway,
  },
  "objects of another workspace": {
    attack: "a peer, grant or route of another workspace is pushed to a gateway",
    known: "tenancy",
    against: "a gateway that does as it is told",
    defence: "foreign objects are refused by the control plane and again by the gateway",
    ...gateway,
  },
} as const satisfies Record<string, Attack>;

/** What an attacker got, in words; empty = nothing. */
export type Loot = readonly string[];

/**
 * The two tests of a row. Each puts its side in place, attacks and says what the attacker got; `ours` also holds that
 * the device is as usable as it should be afterwards.
 */
export function shown(
  id: keyof typeof ATTACKS,
  sides: { readonly naive: () => Promise<Loot>; readonly ours: () => Promise<Loot> },
): void {
  const { attack, known, against, defence }: Attack = ATTACKS[id];
  describe(`${known}: ${attack}`, () => {
    test(`succeeds against ${against}`, async () => {
      // A race does not have to be won at the first attempt to be one.
      await expect.poll(() => sides.naive(), { timeout: 60_000, interval: 0 }).not.toEqual([]);
    });
    test(`fails against Nanami: ${defence}`, async () => {
      expect(await sides.ours()).toEqual([]);
    });
  });
}
