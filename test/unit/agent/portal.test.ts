/** What networks say of their sign-in page is read from where Linux keeps it, checked, and shown while nothing answers. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  portalOfDhclient,
  portalOfDhcpMessage,
  portalOfNetworkd,
} from "../../../src/agent/portal/lease-files.ts";
import { portalHost, UNRESTRICTED } from "../../../src/agent/portal/portal-uri.ts";
import { PortalWatch, type PortalWatchOptions } from "../../../src/agent/portal/portal-watch.ts";
import { routerWords } from "../../../src/agent/portal/router-options.ts";
import type { Intent } from "../../../src/tunnel/types.ts";
import { enrolled, FakeEngine, pathFor, ROOT, TOKYO } from "./fixtures.ts";

const PAGE = "https://wifi.hotel.example/api?room=7";
const HOST = "wifi.hotel.example";
const NOON = Date.parse("2026-06-01T12:00:00Z");

describe("the URL", () => {
  test.each([
    [PAGE, HOST],
    ["https://WIFI.Hotel.Example:8443/", "wifi.hotel.example:8443"],
    ["https://192.0.2.1/login", "192.0.2.1"],
    ["https://[2001:db8::1]/", "[2001:db8::1]"],
  ])("%s is at %s", (text, host) => {
    expect(portalHost(text)).toBe(host);
  });

  test.each([
    UNRESTRICTED,
    "",
    "http://wifi.hotel.example/",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "https://user:word@wifi.hotel.example/",
    "https://bank.example@wifi.hotel.example/",
    "https://wifi hotel.example/",
    "https://wifi.hotel.example/\u001b[31m",
    "https://wifi.hotel.example/\n",
    "https://wifi.hotel.exаmple/",
    "https:\\\\wifi.hotel.example",
    "https://-wifi.example/",
    "https://wifi_hotel.example/",
    "https://",
    `https://${"a".repeat(64)}.example/`,
    `https://wifi.hotel.example/${"a".repeat(255)}`,
  ])("%j is none that anybody is shown", (text) => {
    expect(portalHost(text)).toBeNull();
  });

  test("whatever a network says, what is shown is a short word without surprises", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.string({ unit: "binary", maxLength: 100 }).map((text) => `https://${text}`),
      fc.webUrl({ validSchemes: ["https"], withQueryParameters: true }),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const host = portalHost(text);
        if (host !== null) expect(host).toMatch(/^[a-z0-9.:[\]-]{1,255}$/);
      }),
      { numRuns: 500 },
    );
  });
});

const LEASE = (interfaceName: string, option: string, expire = "4 2026/06/04 08:00:00") => `lease {
  interface "${interfaceName}";
  fixed-address 192.168.7.2;
  option routers 192.168.7.1;
  ${option}
  renew 3 2026/06/03 20:00:00;
  expire ${expire};
}
`;

/** A DHCP answer with these options. */
function dhcpMessage(...options: readonly (readonly [code: number, value: string])[]): Buffer {
  const fixed = Buffer.alloc(240);
  fixed.writeUInt32BE(0x63825363, 236);
  const fields = options.map(([code, value]) =>
    Buffer.from([code, value.length, ...Buffer.from(value, "latin1")]),
  );
  return Buffer.concat([fixed, Buffer.from([0, 0]), ...fields, Buffer.from([255])]);
}

describe("the clients' files", () => {
  test("systemd-networkd's", () => {
    expect(
      portalOfNetworkd(`# This is private data. Do not parse.\nDNS=192.168.7.1\nCAPTIVE_PORTAL=${PAGE}\n`),
    ).toBe(PAGE);
    expect(portalOfNetworkd("DNS=192.168.7.1\n")).toBeNull();
  });

  test("dhclient's: the newest lease of the interface, while it lasts", () => {
    const option = `option default-url "${PAGE}";`;
    expect(portalOfDhclient(LEASE("wlan0", option), "wlan0", NOON)).toBe(PAGE);
    expect(portalOfDhclient(LEASE("wlan0", option), "eth0", NOON)).toBeNull();
    expect(portalOfDhclient(LEASE("wlan0", option, "1 2026/06/01 11:59:59"), "wlan0", NOON)).toBeNull();
    expect(portalOfDhclient(LEASE("wlan0", option, "never"), "wlan0", NOON)).toBe(PAGE);
    // `db-time-format local`: the date stands in a comment, for people.
    const local = (seconds: number): string =>
      LEASE("wlan0", option, `epoch ${NOON / 1000 + seconds}; # Mon Jun 01 14:00:00 2026`);
    expect(portalOfDhclient(local(1), "wlan0", NOON)).toBe(PAGE);
    expect(portalOfDhclient(local(-1), "wlan0", NOON)).toBeNull();
    expect(portalOfDhclient(LEASE("wlan0", option) + LEASE("wlan0", ""), "wlan0", NOON)).toBeNull();
  });

  test("dhcpcd's: the message as it came", () => {
    expect(portalOfDhcpMessage(dhcpMessage([53, "\u0005"], [114, PAGE]))).toBe(PAGE);
    expect(portalOfDhcpMessage(dhcpMessage([53, "\u0005"]))).toBeNull();
    expect(portalOfDhcpMessage(dhcpMessage([114, PAGE]).subarray(0, 250))).toBeNull();
    expect(portalOfDhcpMessage(Buffer.alloc(300))).toBeNull();
  });

  test("nothing in a file makes reading fail", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const text = Buffer.from(bytes).toString("latin1");
        portalOfNetworkd(text);
        portalOfDhclient(text, "wlan0", NOON);
        portalOfDhcpMessage(Buffer.concat([dhcpMessage().subarray(0, 240), bytes]));
        routerWords(Buffer.from(bytes));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the watch", () => {
  let root: string;
  let words: { link: number; text: string }[];
  const watchOf = (change: Partial<PortalWatchOptions> = {}): PortalWatch =>
    new PortalWatch({
      ...{ tunnel: "nanami0", root, interfaces: () => ["wlan0"] },
      routers: () => words.splice(0),
      networkManager: () => Promise.resolve(null),
      ...change,
    });
  const put = (path: string, content: string | Buffer, at = NOON): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    utimesSync(join(root, path), at / 1000, at / 1000);
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "nanami-portal-"));
    words = [];
    put("sys/class/net/wlan0/ifindex", "3\n");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test("where nobody says anything there is nothing", async () => {
    expect(await watchOf().look(NOON)).toBeNull();
  });

  test.each<[path: string, content: string | Buffer]>([
    ["run/systemd/netif/links/3", `CAPTIVE_PORTAL=${PAGE}\n`],
    ["run/systemd/netif/leases/3", `CAPTIVE_PORTAL=${PAGE}\n`],
    ["var/lib/dhcp/dhclient.wlan0.leases", LEASE("wlan0", `option default-url "${PAGE}";`)],
    ["var/lib/dhcp/dhclient.leases", LEASE("wlan0", `option default-url "${PAGE}";`)],
    ["var/lib/dhcpcd/wlan0-Hotel.lease", dhcpMessage([114, PAGE])],
  ])("%s is found", async (path, content) => {
    put(path, content);
    expect(await watchOf().look(NOON)).toEqual({ host: HOST });
    expect(await watchOf({ interfaces: () => ["eth0"] }).look(NOON)).toBeNull();
  });

  test("of dhcpcd's leases the network's that was joined last counts", async () => {
    put("var/lib/dhcpcd/wlan0-Hotel.lease", dhcpMessage([114, PAGE]), NOON - 1000);
    put("var/lib/dhcpcd/wlan0-Cafe.lease", dhcpMessage(), NOON);
    expect(await watchOf().look(NOON)).toBeNull();
  });

  test("a router's word counts on its link, for half an hour, and not on the next network", async () => {
    const watch = watchOf();
    words.push({ link: 3, text: PAGE });
    expect(await watch.look(NOON)).toEqual({ host: HOST });
    expect(await watch.look(NOON + 29 * 60_000)).toEqual({ host: HOST });
    expect(await watch.look(NOON + 31 * 60_000)).toBeNull();
    watch.moved(NOON + 10_000);
    expect(await watch.look(NOON + 10_000)).toEqual({ host: HOST });
    watch.moved(NOON + 20_000);
    expect(await watch.look(NOON + 20_000)).toBeNull();
    words.push({ link: 9, text: PAGE });
    expect(await watch.look(NOON + 20_000)).toBeNull();
  });

  test("NetworkManager knows that there is one, and may know where", async () => {
    const told = (portal: boolean, text: string | null) =>
      watchOf({ networkManager: () => Promise.resolve({ portal, text }) }).look(NOON);
    expect(await told(true, null)).toEqual({ host: null });
    expect(await told(false, PAGE)).toEqual({ host: HOST });
    expect(await told(false, "javascript:alert(1)")).toBeNull();
    expect(await told(false, null)).toBeNull();
  });
});

/** An engine whose gateways never answer. */
class SilentEngine extends FakeEngine {
  override apply(intent: Intent): void {
    this.intent = intent;
    this.become({
      state: "reconnecting",
      mode: intent.mode,
      since: "2026-01-01T00:00:00.000Z",
      reason: { code: "gateway_silent", message: "Silent.", remedy: "Wait." },
    });
  }
}

test("a silence is explained by the page that the network announces, unless the control plane is reached", async () => {
  await using both = await enrolled({ portal: { host: HOST }, engine: new SilentEngine() });
  const { device, plane } = both;
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  expect(device.snapshot.tunnel).toMatchObject({ reason: { code: "gateway_silent" } });
  await plane.stop();
  await expect
    .poll(() => device.snapshot.tunnel)
    .toMatchObject({
      state: "reconnecting",
      reason: { code: "captive_portal", message: `This Wi-Fi asks you to sign in at ${HOST}.` },
    });
});

test("the agent may ask the resolvers of the network that it is in now, and no longer those of the last one", async () => {
  await using both = await enrolled({ lookUp: () => Promise.resolve(["203.0.113.1"]) });
  const { device, plane } = both;
  // A name has to be looked up, now and again.
  plane.push(pathFor({}, 2, { ingress: { ...TOKYO, endpoint: "gw.example:51820" } }));
  await expect.poll(() => device.snapshot.path?.epoch.number).toBe(2);
  await device.agent.handlers.connect({}, ROOT);
  const asks = () =>
    device.engine.intent?.control.filter(({ port }) => port === 53).map(({ address }) => address);
  await expect.poll(asks).toEqual(["192.0.2.53"]);
  device.engine.learnResolvers(["192.0.2.99"]);
  await expect.poll(asks).toEqual(["192.0.2.99"]);
});
