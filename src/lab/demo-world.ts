/**
 * The demo world: a laptop on a hotel's network, gateways around the globe, a private network behind the overlay,
 * and an Internet with an echo server.
 */
import { fileURLToPath } from "node:url";
import {
  CONTROL,
  ECHO,
  GATEWAYS,
  HOTEL,
  INTRANET,
  LAPTOP,
  PRIVATE_RESOLVER,
  PUBLIC_RESOLVER,
  type GatewaySite,
  type Site,
} from "./demo-places.ts";
import { OBSERVER_RULES } from "./observer.ts";
import type { CableDescription, HostDescription, ProgramDescription, WorldDescription } from "./world.ts";

const ROUTER = { v4: "198.51.100.1", v6: "2001:db8::1" } as const;
const PUBLIC_RESOLV_CONF = `nameserver ${PUBLIC_RESOLVER.v4}\n`;

/** Path of a program of this folder, for a host to run. */
const program = (name: string) => fileURLToPath(new URL(`servers/${name}`, import.meta.url));

/** The web and echo server of a place. */
const webServer = (title: string): ProgramDescription => ({
  command: [process.execPath, program("echo.ts"), title],
  ready: /^ready$/,
});

/** dnsmasq with nothing from the machine's own configuration; it answers before it detaches itself. */
export const dnsmasq = (...options: string[]): ProgramDescription => ({
  command: [
    "dnsmasq",
    "--conf-file=/dev/null",
    "--no-hosts",
    "--no-resolv",
    // No group to change to: setgroups is refused in a user namespace.
    "--user=root",
    "--group=",
    "--pid-file=/run/dnsmasq.pid",
    "--log-queries",
    "--log-facility=/run/dnsmasq.log",
    ...options,
  ],
  ready: "daemon",
});

/** A host with one cable to the Internet and addresses that are routed to it alone. */
export const onInternet = (site: Site, more: Partial<HostDescription> = {}): HostDescription => ({
  name: site.name,
  about: site.about,
  resolvConf: PUBLIC_RESOLV_CONF,
  ...more,
  addresses: { eth0: [`${site.v4}/32`, `${site.v6}/128`], ...more.addresses },
  routes: [
    `default via ${ROUTER.v4} dev eth0 onlink src ${site.v4}`,
    `default via ${ROUTER.v6} dev eth0 onlink src ${site.v6}`,
    ...(more.routes ?? []),
  ],
});

const SITES: readonly HostDescription[] = [
  onInternet({ name: CONTROL.host, about: "the control plane", v4: CONTROL.v4, v6: CONTROL.v6 }),
  onInternet({ name: "operator", about: "who runs acme", v4: "203.0.113.30", v6: "2001:db8:2::30" }),
  onInternet(
    { name: ECHO.host, about: "answers with the address it saw", v4: ECHO.v4, v6: ECHO.v6 },
    { programs: [webServer("echo")] },
  ),
  onInternet(
    { name: PUBLIC_RESOLVER.host, about: "public resolver", v4: PUBLIC_RESOLVER.v4, v6: PUBLIC_RESOLVER.v6 },
    {
      programs: [
        dnsmasq(
          "--local=/example/",
          "--local=/test/",
          ...[ECHO, CONTROL].map(({ name, v4, v6 }) => `--host-record=${name},${v4},${v6}`),
          ...GATEWAYS.map(({ name, v4, v6 }) => `--host-record=${name}.gateways.example,${v4},${v6}`),
        ),
      ],
    },
  ),
  onInternet(
    {
      name: PRIVATE_RESOLVER.host,
      about: `the private resolver for ${PRIVATE_RESOLVER.domain}`,
      ...PRIVATE_RESOLVER.public,
    },
    {
      addresses: { corp0: [`${PRIVATE_RESOLVER.v4}/16`, `${PRIVATE_RESOLVER.v6}/64`] },
      programs: [
        dnsmasq(
          "--interface=corp0",
          `--local=/${PRIVATE_RESOLVER.domain}/`,
          `--host-record=${INTRANET.name},${INTRANET.v4},${INTRANET.v6}`,
          `--server=${PUBLIC_RESOLVER.v4}`,
        ),
      ],
    },
  ),
  ...GATEWAYS.map((site) =>
    onInternet(site, hasBackbone(site) ? { addresses: { corp0: backboneAddresses(site) } } : {}),
  ),
  onInternet(
    { name: HOTEL.host, about: "the hotel's router, DHCP server and resolver", v4: HOTEL.v4, v6: HOTEL.v6 },
    {
      router: true,
      bridges: { lan: ["room1", "room2"] },
      addresses: { lan: [`${HOTEL.lan}/24`, "2001:db8:50::1/64"] },
      rules: `table inet hotel {
        chain postrouting {
          type nat hook postrouting priority srcnat;
          oifname "eth0" meta nfproto ipv4 masquerade
        }
      }`,
      programs: [
        dnsmasq(
          "--interface=lan",
          "--no-ping",
          `--server=${PUBLIC_RESOLVER.v4}`,
          "--dhcp-leasefile=/run/dnsmasq.leases",
          "--dhcp-range=192.168.50.100,192.168.50.199,12h",
          `--dhcp-host=02:00:00:00:00:10,${LAPTOP.v4}`,
          "--dhcp-range=2001:db8:50::,ra-only",
          "--enable-ra",
        ),
      ],
    },
  ),
];

function hasBackbone(site: GatewaySite): boolean {
  return site.workspace === "acme" && site.network === "corp";
}

function backboneAddresses(site: GatewaySite): string[] {
  const number = site.v4.slice(site.v4.lastIndexOf(".") + 1);
  return [`10.20.0.${number}/16`, `fd00:20::${number}/64`];
}

const LOCAL: readonly HostDescription[] = [
  {
    name: LAPTOP.host,
    about: "the device: a guest of the hotel",
    macs: { eth0: "02:00:00:00:00:10" },
    sysctls: { "ipv6/conf/eth0/disable_ipv6": "1", "ipv6/conf/eth0/router_solicitation_delay": "0" },
    programs: [{ command: [program("join-lan.sh"), "eth0"], ready: "daemon", after: HOTEL.host }],
  },
  {
    name: "neighbour",
    about: "another guest, hostile when asked to be",
    addresses: { eth0: ["192.168.50.66/24", "2001:db8:50::66/64"] },
    routes: [`default via ${HOTEL.lan}`, "default via 2001:db8:50::1"],
    resolvConf: `nameserver ${HOTEL.lan}\n`,
  },
];

const BACKBONE_PORTS = [
  ...GATEWAYS.filter(hasBackbone).map((site) => [site.name, "corp0"] as const),
  [INTRANET.host, "eth0"] as const,
  [PRIVATE_RESOLVER.host, "corp0"] as const,
];

const PRIVATE: readonly HostDescription[] = [
  {
    name: "backbone",
    about: "the switch of acme's private network",
    bridges: { corp: BACKBONE_PORTS.map(([host]) => portName(host)) },
  },
  {
    name: INTRANET.host,
    about: "the private web application",
    addresses: { eth0: [`${INTRANET.v4}/16`, `${INTRANET.v6}/64`] },
    programs: [webServer("intranet")],
  },
];

/** Interface names have at most 15 characters. */
function portName(host: string): string {
  return host.slice(0, 15);
}

const INTERNET: HostDescription = {
  name: "internet",
  about: "the router in the middle, which sees who talks to whom",
  router: true,
  rules: OBSERVER_RULES,
  addresses: Object.fromEntries(
    SITES.map((site) => [portName(site.name), [`${ROUTER.v4}/32`, `${ROUTER.v6}/128`]]),
  ),
  routes: [
    ...SITES.flatMap((site) =>
      (site.addresses?.["eth0"] ?? []).map((address) => `${address} dev ${portName(site.name)}`),
    ),
    `2001:db8:50::/64 via ${HOTEL.v6} dev ${HOTEL.host} onlink`,
  ],
};

/** The whole demo world without its control plane, gateways' agents and the laptop's agent. */
export const DEMO_WORLD: WorldDescription = {
  hosts: [INTERNET, ...SITES, ...LOCAL, ...PRIVATE],
  cables: [
    ...SITES.map((site): CableDescription => [`internet:${portName(site.name)}`, `${site.name}:eth0`]),
    [`${HOTEL.host}:room1`, `${LAPTOP.host}:eth0`],
    [`${HOTEL.host}:room2`, "neighbour:eth0"],
    ...BACKBONE_PORTS.map(([host, end]): CableDescription => [
      `backbone:${portName(host)}`,
      `${host}:${end}`,
    ]),
  ],
};
