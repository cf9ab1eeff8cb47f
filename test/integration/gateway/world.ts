/**
 * A small world around one gateway: two devices that speak plain WireGuard and may lie, a private network behind
 * the gateway, an echo server on the Internet, and surroundings that no device may reach.
 */
import { fileURLToPath } from "node:url";
import type { GatewayState } from "../../../src/api/events.ts";
import type { Host } from "../../../src/lab/host.ts";
import { raise, type World, type WorldDescription } from "../../../src/lab/world.ts";
import { derivePublicKey, generatePrivateKey, type SecretKey } from "../../../src/wireguard/keys.ts";

const ECHO_SERVER = fileURLToPath(new URL("../../../src/lab/servers/echo.ts", import.meta.url));

export const PORT = 51820;
export const GATEWAY = {
  v4: "198.51.100.10",
  v6: "2001:db8:1::10",
  overlay4: "100.64.0.1",
  overlay6: "fd00:64::1",
};
export const ECHO = { v4: "203.0.113.10", v6: "2001:db8:2::10" };
/** Another gateway; in place of WireGuard it echoes. */
export const EGRESS = { v4: "203.0.113.99", v6: "2001:db8:2::99" };
export const EGRESS_PORT = 7;
/** In a granted private prefix. */
export const INTRANET = { v4: "10.20.1.80", v6: "fd00:20::80" };
/** In a private prefix of the network that no device was granted. */
export const VAULT = { v4: "10.30.1.80", v6: "fd00:30::80" };
/** What a gateway's surroundings hold: its provider's LAN and cloud metadata. Reachable from the gateway. */
export const SURROUNDINGS = ["192.168.77.1", "172.16.5.1", "10.99.0.1", "169.254.169.254"];

export const DEVICES = {
  alice: { v4: "203.0.113.30", v6: "2001:db8:2::30", overlay4: "100.64.0.2", overlay6: "fd00:64::2" },
  mallory: { v4: "203.0.113.31", v6: "2001:db8:2::31", overlay4: "100.64.0.3", overlay6: "fd00:64::3" },
} as const;
export type DeviceName = keyof typeof DEVICES;

const ROUTER = { v4: "198.51.100.1", v6: "2001:db8::1" };

const onInternet = (name: string, v4: string, v6: string) => ({
  name,
  about: name,
  addresses: { eth0: [`${v4}/32`, `${v6}/128`] },
  routes: [
    `default via ${ROUTER.v4} dev eth0 onlink src ${v4}`,
    `default via ${ROUTER.v6} dev eth0 onlink src ${v6}`,
  ],
});

const echoServer = { command: [process.execPath, ECHO_SERVER, "echo"] as const, ready: /^ready$/ };

const SITES = [
  onInternet("gw", GATEWAY.v4, GATEWAY.v6),
  onInternet("alice", DEVICES.alice.v4, DEVICES.alice.v6),
  onInternet("mallory", DEVICES.mallory.v4, DEVICES.mallory.v6),
  { ...onInternet("echo", ECHO.v4, ECHO.v6), programs: [echoServer] },
  { ...onInternet("egress", EGRESS.v4, EGRESS.v6), programs: [echoServer] },
];

const DESCRIPTION: WorldDescription = {
  hosts: [
    {
      name: "internet",
      about: "the router in the middle",
      router: true,
      addresses: {
        ...Object.fromEntries(SITES.map(({ name }) => [name, [`${ROUTER.v4}/32`, `${ROUTER.v6}/128`]])),
        gw: [`${ROUTER.v4}/32`, `${ROUTER.v6}/128`, ...SURROUNDINGS.map((address) => `${address}/32`)],
      },
      routes: SITES.flatMap(({ name, addresses }) =>
        addresses.eth0.map((address) => `${address} dev ${name}`),
      ),
    },
    ...SITES.map((site) =>
      site.name === "gw"
        ? {
            ...site,
            addresses: {
              ...site.addresses,
              corp0: ["10.20.0.1/16", "10.30.0.1/16", "fd00:20::1/64", "fd00:30::1/64"],
            },
          }
        : site,
    ),
    {
      name: "intranet",
      about: "the private network",
      addresses: {
        eth0: [`${INTRANET.v4}/16`, `${VAULT.v4}/16`, `${INTRANET.v6}/64`, `${VAULT.v6}/64`],
      },
      programs: [echoServer],
    },
  ],
  cables: [
    ...SITES.map(({ name }) => [`internet:${name}`, `${name}:eth0`] as const),
    ["gw:corp0", "intranet:eth0"],
  ],
};

export interface GatewayWorld {
  readonly world: World;
  readonly gw: Host;
  readonly keys: Readonly<Record<DeviceName | "gw", SecretKey>>;
  /** A device joins with plain WireGuard. `claims`: addresses it gives itself; its true ones by default. */
  join(device: DeviceName, claims?: readonly string[]): Promise<Host>;
  /** As `join`, where the gateway made its own key. */
  joinAs(device: DeviceName, gatewayKey: SecretKey): Promise<Host>;
}

/** Raises the world; nothing runs on the gateway yet. */
export async function raiseGatewayWorld(): Promise<GatewayWorld> {
  const world = await raise(DESCRIPTION);
  // A kernel tells one host at most once a second that it is refused (icmp(7)); these tests ask faster.
  for (const limit of ["ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit"])
    await world.host("gw").run("sh", ["-c", `echo 0 > /proc/sys/net/${limit}`]);
  const keys = { gw: generatePrivateKey(), alice: generatePrivateKey(), mallory: generatePrivateKey() };
  const join = async (
    device: DeviceName,
    claims?: readonly string[],
    gatewayKey: SecretKey = keys.gw,
  ): Promise<Host> => {
    const host = world.host(device);
    const { overlay4, overlay6 } = DEVICES[device];
    if ((await host.exec("ip", ["link", "show", "wg0"])).exitCode !== 0)
      await host.run("wireguard-go", ["wg0"]);
    const addresses = claims ?? [`${overlay4}/32`, `${overlay6}/128`];
    const commands = [
      "address flush dev wg0",
      ...addresses.map((address) => `address add ${address} dev wg0${address.includes(":") ? " nodad" : ""}`),
      "link set wg0 mtu 1420 up",
      `route replace ${GATEWAY.v4} via ${ROUTER.v4} dev eth0 onlink src ${DEVICES[device].v4}`,
      "route replace 0.0.0.0/1 dev wg0",
      "route replace 128.0.0.0/1 dev wg0",
      "route replace ::/1 dev wg0",
      "route replace 8000::/1 dev wg0",
    ];
    const config = [
      `[Interface]\nPrivateKey = ${keys[device].reveal()}`,
      `[Peer]\nPublicKey = ${derivePublicKey(gatewayKey)}`,
      `Endpoint = ${GATEWAY.v4}:${PORT}\nAllowedIPs = 0.0.0.0/0, ::/0\n`,
    ].join("\n");
    await host.run("/bin/sh", ["-c", "cat > /run/wg0.conf && wg setconf wg0 /run/wg0.conf"], {
      input: config,
    });
    await host.run("ip", ["-batch", "-"], { input: `${commands.join("\n")}\n` });
    return host;
  };
  return {
    world,
    gw: world.host("gw"),
    keys,
    join,
    joinAs: (device, gatewayKey) => join(device, undefined, gatewayKey),
  };
}

const WORKSPACE = "ws_Acme000000";
const NETWORK = "net_Corp00000";

/** What a device is granted in `stateOf`, besides the granted private prefixes. */
export interface Grants {
  readonly internet?: boolean;
  readonly relay?: boolean;
  readonly private?: boolean;
}

/** A state for the world's gateway with these devices as peers. */
export function stateOf(
  keys: GatewayWorld["keys"],
  devices: Partial<Record<DeviceName, Grants>>,
  more: Partial<GatewayState> = {},
): GatewayState {
  return {
    version: 1,
    workspaceId: WORKSPACE,
    networkId: NETWORK,
    deviceId: "dev_Gateway00",
    addresses: [`${GATEWAY.overlay4}/32`, `${GATEWAY.overlay6}/128`],
    overlayPrefixes: ["100.64.0.0/16", "fd00:64::/64"],
    listenPort: PORT,
    privatePrefixes: ["10.20.0.0/16", "10.30.0.0/16", "fd00:20::/64", "fd00:30::/64"],
    privateRouting: "masquerade",
    peers: (Object.entries(devices) as [DeviceName, Grants][]).map(([name, grants]) => ({
      deviceId: `dev_${name}000000`,
      workspaceId: WORKSPACE,
      networkId: NETWORK,
      name,
      publicKey: derivePublicKey(keys[name]),
      addresses: [`${DEVICES[name].overlay4}/32`, `${DEVICES[name].overlay6}/128`],
      grants: {
        privatePrefixes: grants.private === false ? [] : ["10.20.0.0/16", "fd00:20::/64"],
        internet: grants.internet === true,
        relays:
          grants.relay === true
            ? [EGRESS.v4, `[${EGRESS.v6}]`].map((host) => ({
                deviceId: "dev_Egress000",
                endpoint: `${host}:${EGRESS_PORT}`,
              }))
            : [],
      },
    })),
    ...more,
  };
}
