/**
 * The demo world with a second network next door: a café whose local network lies inside the private prefixes and
 * whose router is, like the hotel's, nobody's friend.
 */
import { fileURLToPath } from "node:url";
import {
  CONTROL,
  ECHO,
  GATEWAYS,
  HOTEL,
  INTRANET,
  LAPTOP,
  NETWORKS,
  PUBLIC_RESOLVER,
  gatewaySite,
  WIREGUARD_PORT,
} from "../../../src/lab/demo-places.ts";
import { DEMO_WORLD, dnsmasq, onInternet } from "../../../src/lab/demo-world.ts";
import type { HostDescription, WorldDescription } from "../../../src/lab/world.ts";
import type { Flow, LoadPlan } from "../attacks/load.ts";
import { LOAD_PORTS, TAG, type Around } from "./classify.ts";

export type Place = "hotel" | "café";

const CAFE = {
  host: "cafe",
  v4: "192.0.2.20",
  v6: "2001:db8:3::20",
  lan: "10.20.5.1",
  laptop: "10.20.5.10",
  prefix6: "2001:db8:60::",
  mac: "02:00:00:00:00:11",
} as const;

/** The laptop's interface in each place, where its cable ends, and the resolver that DHCP names there. */
export const PLACES = {
  hotel: { interface: "eth0", host: HOTEL.host, port: "room1", resolver: HOTEL.lan },
  café: { interface: "eth1", host: CAFE.host, port: "seat1", resolver: PUBLIC_RESOLVER.v4 },
} as const satisfies Record<Place, { interface: string; host: string; port: string; resolver: string }>;

const cafe: HostDescription = onInternet(
  { name: CAFE.host, about: "the café's router and DHCP server", v4: CAFE.v4, v6: CAFE.v6 },
  {
    router: true,
    bridges: { lan: ["seat1"] },
    addresses: { lan: [`${CAFE.lan}/24`, `${CAFE.prefix6}1/64`] },
    rules: `table inet cafe {
      chain postrouting {
        type nat hook postrouting priority srcnat;
        oifname "eth0" meta nfproto ipv4 masquerade
      }
    }`,
    programs: [
      dnsmasq(
        "--interface=lan",
        "--no-ping",
        "--port=0",
        "--dhcp-leasefile=/run/dnsmasq.leases",
        `--dhcp-range=${CAFE.laptop},${CAFE.laptop},12h`,
        `--dhcp-host=${CAFE.mac},${CAFE.laptop}`,
        `--dhcp-option=6,${PUBLIC_RESOLVER.v4}`,
        `--dhcp-range=${CAFE.prefix6},ra-only`,
        "--enable-ra",
      ),
    ],
  },
);

/** What a host of the demo world has besides. */
function extended(host: HostDescription): HostDescription {
  if (host.name === "internet")
    return {
      ...host,
      addresses: { ...host.addresses, [CAFE.host]: host.addresses?.[HOTEL.host] ?? [] },
      routes: [
        ...(host.routes ?? []),
        ...[`${CAFE.v4}/32`, `${CAFE.v6}/128`].map((address) => `${address} dev ${CAFE.host}`),
        `${CAFE.prefix6}/64 via ${CAFE.v6} dev ${CAFE.host} onlink`,
      ],
    };
  if (host.name !== LAPTOP.host) return host;
  return {
    ...host,
    macs: { ...host.macs, eth1: CAFE.mac },
    sysctls: {
      ...host.sysctls,
      "ipv6/conf/eth1/disable_ipv6": "1",
      "ipv6/conf/eth1/router_solicitation_delay": "0",
    },
  };
}

export const WALK_WORLD: WorldDescription = {
  hosts: [...DEMO_WORLD.hosts.map(extended), cafe],
  cables: [
    ...DEMO_WORLD.cables,
    [`internet:${CAFE.host}`, `${CAFE.host}:eth0`],
    [`${CAFE.host}:seat1`, `${LAPTOP.host}:eth1`],
  ],
};

/** Addresses of the gateways that an automatic choice may enter at. */
export const INGRESSES: readonly string[] = GATEWAYS.filter(
  ({ workspace, network, roles }) =>
    workspace === "acme" && network === "corp" && roles.includes("ingress_gateway"),
).map(({ v4 }) => v4);

export const AROUND: Around = {
  overlay: NETWORKS.corp.overlayPrefixes,
  privatePrefixes: NETWORKS.corp.privatePrefixes,
  wireguardPort: WIREGUARD_PORT,
  controlPlane: { name: CONTROL.name, addresses: [CONTROL.v4, CONTROL.v6], port: CONTROL.port },
  resolvers: [HOTEL.lan, PUBLIC_RESOLVER.v4],
  local: { eth0: ["192.168.50.0/24"] },
};

export const LOAD_PROGRAM = fileURLToPath(new URL("../attacks/load.ts", import.meta.url));
const PORT = 443;

/** A thousand datagrams a second of each family, and connections, to everywhere and in every way. */
export function loadPlan(tunnel: readonly string[]): LoadPlan {
  const tokyo = gatewaySite("tokyo");
  const byFamily = (
    publicServer: string,
    privateServer: string,
    own: readonly string[],
    ofTunnel: string | undefined,
  ): Flow[] => [
    { to: publicServer, port: PORT, rate: 350 },
    { to: privateServer, port: PORT, rate: 200 },
    ...own.map((from) => ({ to: publicServer, port: PORT, rate: 100, from })),
    ...["eth0", "eth1"].flatMap((device) => [
      { to: publicServer, port: PORT, rate: 75, device },
      { to: privateServer, port: PORT, rate: 25, device },
    ]),
    ...(ofTunnel === undefined ? [] : [{ to: publicServer, port: PORT, rate: 50, from: ofTunnel }]),
    // DNS in the clear and encrypted, to a resolver of one's own.
    ...[53, 853].map((port) => ({ to: publicServer, port, rate: 20 })),
  ];
  return {
    text: TAG,
    ports: LOAD_PORTS,
    flows: [
      ...byFamily(
        ECHO.v4,
        INTRANET.v4,
        [LAPTOP.v4, CAFE.laptop],
        tunnel.find((one) => !one.includes(":")),
      ),
      ...byFamily(
        ECHO.v6,
        INTRANET.v6,
        [LAPTOP.v6],
        tunnel.find((one) => one.includes(":")),
      ),
      // Resolvers, the local network and its groups, and what has an exception of its own.
      ...[HOTEL.lan, PUBLIC_RESOLVER.v4].map((to) => ({ to, port: 53, rate: 10 })),
      ...["192.168.50.66", CAFE.lan, "224.0.0.251"].map((to) => ({ to, port: 5353, rate: 10 })),
      { to: tokyo.v4, port: WIREGUARD_PORT, rate: 10 },
      { to: tokyo.v6, port: WIREGUARD_PORT, rate: 10 },
      { to: CONTROL.v4, port: CONTROL.port, rate: 10 },
    ],
    connections: [
      {
        to: [ECHO.v4, ECHO.v6, INTRANET.v4, INTRANET.v6].map((host) => ({ host, port: 80 })),
        everyMs: 200,
        lifeMs: 600,
      },
      // Long ones, which live through changes; and what only the agent itself may reach.
      {
        to: [ECHO.v4, ECHO.v6, INTRANET.v4].map((host) => ({ host, port: 80 })),
        everyMs: 4_000,
        lifeMs: 12_000,
      },
      {
        to: [
          { host: CONTROL.v4, port: CONTROL.port },
          { host: PUBLIC_RESOLVER.v4, port: 53 },
          { host: ECHO.v4, port: 853 },
        ],
        everyMs: 400,
        lifeMs: 100,
      },
    ],
  };
}
