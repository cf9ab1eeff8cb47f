/**
 * The places of the demo world: names, addresses, networks and gateways. Addresses come from the ranges reserved for
 * documentation and for private and shared use, names from `.test` and `.example`.
 */

/** A place on the Internet with one public address of each family. */
export interface Site {
  readonly name: string;
  readonly about: string;
  readonly v4: string;
  readonly v6: string;
}

/** A gateway of the world as it will be enrolled. */
export interface GatewaySite extends Site {
  readonly region: string;
  readonly workspace: "acme" | "globex";
  readonly network: "corp" | "lab";
  readonly roles: readonly ("ingress_gateway" | "exit_gateway")[];
}

export const CONTROL = {
  host: "control",
  name: "control.example",
  v4: "203.0.113.20",
  v6: "2001:db8:2::20",
  port: 443,
} as const;
/** The server that answers with the address it saw. */
export const ECHO = { host: "echo", name: "echo.example", v4: "203.0.113.10", v6: "2001:db8:2::10" } as const;
/** The private web application behind the overlay. */
export const INTRANET = {
  host: "intranet",
  name: "intranet.corp.test",
  v4: "10.20.1.80",
  v6: "fd00:20::80",
} as const;
/** The private resolver, which alone knows `corp.test` and asks the public one for everything else. */
export const PRIVATE_RESOLVER = {
  host: "private-resolver",
  v4: "10.20.0.53",
  v6: "fd00:20::53",
  domain: "corp.test",
  /** How the Internet sees it when it asks for the names that it does not know itself. */
  public: { v4: "203.0.113.54", v6: "2001:db8:2::54" },
} as const;
export const PUBLIC_RESOLVER = { host: "resolver", v4: "203.0.113.53", v6: "2001:db8:2::53" } as const;
/** How the Internet sees the hotel over IPv4, and the laptop's own addresses on the hotel's network. */
export const HOTEL = { host: "hotel", v4: "192.0.2.10", v6: "2001:db8:3::10", lan: "192.168.50.1" } as const;
export const LAPTOP = { host: "laptop", v4: "192.168.50.10", v6: "2001:db8:50::ff:fe00:10" } as const;
/** UDP port that the gateways' WireGuard listens on. */
export const WIREGUARD_PORT = 51820;

/** Prefixes of the overlay networks and of the private networks behind them. */
export const NETWORKS = {
  corp: {
    workspace: "acme",
    overlayPrefixes: ["100.64.0.0/16", "fd00:64::/64"],
    privatePrefixes: ["10.20.0.0/16", "fd00:20::/64"],
  },
  lab: {
    workspace: "acme",
    overlayPrefixes: ["100.65.0.0/16", "fd00:65::/64"],
    privatePrefixes: ["10.30.0.0/16"],
  },
  globex: {
    workspace: "globex",
    overlayPrefixes: ["100.66.0.0/16", "fd00:66::/64"],
    privatePrefixes: ["10.40.0.0/16"],
  },
} as const;

const both = ["ingress_gateway", "exit_gateway"] as const;
const gateway = (
  name: string,
  region: string,
  number: number,
  roles: GatewaySite["roles"],
  owner: Pick<GatewaySite, "workspace" | "network"> = { workspace: "acme", network: "corp" },
): GatewaySite => ({
  name,
  region,
  roles,
  ...owner,
  about: `gateway in ${region}, ${owner.workspace}/${owner.network}`,
  v4: `198.51.100.${number}`,
  v6: `2001:db8:1::${number}`,
});

export const GATEWAYS: readonly GatewaySite[] = [
  gateway("tokyo", "Tokyo", 10, both),
  gateway("osaka", "Osaka", 20, ["ingress_gateway"]),
  gateway("frankfurt", "Frankfurt", 30, both),
  gateway("saopaulo", "São Paulo", 40, ["exit_gateway"]),
  gateway("oslo", "Oslo", 50, both, { workspace: "acme", network: "lab" }),
  gateway("lima", "Lima", 60, both, { workspace: "globex", network: "corp" }),
];

/** The gateway of that name. Throws when the world has none. */
export function gatewaySite(name: string): GatewaySite {
  const site = GATEWAYS.find((one) => one.name === name);
  if (site === undefined) throw new Error(`the demo world has no gateway "${name}"`);
  return site;
}
