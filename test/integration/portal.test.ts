/** What a network says of a sign-in page (RFC 8910) is heard: from the kernel, and from NetworkManager. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileURLToPath } from "node:url";
import { connect, Host } from "../../src/lab/host.ts";
import { untilLine } from "../../src/lab/world.ts";
import { raiseBus } from "./resolver-managers.ts";

const PAGE = "https://wifi.hotel.example/api";
const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

let device: Host;
let router: Host;

beforeAll(async () => {
  [device, router] = await Promise.all([Host.create("device"), Host.create("router")]);
  await connect(
    { host: device, interface: "wlan0", addresses: ["192.168.7.2/24"] },
    { host: router, interface: "lan", addresses: ["192.168.7.1/24"] },
  );
});

afterAll(() => Promise.all([device, router].map((host) => host.close())));

test("a router's advertisement of a sign-in page is heard, on its link", async () => {
  const index = Number(await device.run("cat", ["/sys/class/net/wlan0/ifindex"]));
  const listener = device.spawn(process.execPath, [program("portal-listener-program.ts")], { buffer: false });
  await untilLine("device", "listener", listener, /^ready$/);
  const heard = untilLine("device", "listener", listener, /"text"/);
  await router.run(process.execPath, [program("portal-router-program.ts"), "lan", PAGE]);
  expect(JSON.parse(await heard)).toEqual({ link: index, text: PAGE });
});

test("NetworkManager is asked where it runs, and nobody where it does not", async () => {
  const ask = async (): Promise<unknown> =>
    JSON.parse(await device.run(process.execPath, [program("portal-asker-program.ts")]));
  expect(await ask()).toBeNull();
  await raiseBus(device);
  expect(await ask()).toBeNull();
  const manager = device.spawn(process.execPath, [program("portal-network-manager-program.ts"), PAGE], {
    buffer: false,
  });
  await untilLine("device", "NetworkManager", manager, /^ready$/);
  expect(await ask()).toEqual({ portal: true, text: PAGE });
});
