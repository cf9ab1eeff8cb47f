/** A tunnel as somebody raises it who has only `wg` and `ip`: the same interface, peers, routes and MTU, no firewall. */
import { setTimeout as sleep } from "node:timers/promises";
import { DEVICE_ADDRESS, PUBLIC_SERVER, type Lab } from "../integration/tunnel-lab.ts";

/** The name of its interface. */
export const BY_HAND = "hand0";
const TABLE = "4242";
const MARK = "1";
/** Seconds: that of the lab's intents. */
const KEEPALIVE = 25;
/** On the device's own /run. */
const KEY = "/run/hand.key";

/**
 * `nested`: b through a; else a alone. A nested peer comes last: WireGuard goes on sending by the interface
 * that it heard a peer on, so that one that could speak before its rule and its route were there is never nested.
 */
export function byHand({ device, a, b, key }: Lab, nested: boolean) {
  // With the keepalive that ours have: WireGuard in user space sets a timer for it at every packet.
  const endpoint = (gateway: typeof a) => [
    "endpoint",
    `${gateway.address}:51820`,
    ...["persistent-keepalive", String(KEEPALIVE)],
  ];
  const everything = ["allowed-ips", "0.0.0.0/0"];
  const first = [
    ...["wg", "set", BY_HAND, "private-key", KEY, "fwmark", MARK, "peer", a.publicKey, ...endpoint(a)],
    ...(nested ? ["allowed-ips", `${b.address}/32,${a.overlay}/32`] : everything),
  ];
  const mtu = nested ? "mtu 1340" : "";
  return {
    async up(): Promise<void> {
      // In a session of its own, as ours is: the scheduler shares the processor out among sessions.
      void device.spawn("wireguard-go", ["--foreground", BY_HAND], { stdio: "ignore" });
      // By name: before the socket is there, `wg` finds the interface and takes it for the kernel's.
      while ((await device.exec("test", ["-S", "/run/wireguard/hand0.sock"])).exitCode !== 0) await sleep(20);
      await device.run("sh", ["-c", `umask 077; cat > ${KEY}; exec ${first.join(" ")}`], {
        input: `${key.reveal()}\n`,
      });
      const lines = [
        `address add ${DEVICE_ADDRESS}/32 dev hand0`,
        "link set hand0 mtu 1420 up",
        `route add default dev hand0 ${mtu} table ${TABLE}`,
        ...(nested
          ? [
              `route add ${b.address}/32 dev hand0 table ${TABLE}`,
              `rule add pref 90 fwmark ${MARK} to ${b.address} ipproto udp lookup ${TABLE}`,
            ]
          : []),
        `rule add pref 100 not fwmark ${MARK} lookup ${TABLE}`,
      ];
      await device.run("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n` });
      if (nested)
        await device.run("wg", ["set", BY_HAND, "peer", b.publicKey, ...endpoint(b), ...everything]);
      await device.run("ping", ["-n", "-c1", "-w5", PUBLIC_SERVER]);
    },
    async down(): Promise<void> {
      await device.run("ip", ["-batch", "-"], {
        input: `link del hand0\nrule del pref 100\n${nested ? "rule del pref 90\n" : ""}`,
      });
    },
  };
}
