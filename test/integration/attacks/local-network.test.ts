/** A hostile local network tries to have traffic sent to it instead of into the tunnel. */
import { afterEach, beforeAll, expect } from "vitest";
import type { Intent } from "../../../src/tunnel/types.ts";
import {
  DEVICE_ADDRESS,
  fullIntent,
  PRIVATE_SERVER,
  privateIntent,
  PUBLIC_SERVER,
  PUBLIC_SERVER_6,
  reaches,
} from "../tunnel-lab.ts";
import { shown, type Loot } from "./table.ts";
import {
  behindNanami,
  behindQuick,
  carried,
  DNSMASQ,
  EVERYTHING,
  HONEST,
  lease,
  overhear,
  PRIVATE,
  raiseAttackWorld,
  ROUTER,
  speak,
  type AttackWorld,
  type Offer,
} from "./world.ts";

let world: AttackWorld;

beforeAll(async () => {
  world = await raiseAttackWorld();
  return () => world[Symbol.asyncDispose]();
});

/** The router is honest again and the device has its first addresses. */
afterEach(async () => {
  const { device, router } = world.lab;
  await router.run("sh", [
    "-ec",
    `for address in $(ip -4 -o address show dev lan | awk '$4 != "${ROUTER}/24" { print $4 }'); do
       ip address del $address dev lan
     done
     ip -6 address flush dev lan scope global
     ip address add 2001:db8:7::1/64 dev lan nodad`,
  ]);
  await lease(world.lab, HONEST);
  await device.run("sh", [
    "-ec",
    `ip -6 address flush dev eth0 scope global
     ip -6 route flush dev eth0 proto ra
     ip address add 2001:db8:7::2/64 dev eth0 nodad
     ip -6 route replace default via 2001:db8:7::1`,
  ]);
});

type Trap = () => Promise<void>;

/** The device speaks to the targets after the trap was set; what the router reads of that. */
async function naively(trap: Trap, targets: readonly string[], how: { split?: boolean } = {}): Promise<Loot> {
  const file = { gateway: world.lab.a, allowedIps: how.split === true ? PRIVATE : EVERYTHING };
  return await behindQuick(world.lab, file, async () => {
    await trap();
    return (await overhear(world, () => speak(world.lab.device, targets))).tagged;
  });
}

/** The same for us, in each of the intents; and what was said arrives through the tunnel all the same. */
async function ours(trap: Trap, targets: readonly string[], ...intents: readonly Intent[]): Promise<Loot> {
  const [first, ...others] = intents;
  if (first === undefined) return [];
  return await behindNanami(world, first, async () => {
    await trap();
    const loot = [...(await heardWithin(first, targets))];
    for (const intent of others) {
      await world.engine.state("connected", { do: "apply", intent, key: world.lab.key.reveal() });
      loot.push(...(await heardWithin(intent, targets)));
    }
    return loot;
  });
}

async function heardWithin(intent: Intent, targets: readonly string[]): Promise<Loot> {
  const { device, a } = world.lab;
  const { tagged, outside } = await overhear(world, async () => {
    for (const target of targets) {
      const arrives = () => carried(a, () => speak(device, [target]));
      await expect.poll(arrives, { timeout: 8000, interval: 50 }).toBeGreaterThan(0);
    }
  });
  return intent.mode === "full_tunnel" ? outside : tagged;
}

/** With the local network closed and open: what is not allowed anyway would prove little. */
function full(): readonly [Intent, Intent] {
  const intent = fullIntent(world.lab.a);
  return [intent, { ...intent, allowLocalNetwork: true }];
}

const pushed = (route: string): Offer => ({ ...HONEST, options: [`121,${route},0.0.0.0/0,${ROUTER}`] });

/** The router answers on its LAN for an address that is not its own. */
async function answerFor(address: string): Promise<void> {
  await world.lab.router.run("ip", ["address", "replace", address, "dev", "lan"]);
}

const viaRouter: Trap = () => lease(world.lab, pushed(`203.0.113.64/26,${ROUTER}`));
shown("tunnelvision via a gateway", {
  naive: () => naively(viaRouter, [PUBLIC_SERVER]),
  ours: () => ours(viaRouter, [PUBLIC_SERVER], ...full()),
});

const onLink: Trap = async () => {
  await answerFor(`${PUBLIC_SERVER}/32`);
  await lease(world.lab, pushed("203.0.113.64/26,0.0.0.0"));
};
shown("tunnelvision on-link", {
  naive: () => naively(onLink, [PUBLIC_SERVER]),
  ours: () => ours(onLink, [PUBLIC_SERVER], ...full()),
});

const intoPrivate: Trap = () => lease(world.lab, pushed(`10.20.0.0/24,${ROUTER}`));
shown("tunnelvision private", {
  naive: () => naively(intoPrivate, [PRIVATE_SERVER], { split: true }),
  ours: () => ours(intoPrivate, [PRIVATE_SERVER], privateIntent(world.lab.a)),
});

const publicLan: Trap = async () => {
  await answerFor(`${PUBLIC_SERVER}/32`);
  await lease(world.lab, { address: "203.0.113.70/26", router: "203.0.113.65" });
};
shown("local network of public addresses", {
  naive: () => naively(publicLan, [PUBLIC_SERVER]),
  ours: () => ours(publicLan, [PUBLIC_SERVER], ...full()),
});

/** The router advertises a prefix; the device hears of it by asking, as a device that joins does. */
async function advertise(prefix: string): Promise<void> {
  const { device, router } = world.lab;
  await router.run("dnsmasq", [
    ...DNSMASQ,
    "--pid-file=/run/ra.pid",
    "--enable-ra",
    `--dhcp-range=${prefix},ra-only`,
  ]);
  try {
    await device.run("sh", [
      "-c",
      `echo 0 > /proc/sys/net/ipv6/conf/eth0/router_solicitation_delay
       echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6
       echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6
       for try in $(seq 100); do ip -6 route show default proto ra | grep -q via && exit 0; sleep 0.05; done
       echo no router advertisement came >&2
       exit 1`,
    ]);
  } finally {
    await router.run("sh", ["-c", "kill $(cat /run/ra.pid)"]);
  }
}

const publicLan6: Trap = async () => {
  await answerFor("2001:db8:80::1/64");
  await advertise("2001:db8:80::");
  // The router stands in for the server.
  await answerFor(`${PUBLIC_SERVER_6}/128`);
};
shown("local network of public addresses, IPv6", {
  naive: () => naively(publicLan6, [PUBLIC_SERVER_6]),
  ours: () => ours(publicLan6, [PUBLIC_SERVER_6], ...full()),
});

const shadow: Trap = async () => {
  await lease(world.lab, { address: "10.20.0.77/24", router: "10.20.0.66" });
  await answerFor(`${PRIVATE_SERVER}/32`);
};
shown("local network shadows a private prefix", {
  naive: () => naively(shadow, [PRIVATE_SERVER], { split: true }),
  ours: () => ours(shadow, [PRIVATE_SERVER], ...full(), privateIntent(world.lab.a)),
});

const around: Trap = async () => {
  await lease(world.lab, { address: "10.66.0.77/8", router: "10.66.0.1" });
  await answerFor(`${PRIVATE_SERVER}/32`);
};
shown("local network around a private prefix", {
  naive: () => naively(around, [PRIVATE_SERVER]),
  ours: async () => {
    const loot = await ours(around, [PRIVATE_SERVER], ...full());
    // Also while nothing is in the tunnel that could carry it.
    const [, open] = full();
    const blocked = await behindNanami(world, open, async () => {
      const reason = { code: "revoked", message: "This device was revoked.", remedy: "Disconnect." };
      await world.engine.state("blocked", { do: "block", reason });
      return (await overhear(world, () => speak(world.lab.device, [PRIVATE_SERVER, PUBLIC_SERVER]))).outside;
    });
    return [...loot, ...blocked];
  },
});

const withoutIpv6 = async (): Promise<void> => {
  await world.lab.device.run("ip", ["-6", "address", "flush", "dev", "eth0", "scope", "global"]);
  await world.lab.device.run("ip", ["-6", "route", "flush", "default"]);
};
const adverts: Trap = () => advertise("2001:db8:7::");
shown("router advertisement", {
  naive: async () => {
    await withoutIpv6();
    const file = { gateway: world.lab.a, allowedIps: ["0.0.0.0/0"], addresses: [`${DEVICE_ADDRESS}/32`] };
    return await behindQuick(world.lab, file, async () => {
      await adverts();
      return (await overhear(world, () => speak(world.lab.device, [PUBLIC_SERVER_6]))).tagged;
    });
  },
  ours: async () => {
    await withoutIpv6();
    const dual = await ours(adverts, [PUBLIC_SERVER, PUBLIC_SERVER_6], fullIntent(world.lab.a));
    await withoutIpv6();
    const ipv4Only = { ...fullIntent(world.lab.a), addresses: [`${DEVICE_ADDRESS}/32`] };
    const closed = await behindNanami(world, ipv4Only, async () => {
      await adverts();
      const heard = await overhear(world, () => speak(world.lab.device, [PUBLIC_SERVER_6]));
      expect(await reaches(world.lab.device, PUBLIC_SERVER_6)).toBe(false);
      return heard.outside;
    });
    return [...dual, ...closed];
  },
});

/** Keeps the gateway reachable by a route to its address, as many clients do (OpenVPN's `def1` among them). */
async function behindRouteException(endpoint: string, action: () => Promise<Loot>): Promise<Loot> {
  const file = { gateway: world.lab.a, endpoint, allowedIps: EVERYTHING, lines: ["Table = off"] };
  return await behindQuick(world.lab, file, async () => {
    await world.lab.device.run("ip", ["-batch", "-"], {
      input: [
        `route add ${endpoint}/32 via ${ROUTER}`,
        "route add 0.0.0.0/1 dev wgq0",
        "route add 128.0.0.0/1 dev wgq0\n",
      ].join("\n"),
    });
    try {
      return await action();
    } finally {
      await world.lab.device.run("ip", ["route", "del", `${endpoint}/32`]);
    }
  });
}

const heardAt = (address: string, port = 443) =>
  overhear(world, () => speak(world.lab.device, [address], port));

shown("endpoint's real address", {
  naive: () =>
    behindRouteException(world.lab.a.address, async () => (await heardAt(world.lab.a.address)).tagged),
  ours: async () => {
    const loot: string[] = [];
    for (const intent of full()) {
      const heard = await behindNanami(world, intent, async () => [
        ...(await heardAt(world.lab.a.address)).outside,
        // To WireGuard's own port, but not from WireGuard.
        ...(await heardAt(world.lab.a.address, 51820)).outside,
      ]);
      loot.push(...heard);
    }
    return loot;
  },
});

/** The router passes on to the gateway what is sent to the address of its forged answer. */
async function forging(action: () => Promise<Loot>): Promise<Loot> {
  const { router, a } = world.lab;
  await router.run("nft", ["-f", "-"], {
    input: `table ip forged {
      chain pre { type nat hook prerouting priority dstnat; ip daddr ${PUBLIC_SERVER} udp dport 51820 dnat to ${a.address}; }
    }`,
  });
  try {
    return await action();
  } finally {
    await router.run("nft", ["delete", "table", "ip", "forged"]);
  }
}

shown("endpoint's address forged", {
  naive: () =>
    forging(() =>
      behindRouteException(PUBLIC_SERVER, async () => {
        // The tunnel works, so nothing looks wrong.
        expect(await reaches(world.lab.device, world.lab.a.overlay)).toBe(true);
        return (await heardAt(PUBLIC_SERVER)).tagged;
      }),
    ),
  ours: () =>
    forging(() => {
      const intent = fullIntent(world.lab.a);
      const peers = intent.peers.map((peer) => ({
        ...peer,
        endpoint: { address: PUBLIC_SERVER, port: 51820 },
      }));
      return ours(() => Promise.resolve(), [PUBLIC_SERVER], { ...intent, peers });
    }),
});
