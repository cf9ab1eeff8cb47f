import { expect, test } from "vitest";
import { stripVTControlCharacters } from "node:util";
import { gatewaysView } from "../../../src/cli/view/gateways.ts";
import { headline } from "../../../src/cli/view/headline.ts";
import { COLOURED, PLAIN } from "../../../src/cli/view/paint.ts";
import { pathView } from "../../../src/cli/view/path.ts";
import { preferencesView } from "../../../src/cli/view/preferences.ts";
import { previewView } from "../../../src/cli/view/preview.ts";
import { statusView } from "../../../src/cli/view/status.ts";
import { facts, table } from "../../../src/cli/view/table.ts";
import { bytes, duration, milliseconds } from "../../../src/cli/view/units.ts";
import { pad, widthOf, wrap } from "../../../src/cli/view/width.ts";
import type { Snapshot } from "../../../src/rpc/contract.ts";
import {
  BLOCKED,
  CONNECTING,
  DISCONNECTED,
  FRANKFURT,
  GATEWAYS,
  lockdownOpen,
  NO_PATH,
  OSAKA,
  PATH,
  PRIVATE_PATH,
  SAOPAULO,
  SNAPSHOT,
  TOKYO,
} from "./values.ts";

const NOW = new Date("2026-11-23T16:03:05.000Z");
const NAMES = new Map([TOKYO, OSAKA, FRANKFURT, SAOPAULO].map(({ deviceId, name }) => [deviceId, name]));
const nameOf = (id: string) => NAMES.get(id) ?? id;
const widest = (text: string) => Math.max(...text.split("\n").map(widthOf));

test.each([
  ["abc", 3],
  ["東京", 4],
  ["São Paulo", 9],
  ["e\u0301", 1],
  ["\u001b[32mgreen\u001b[39m", 5],
  ["→", 1],
])("%j takes %i columns", (text, width) => {
  expect(widthOf(text)).toBe(width);
  expect(widthOf(pad(text, 12))).toBe(12);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [99_949, "99.9 kB"],
  [999_600, "1.0 MB"],
  [1_234_567_890_123_456, "1235 TB"],
])("%d bytes are %s", (count, text) => expect(bytes(count)).toBe(text));

test.each([
  [-3, "0 s"],
  [59.9, "59 s"],
  [60, "1 min"],
  [3_599, "59 min"],
  [12_000, "3 h 20 min"],
  [190_000, "2 d 4 h"],
])("%d seconds are %s", (seconds, text) => expect(duration(seconds)).toBe(text));

test.each([
  [0.44, "0.4 ms"],
  [42.4, "42 ms"],
])("%d milliseconds are %s", (value, text) => expect(milliseconds(value)).toBe(text));

test("text is broken at spaces, and a longer word stays whole", () => {
  expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrap("nanami://enroll/host short", 8)).toEqual(["nanami://enroll/host", "short"]);
});

test("a table aligns its columns, wraps the widest and keeps to the width", () => {
  const text = table(
    ["NAME", "REASON"],
    [
      ["東京", "fine"],
      ["saopaulo", "a long reason that has to go on in the next line"],
    ],
    32,
    PLAIN,
  );
  expect(text).toBe(
    [
      "NAME      REASON",
      "東京      fine",
      "saopaulo  a long reason that has",
      "          to go on in the next",
      "          line",
      "",
    ].join("\n"),
  );
});

test("facts without a value are left out, and long values stay in their column", () => {
  expect(
    facts(
      [
        ["state", "a b c d e f g h"],
        ["nothing", undefined],
        ["rt", "1 ms"],
      ],
      20,
      PLAIN,
    ),
  ).toBe("  state  a b c d e f\n         g h\n  rt     1 ms\n");
});

const tunnel = (state: Partial<Snapshot>): Snapshot => ({ ...SNAPSHOT, ...state });
test.each<[string, Snapshot, string]>([
  ["full tunnel", SNAPSHOT, "All traffic leaves in Frankfurt"],
  [
    "private network",
    tunnel({
      tunnel: { state: "connected", mode: "vpn_only", since: NOW.toISOString(), verified: "traffic" },
      path: PRIVATE_PATH,
    }),
    "Private network connected. Other traffic goes directly",
  ],
  ["connecting", CONNECTING, "Connecting…"],
  ["disconnected", DISCONNECTED, "Not connected. All traffic goes directly"],
  [
    "not enrolled",
    tunnel({ tunnel: { state: "disconnected" }, enrollment: null, path: null }),
    "Not enrolled",
  ],
  [
    "a lockdown is not in force",
    lockdownOpen("everything"),
    "Lockdown is not in force: traffic leaves. The program nft is not installed.",
  ],
  ["blocked", BLOCKED, "Nothing leaves this device: Frankfurt does not answer."],
  [
    "blocked in vpn_only",
    tunnel({
      tunnel: {
        state: "blocked",
        mode: "vpn_only",
        since: NOW.toISOString(),
        reason: { code: "x", message: "tokyo is gone.", remedy: "" },
      },
    }),
    "The private network is closed, other traffic goes directly: tokyo is gone.",
  ],
])("the headline when %s", (_, snapshot, text) => expect(headline(snapshot).text).toBe(text));

test("the status says what is known and nothing more", () => {
  expect(statusView(SNAPSHOT, NOW, 80, PLAIN)).toBe(`All traffic leaves in Frankfurt

  state          connected for 3 min; traffic was seen to pass
  mode           full_tunnel, decided by device
  path           this device → osaka → frankfurt → Internet and private network
  traffic        1.2 MB/s in, 30.0 kB/s out (12.4 MB and 1.1 MB so far)
  round trip     42 ms
  handshake      12 s ago
  network        corp of acme
  control plane  control.example, connected
`);
});

test("status says that large packets are lost on the way, and what becomes of IPv6", () => {
  const pathMtu = { intended: 1420, passes: 1232, ipv6: false };
  const text = statusView({ ...SNAPSHOT, pathMtu }, NOW, 200, PLAIN);
  expect(text).toContain("1232 bytes instead of 1420");
  expect(text).toContain("IPv6 needs more");
  expect(statusView(SNAPSHOT, NOW, 200, PLAIN)).not.toContain("packet size");
});

test("status says where everything goes through the tunnel and nobody in it is to be asked for names", () => {
  const dns = { servers: [], matchDomains: [] };
  const nameless = (path: typeof PATH) => ({ ...path, tunnel: { ...path.tunnel, dns } });
  const text = statusView({ ...SNAPSHOT, path: nameless(PATH) }, NOW, 200, PLAIN);
  expect(text).toContain("names          the network names no resolver");
  const { tunnel: status } = SNAPSHOT;
  if (status.state !== "connected") throw new Error("the sample is connected");
  const inPrivate = {
    ...SNAPSHOT,
    path: nameless(PRIVATE_PATH),
    tunnel: { ...status, mode: "vpn_only" as const },
  };
  expect(statusView(inPrivate, NOW, 200, PLAIN)).not.toContain("names");
});

test("a blocked state says what would end it", () => {
  expect(statusView(BLOCKED, NOW, 80, PLAIN)).toContain(
    "  remedy         Choose another gateway, or wait: Nanami keeps trying.\n",
  );
});

test("a change that is not saved yet, a control plane that is away and a revocation are said", () => {
  const away = tunnel({
    controlPlane: { connected: false, problem: "connection refused", revoked: false },
    unsaved: { layer: "device", value: {}, conflict: null },
  });
  expect(statusView(away, NOW, 80, PLAIN)).toContain("control.example, not connected: connection refused");
  expect(statusView(away, NOW, 80, PLAIN)).toContain(
    "the change of the device layer is in force and not saved",
  );
  const revoked = tunnel({ controlPlane: { connected: false, problem: null, revoked: true } });
  expect(statusView(revoked, NOW, 80, PLAIN)).toContain("control.example revoked this device");
});

test("the path shows both decisions, what they override, and the verdict on every gateway", () => {
  expect(pathView(PATH, nameOf, 80, PLAIN)).toBe(`All traffic enters at osaka and leaves at frankfurt.

  this device → osaka → frankfurt → Internet and private network

DECISION     VALUE                            BY LAYER  OVERRIDES
trafficMode  full_tunnel                      device    system: vpn_only
selection    ingress osaka, egress frankfurt  user      system: automatic

GATEWAY    AS INGRESS                   AS EGRESS
osaka      chosen (score 14)            missing_role
frankfurt  eligible (score 230)         chosen
saopaulo   access_denied, missing_role  access_denied

  private network  10.20.0.0/16, fd00:20::/64
  addresses        100.64.0.7/32, fd00:64::7/128
  DNS              10.20.0.53 for everything
  seen as          198.51.100.10
  epoch            12, issued 2026-11-23T16:00:00.000Z
`);
});

test("in vpn_only what goes directly is drawn too", () => {
  const text = pathView(PRIVATE_PATH, nameOf, 80, PLAIN);
  expect(text).toContain("  this device → tokyo → private network\n  this device → Internet (directly)\n");
  expect(text).toContain("10.20.0.53 for corp.test");
});

test("a path that is unavailable says why and draws nothing", () => {
  const text = pathView(NO_PATH, nameOf, 80, PLAIN);
  expect(text).toContain("There is no path: The user preference pins the egress");
  expect(text).not.toContain("this device →");
});

test("a preview shows both paths, the differences, and that nothing was changed", () => {
  const text = previewView(PRIVATE_PATH, PATH, nameOf, 80, PLAIN);
  expect(text).toContain(
    "now:  The private network is reached through tokyo. Other traffic goes directly.\n",
  );
  expect(text).toContain("then: All traffic enters at osaka and leaves at frankfurt.\n");
  expect(text).toContain("  - The traffic mode is full tunnel (was private network only).\n");
  expect(text).toMatch(/Nothing was changed\.\n$/);
  expect(previewView(PATH, { ...PATH, issuedAt: NOW.toISOString() }, nameOf, 80, PLAIN)).toBe(
    "It would change nothing.\n",
  );
});

test("preferences mark what decides", () => {
  const rows = [
    { layer: "device", value: { trafficMode: "full_tunnel" } },
    { layer: "user", value: { selection: PATH.selection.value } },
    { layer: "network", value: {} },
    { layer: "system", value: { trafficMode: "vpn_only", selection: { routingMode: "auto" } } },
  ] as const;
  expect(preferencesView(rows, PATH, nameOf, 80, PLAIN)).toBe(`LAYER    TRAFFIC MODE   GATEWAYS
device   full_tunnel *  -
user     -              ingress osaka, egress frankfurt *
network  -              -
system   vpn_only       automatic

* decides; the highest layer that says something wins
`);
});

test("gateways show what each may be used for, and below the table why not", () => {
  expect(gatewaysView(GATEWAYS, 80, PLAIN))
    .toBe(`GATEWAY    REGION     HEALTH       ROUND TRIP  INGRESS  EGRESS
osaka      Osaka      good         14 ms       chosen   no
frankfurt  Frankfurt  good         -           yes      chosen
saopaulo   São Paulo  not healthy  301 ms      -        no

osaka does not have the role of an exit gateway.
Access to saopaulo is not granted.
`);
  expect(gatewaysView([], 80, PLAIN)).toBe("This network has no gateway that you can see.\n");
});

test("every view fits 80 columns, and colours change nothing but colours", () => {
  const views = (paint: typeof PLAIN) => [
    statusView(SNAPSHOT, NOW, 80, paint),
    statusView(BLOCKED, NOW, 80, paint),
    pathView(PATH, nameOf, 80, paint),
    pathView(PRIVATE_PATH, nameOf, 80, paint),
    previewView(PRIVATE_PATH, PATH, nameOf, 80, paint),
    gatewaysView(GATEWAYS, 80, paint),
  ];
  for (const view of views(PLAIN)) expect(widest(view)).toBeLessThanOrEqual(80);
  expect(views(COLOURED)).not.toEqual(views(PLAIN));
  expect(views(COLOURED).map(stripVTControlCharacters)).toEqual(views(PLAIN));
});
