/**
 * Port shadowing, CVE-2021-3773: a device that may use a gateway's Internet sends from the very port that the
 * gateway's WireGuard listens on, to a victim. Where masquerading keeps that port, connection tracking then takes
 * the victim's packets to the gateway for answers, and hands them to the attacker.
 */
import { afterEach, expect, test } from "vitest";
import { countUdp, ping, sendFromPort } from "./gateway/packets.ts";
import { DriverProcess } from "./gateway/programs.ts";
import { DEVICES, ECHO, PORT, raiseGatewayWorld, stateOf, type GatewayWorld } from "./gateway/world.ts";
import { derivePublicKey } from "../../src/wireguard/keys.ts";

let it: GatewayWorld;
afterEach(() => it.world.close());

const VICTIM_PORT = 40_000;

/** The naive gateway: the same WireGuard, forwarding for everybody, plain masquerade. */
async function raiseNaiveGateway({ gw, keys }: GatewayWorld): Promise<void> {
  await gw.run("wireguard-go", ["wg0"]);
  const config = `[Interface]\nPrivateKey = ${keys.gw.reveal()}\nListenPort = ${PORT}\n[Peer]\nPublicKey = ${derivePublicKey(keys.mallory)}\nAllowedIPs = ${DEVICES.mallory.overlay4}/32\n`;
  await gw.run("/bin/sh", ["-c", "cat > /run/wg0.conf && wg setconf wg0 /run/wg0.conf"], { input: config });
  await gw.run("ip", ["-batch", "-"], { input: "link set wg0 up\nroute add 100.64.0.0/16 dev wg0\n" });
  await gw.run("sysctl", ["-qw", "net.ipv4.ip_forward=1"]);
  const rules = `table ip naive { chain postrouting { type nat hook postrouting priority srcnat; oifname "eth0" masquerade; }; }`;
  await gw.run("nft", ["-f", "-"], { input: rules });
}

async function raiseOurGateway({ gw, keys }: GatewayWorld): Promise<void> {
  await new DriverProcess(gw, keys.gw).apply(stateOf(keys, { mallory: { internet: true } }));
}

test.each([
  ["plain masquerade", raiseNaiveGateway, { attacker: 3, gateway: 0 }],
  ["ours", raiseOurGateway, { attacker: 0, gateway: 3 }],
])(
  "of a victim's three packets to the gateway (%s) this many reach each",
  async (_name, raiseGateway, expected) => {
    it = await raiseGatewayWorld();
    await raiseGateway(it);
    const mallory = await it.join("mallory");
    expect(await ping(mallory, ECHO.v4)).toBe("answer");

    const victim = it.world.host("alice");
    const atAttacker = await countUdp(mallory, DEVICES.alice.v4, PORT);
    const atGateway = await countUdp(it.gw, DEVICES.alice.v4, PORT);
    await sendFromPort(mallory, PORT, DEVICES.alice.v4, VICTIM_PORT, 1);
    await sendFromPort(victim, VICTIM_PORT, "198.51.100.10", PORT, 3);
    expect({ attacker: await atAttacker(), gateway: await atGateway() }).toEqual(expected);
  },
);
