import { describe, expect, test } from "vitest";
import type { AgentState, BridgeState } from "../../../src/bridge/state.ts";
import { DEFAULT_PRESENTATION } from "../../../src/bridge/state.ts";
import type { Snapshot } from "../../../src/rpc/contract.ts";
import { headline, protectionOf } from "../../../electron/protection.ts";
import { hostTexts } from "../../../electron/texts/index.ts";
import { drawIcon, trayIcon } from "../../../electron/tray/icon-shape.ts";
import { trayMenu, type MenuEntry, type MenuFacts } from "../../../electron/tray/menu.ts";
import { withExit } from "../../../electron/tray/steer.ts";
import {
  BLOCKED,
  CONNECTING,
  DISCONNECTED,
  FRANKFURT,
  GATEWAYS,
  LOCKED,
  lockdownOpen,
  open,
  OSAKA,
  PRIVATE_PATH,
  SAOPAULO,
  SNAPSHOT,
  TOKYO,
} from "../cli/values.ts";
import { FACTS } from "../face/fixtures.ts";

const en = hostTexts("en");
const ja = hostTexts("ja");
const NONE: MenuFacts = { gateways: [], profiles: [] };

function stateOf(agent: AgentState | Snapshot, signingIn: BridgeState["signingIn"] = null): BridgeState {
  return {
    agent: "state" in agent ? agent : { state: "ready", snapshot: agent },
    presentation: DEFAULT_PRESENTATION,
    host: FACTS,
    offers: [],
    signingIn,
  };
}

const profile = (id: string, name: string): MenuFacts["profiles"][number] => ({
  id,
  name,
  own: true,
  shared: false,
  createdAt: "2026-11-23T16:00:00.000Z",
  changedAt: "2026-11-23T16:00:00.000Z",
  config: {
    interface: { addresses: [], dns: [], searchDomains: [], mtu: null, listenPort: null },
    peers: [],
  },
  unused: [],
  steers: { mode: "vpn_only", prefixes: [], narrowed: false },
});

/** A menu as lines of text: two spaces for each level, `*` for what is chosen, `-` for what cannot be. */
function drawn(entries: readonly MenuEntry[], indent = ""): string[] {
  return entries.flatMap((entry) => {
    switch (entry.kind) {
      case "line":
        return [`${indent}---`];
      case "text":
        return [`${indent}${entry.label}`];
      case "action":
        return [`${indent}${entry.label} > ${JSON.stringify(entry.action)}`];
      case "choice":
        return [`${indent}${entry.chosen ? "* " : ""}${entry.enabled ? "" : "- "}${entry.label}`];
      case "group":
        return [`${indent}${entry.label}:`, ...drawn(entry.entries, `${indent}  `)];
    }
  });
}

describe("the tray's menu", () => {
  test("offers all there is, the automatic exit first, then by region with its round trip", () => {
    const gateways = [
      ...GATEWAYS,
      { ...GATEWAYS[1], deviceId: "dev_frankfurt2000", name: "frankfurt2", roundTripMs: 9.36 },
      { ...GATEWAYS[1], deviceId: TOKYO.deviceId, name: "tokyo", region: "Tokyo", roundTripMs: 230.4 },
    ] as MenuFacts["gateways"];
    const facts = { gateways, profiles: [profile("p_2", "Office"), profile("p_1", "Home")] };
    expect(drawn(trayMenu(stateOf(SNAPSHOT), facts, en))).toEqual([
      "All traffic leaves in Frankfurt",
      "---",
      'Disconnect > {"do":"disconnect"}',
      "Mode:",
      "  Private network",
      "  * Full tunnel",
      "Exit gateway:",
      "  Automatic",
      "  Frankfurt · frankfurt2  9.4 ms",
      "  * Frankfurt · frankfurt",
      "  - São Paulo  301 ms",
      "  Tokyo  230 ms",
      "Manual configurations:",
      "  Home",
      "  Office",
      "---",
      'Open Nanami > {"do":"open"}',
      'Quit (what is protected stays protected) > {"do":"quit"}',
    ]);
  });

  test.each([
    [DISCONNECTED, 'Connect > {"do":"connect"}'],
    [CONNECTING, 'Cancel connecting > {"do":"disconnect"}'],
    [BLOCKED, 'Disconnect > {"do":"disconnect"}'],
    [open("everything"), 'Disconnect > {"do":"disconnect"}'],
    [LOCKED, 'Connect > {"do":"connect"}'],
    [lockdownOpen("everything"), 'Connect > {"do":"connect"}'],
  ])("switches from %o", (snapshot, entry) => {
    expect(drawn(trayMenu(stateOf(snapshot), NONE, en))).toContain(entry);
  });

  test("offers the way back to who disconnected to sign in, and says that they are open on purpose", () => {
    const menu = (profile: string | null, done: boolean, texts = en) =>
      drawn(trayMenu(stateOf(DISCONNECTED, { profile, done }), NONE, texts));
    expect(menu(null, false)[0]).toBe("Not protected, on purpose: you are signing in to this Wi-Fi");
    expect(menu(null, false)).toContain('Connect again > {"do":"connect"}');
    expect(menu(null, true)[0]).toBe("Not protected: you signed in and did not connect again");
    expect(menu("p_1", true)).toContain('Connect again > {"do":"profile","id":"p_1"}');
    for (const done of [false, true]) expect(menu(null, done, ja)[0]).toMatch(/^[^a-z]*保護[^a-z]*$/i);
    // Also where nothing but a configuration was connected.
    const bare = { ...DISCONNECTED, enrollment: null, path: null };
    expect(drawn(trayMenu(stateOf(bare, { profile: "p_1", done: false }), NONE, en))).toContain(
      'Connect again > {"do":"profile","id":"p_1"}',
    );
  });

  test("offers no steering to a device that is not enrolled, but its configurations", () => {
    const bare = { ...DISCONNECTED, enrollment: null, path: null };
    expect(drawn(trayMenu(stateOf(bare), { gateways: [], profiles: [profile("p_1", "Home")] }, en))).toEqual([
      "Not enrolled",
      "---",
      "Manual configurations:",
      "  Home",
      "---",
      'Open Nanami > {"do":"open"}',
      'Quit (what is protected stays protected) > {"do":"quit"}',
    ]);
  });

  test("leads back from a configuration to the network's path", () => {
    const manual = { ...SNAPSHOT, profile: { id: "p_1", name: "Home", problem: null } };
    const menu = drawn(trayMenu(stateOf(manual), { gateways: [], profiles: [profile("p_1", "Home")] }, en));
    expect(menu[0]).toBe("All traffic leaves by Home");
    expect(menu).toContain("  * Home");
    expect(menu).toContain("  None: use the network's own path");
  });

  test.each([
    ["everything", "Not protected: all traffic goes directly"],
    ["private_network", "The private network is not protected"],
    ["local_network", "The local network is not closed"],
    ["what a later version says", "Not protected: all traffic goes directly"],
  ])("says what is open where the protection could not be put in place: %s", (what, headline) => {
    expect(drawn(trayMenu(stateOf(open(what)), NONE, en))[0]).toBe(headline);
    expect(drawn(trayMenu(stateOf(open(what)), NONE, ja))[0]).toMatch(/保護|遮断/);
  });

  test("says that nothing passes while it is tried again, as the window does", () => {
    const tunnel = { ...BLOCKED.tunnel, state: "reconnecting" } as Snapshot["tunnel"];
    expect(drawn(trayMenu(stateOf({ ...BLOCKED, tunnel }), NONE, en))[0]).toBe("Nothing leaves this device");
  });

  test("always opens and quits, also without an agent", () => {
    const states: AgentState[] = [
      { state: "looking" },
      { state: "away", why: "not_installed", since: "2026-11-23T16:00:00.000Z", last: null },
      { state: "away", why: "not_permitted", since: "2026-11-23T16:00:00.000Z", last: SNAPSHOT },
      { state: "other_version", agentProtocol: null, ours: 1 },
    ];
    for (const texts of [en, ja])
      for (const state of states) {
        const menu = trayMenu(stateOf(state), NONE, texts);
        expect(menu).toHaveLength(4);
        expect(menu.slice(2).map((entry) => entry.kind === "action" && entry.action.do)).toEqual([
          "open",
          "quit",
        ]);
      }
  });
});

test("an exit keeps the pinned ingress, and automatic at both ends is automatic", () => {
  const pinned = (ingressDeviceId: string | null, egressDeviceId: string | null) =>
    ({ selection: { routingMode: "manual", ingressDeviceId, egressDeviceId } }) as const;
  expect(withExit({ trafficMode: "vpn_only" }, FRANKFURT.deviceId)).toEqual({
    trafficMode: "vpn_only",
    ...pinned(null, FRANKFURT.deviceId),
  });
  expect(withExit(pinned(OSAKA.deviceId, TOKYO.deviceId), null)).toEqual(pinned(OSAKA.deviceId, null));
  expect(withExit(pinned(null, TOKYO.deviceId), null)).toEqual({ selection: { routingMode: "auto" } });
  expect(withExit({ selection: { routingMode: "auto" } }, SAOPAULO.deviceId)).toEqual(
    pinned(null, SAOPAULO.deviceId),
  );
});

describe("the tray's icon", () => {
  const of = (snapshot: Snapshot) => trayIcon(protectionOf({ state: "ready", snapshot }));

  test("has a shape for each state", () => {
    expect(of(DISCONNECTED)).toBe("ring");
    expect(of(CONNECTING)).toBe("dots");
    expect(of({ ...SNAPSHOT, tunnel: { ...CONNECTED, mode: "vpn_only" }, path: PRIVATE_PATH })).toBe("half");
    expect(of(SNAPSHOT)).toBe("full");
    expect(of(BLOCKED)).toBe("barred");
    expect(of({ ...BLOCKED, tunnel: { ...BLOCKED.tunnel, state: "reconnecting" } as never })).toBe("barred");
    expect(of(open("everything"))).toBe("warning");
    expect(trayIcon(protectionOf({ state: "looking" }))).toBe("gaps");
  });

  test("a closed device that is not connected is not shown as an open one", () => {
    expect(of(LOCKED)).toBe("barred");
    expect(headline(protectionOf({ state: "ready", snapshot: LOCKED }), en)).toContain("nothing leaves");
    const opening: Snapshot = { ...LOCKED, tunnel: DISCONNECTED.tunnel };
    expect(of(opening)).toBe("dots");
    expect(headline(protectionOf({ state: "ready", snapshot: opening }), en)).toMatch(/being put in force…$/);
  });

  test.each([
    ["everything", /all traffic goes directly$/, /すべての通信/],
    ["local_network", /the local network is open$/, /ローカルネットワーク/],
  ])("a lockdown that is not in force warns, and says what is open: %s", (what, inEnglish, inJapanese) => {
    const protection = protectionOf({ state: "ready", snapshot: lockdownOpen(what) });
    expect(trayIcon(protection)).toBe("warning");
    expect(headline(protection, en)).toMatch(inEnglish);
    expect(headline(protection, en)).toMatch(/^Lockdown is not in force: /);
    expect(headline(protection, ja)).toMatch(inJapanese);
    expect(headline(protection, ja)).toMatch(/^ロックダウンが効いていません：/);
  });

  test("differs by shape alone: as a template, without colour, no two are alike", () => {
    const shapes = ["ring", "dots", "half", "full", "barred", "warning", "gaps"] as const;
    for (const size of [16, 22, 44]) {
      const masks = shapes.map((shape) => drawIcon(shape, size, true).data);
      for (const [index, mask] of masks.entries()) {
        for (const other of masks.slice(index + 1)) {
          const differing = mask.filter(
            (value, at) => at % 4 === 3 && Math.abs(value - (other[at] ?? 0)) > 128,
          );
          // Some of the picture, not an edge of it.
          expect(differing.length).toBeGreaterThan((size * size) / 40);
        }
      }
    }
  });

  test("is seen on light and dark panels: 4.5:1 on both", () => {
    const luminance = ([r = 0, g = 0, b = 0]: number[]) => {
      const [red, green, blue] = [r, g, b].map((value) =>
        value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
      ) as [number, number, number];
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    for (const shape of ["full", "barred", "warning"] as const) {
      const ink = luminance([...drawIcon(shape, 22, false).data.subarray(0, 3)]);
      expect(1.05 / (ink + 0.05)).toBeGreaterThanOrEqual(4.5);
      expect((ink + 0.05) / 0.05).toBeGreaterThanOrEqual(4.5);
    }
  });
});

const CONNECTED = { state: "connected", since: "2026-11-23T16:00:00.000Z", verified: "traffic" } as const;
