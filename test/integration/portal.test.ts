/** The real kernel hands a router's word of a sign-in page (RFC 8910) to whoever listens. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileURLToPath } from "node:url";
import { connect, Host } from "../../src/lab/host.ts";
import { untilLine } from "../../src/lab/world.ts";

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
  const listener = device.spawn(process.execPath, [program("portal-listener.ts")], { buffer: false });
  await untilLine("device", "listener", listener, /^ready$/);
  const heard = untilLine("device", "listener", listener, /"text"/);
  await router.run(process.execPath, [program("portal-router.ts"), "lan", PAGE]);
  expect(JSON.parse(await heard)).toEqual({ link: index, text: PAGE });
});
