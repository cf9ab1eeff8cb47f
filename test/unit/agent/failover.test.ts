/** The agent moves between the pairs of its path by itself, and says where it is. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Failover } from "../../../src/agent/failover.ts";
import { pairsOf } from "../../../src/agent/next-pair.ts";
import type { Path } from "../../../src/agent/routing-state.ts";
import { shownTunnel } from "../../../src/agent/shown-tunnel.ts";
import type { TunnelStatus } from "../../../src/tunnel/types.ts";
import { enrolled, FakeControlPlane, FRANKFURT, pathFor, ROOT, startAgent, TOKYO } from "./fixtures.ts";

type Hop = NonNullable<Path["ingress"]>;

const since = "2026-01-01T00:00:00.000Z";
const mode = "vpn_only";
const SILENT: TunnelStatus = {
  state: "reconnecting",
  mode,
  since,
  reason: { code: "gateway_silent", message: "The gateway does not answer.", remedy: "Wait." },
};
const UP: TunnelStatus = { state: "connected", mode, since, verified: "traffic" };
const manual = {
  selection: { routingMode: "manual", ingressDeviceId: TOKYO.deviceId, egressDeviceId: TOKYO.deviceId },
} as const;

const CONNECTING: TunnelStatus = { state: "connecting", mode, since: "2026-01-01T02:00:00.000Z" };
const OPEN: TunnelStatus = {
  ...CONNECTING,
  reason: {
    code: "not_protected",
    message: "The protection could not be put in place.",
    remedy: "Install nft.",
  },
};
const pinnedExit = {
  trafficMode: "full_tunnel",
  selection: { routingMode: "manual", ingressDeviceId: null, egressDeviceId: FRANKFURT.deviceId },
} as const;
const FRANKFURT_IS_SILENT = {
  code: "pinned_gateway_silent",
  message: expect.stringMatching(/^frankfurt does not answer/) as string,
};

class Follower {
  path: Path;
  readonly used: (string | undefined)[] = [];
  readonly failover: Failover;

  constructor(path: Path, left: Path | null = null) {
    this.path = path;
    this.failover = new Failover({
      path: () => this.path,
      left: () => left,
      move: () => void this.used.push(this.now()),
      onChange: () => undefined,
      log: () => undefined,
    });
  }

  /** What a face is told while the engine says this. */
  shown(status: TunnelStatus): TunnelStatus {
    const { ingress } = this.failover.steer(this.path);
    const intent = { mode, peers: [{ name: ingress?.name ?? "" }] } as never;
    const { silence, active } = this.failover;
    return shownTunnel(status, {
      ...{ path: this.path, intent, silence, failedOver: active, portal: null, intercepted: false },
    });
  }

  /** The ingress in use. */
  now(): string | undefined {
    return this.failover.steer(this.path).ingress?.name;
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("silence moves to the next pair at once, and round with growing pauses while all are silent", () => {
  const it = new Follower(pathFor({}, 1));
  const count = pairsOf(it.path).length;
  expect(it.now()).toBe("tokyo");
  for (let step = 1; step < count; step += 1) it.failover.statusChanged(SILENT);
  expect(new Set(["tokyo", ...it.used]).size).toBe(count);
  expect(it.failover.silence).toMatchObject({ exhausted: false, pinned: [] });
  it.failover.statusChanged(SILENT);
  expect(it.failover.silence).toMatchObject({ exhausted: true, pinned: [] });
  expect(it.used).toHaveLength(count - 1);
  for (const pause of [0, 1_000, 2_000, 4_000]) {
    const moved = it.used.length;
    if (pause > 0) vi.advanceTimersByTime(pause - 1);
    expect(it.used).toHaveLength(moved);
    vi.advanceTimersByTime(1);
    expect(it.used).toHaveLength(moved + 1);
    for (let step = 1; step < count; step += 1) it.failover.statusChanged(SILENT);
  }
});

test("an alternate that answers is kept: through pushes that choose the same, for hours", () => {
  const it = new Follower(pathFor({}, 1));
  it.now();
  it.failover.statusChanged(SILENT);
  const alternate = it.now();
  expect(alternate).not.toBe("tokyo");
  it.failover.statusChanged(UP);
  vi.advanceTimersByTime(3_600_000);
  it.path = pathFor({}, 2, { privatePrefixes: ["10.20.0.0/16", "10.21.0.0/16"] });
  expect(it.now()).toBe(alternate);
  expect(it.failover.active).toBe(true);
});

test("a new choice of the control plane's, or the person's, ends what was moved", () => {
  const it = new Follower(pathFor({}, 1));
  it.now();
  it.failover.statusChanged(SILENT);
  it.path = pathFor({}, 2, { ingress: FRANKFURT });
  expect(it.now()).toBe("frankfurt");
  expect(it.failover.active).toBe(false);
  it.failover.statusChanged(SILENT);
  it.path = pathFor({ device: manual }, 3);
  expect(it.now()).toBe("tokyo");
});

test("a pinned gateway is never left: it is blocked, by name and with the way out", () => {
  const it = new Follower(pathFor({ device: manual }, 1));
  it.now();
  it.failover.statusChanged(SILENT);
  vi.advanceTimersByTime(60_000);
  expect(it.used).toEqual([]);
  const shown = it.shown(SILENT);
  expect(shown).toMatchObject({ state: "blocked", reason: { code: "pinned_gateway_silent" } });
  expect(JSON.stringify(shown)).toMatch(/tokyo does not answer.*automatic.*another gateway/);
  expect(it.shown(UP)).toBe(UP);
});

test("a pinned exit that is silent behind every entry is blocked by name, and stays so through all attempts", () => {
  const it = new Follower(pathFor({ device: pinnedExit }, 1));
  it.now();
  expect(it.shown(CONNECTING)).toBe(CONNECTING);
  it.failover.statusChanged(SILENT);
  // Either of the two may be at fault, and another entry is on its way.
  expect(it.shown(CONNECTING)).toBe(CONNECTING);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    it.failover.statusChanged(CONNECTING);
    it.failover.statusChanged({ ...SILENT, since: "2026-01-01T01:00:00.000Z" });
    for (const status of [SILENT, CONNECTING])
      expect(it.shown(status)).toMatchObject({ state: "blocked", since, reason: FRANKFURT_IS_SILENT });
    vi.advanceTimersByTime(60_000);
  }
  expect(new Set(it.used).size).toBeGreaterThan(1);
  it.failover.statusChanged(UP);
  expect(it.shown(CONNECTING)).toBe(CONNECTING);
});

test("the pinned exit alone on the way is blocked by name at its first silence", () => {
  const it = new Follower(pathFor({ device: pinnedExit }, 1, { ingress: FRANKFURT }));
  it.now();
  it.failover.statusChanged(SILENT);
  expect(it.used).toHaveLength(1);
  expect(it.shown(CONNECTING)).toMatchObject({ state: "blocked", reason: FRANKFURT_IS_SILENT });
});

test.each([
  ["the control plane chooses another entry", { device: pinnedExit }, true],
  ["somebody leaves the choice to the platform", { device: { trafficMode: "full_tunnel" } }, false],
  ["somebody chooses another exit", { device: { ...pinnedExit, selection: manual.selection } }, false],
  ["the mode uses no exit", { device: { ...pinnedExit, trafficMode: "vpn_only" } }, false],
] as const)("a silent pinned exit, when %s", (_what, layers, blocked) => {
  const it = new Follower(pathFor({ device: pinnedExit }, 1, { ingress: FRANKFURT }));
  it.now();
  it.failover.statusChanged(SILENT);
  it.path = pathFor(layers, 2, { ingress: TOKYO });
  it.now();
  expect(it.shown(CONNECTING).state).toBe(blocked ? "blocked" : "connecting");
});

test("without a network nobody is known to be silent", () => {
  const it = new Follower(pathFor({ device: pinnedExit }, 1, { ingress: FRANKFURT }));
  it.now();
  it.failover.statusChanged(SILENT);
  const reason = { code: "offline", message: "Offline.", remedy: "Wait." };
  const offline: TunnelStatus = { state: "reconnecting", mode, since, reason };
  it.failover.statusChanged(offline);
  expect(it.shown(offline)).toBe(offline);
  expect(it.shown(CONNECTING)).toBe(CONNECTING);
});

test("while every gateway is silent, further attempts are no new connection to a person", () => {
  const it = new Follower(pathFor({}, 1));
  it.now();
  pairsOf(it.path).forEach(() => it.failover.statusChanged(SILENT));
  vi.advanceTimersByTime(0);
  const shown = it.shown(CONNECTING);
  // Since the first silence: each attempt is a new connection to the engine alone.
  expect(shown).toMatchObject({ state: "reconnecting", since, reason: { code: "gateway_silent" } });
  expect(JSON.stringify(shown)).toContain("none of the other gateways does");
});

test("that nothing protects is told whoever is silent: a gateway chosen by hand, or all of them", () => {
  const pinned = new Follower(pathFor({ device: pinnedExit }, 1, { ingress: FRANKFURT }));
  pinned.now();
  pinned.failover.statusChanged(SILENT);
  expect(pinned.failover.silence?.pinned).toEqual(["frankfurt"]);
  expect(pinned.shown(OPEN)).toBe(OPEN);
  const any = new Follower(pathFor({}, 1));
  pairsOf(any.path).forEach(() => any.failover.statusChanged(SILENT));
  expect(any.failover.silence?.exhausted).toBe(true);
  expect(any.shown(OPEN)).toBe(OPEN);
});

test("gateways that answer for a moment and fall silent one after the other are left without a pause", () => {
  const it = new Follower(pathFor({}, 1));
  it.now();
  for (let turn = 1; turn <= 10; turn += 1) {
    it.failover.statusChanged(SILENT);
    vi.advanceTimersByTime(0);
    expect(it.used).toHaveLength(turn);
    it.failover.statusChanged(UP);
    vi.advanceTimersByTime(5_000);
  }
});

test("a restart goes on with the pair that answered, not with the one that was silent", () => {
  const first = new Follower(pathFor({}, 1));
  first.now();
  first.failover.statusChanged(SILENT);
  const left = first.failover.steer(first.path);
  expect(new Follower(pathFor({}, 1), left).now()).toBe(left.ingress?.name);
  expect(new Follower(pathFor({}, 2), left).now()).toBe("tokyo");
});

test("the agent follows, and its faces see who stands in for whom", async () => {
  vi.useRealTimers();
  await using both = await enrolled();
  const { device } = both;
  await device.agent.handlers.connect({}, ROOT);
  expect(device.snapshot.inForce).toMatchObject({ ingress: { name: "tokyo" }, failedOver: false });
  expect(device.snapshot.inForce?.egress).toBeNull();
  device.engine.become(SILENT);
  await expect.poll(() => device.engine.intent?.peers[0]?.name).not.toBe("tokyo");
  await expect.poll(() => device.snapshot.inForce?.failedOver).toBe(true);
  expect(device.snapshot.inForce?.ingress.name).toBe(device.engine.intent?.peers[0]?.name);
  expect(device.snapshot.path?.ingress?.name).toBe("tokyo");
  await device.agent.handlers.disconnect({}, ROOT);
  expect(device.snapshot.inForce).toBeNull();
});

test("waking up looks at the tunnel and the control plane at once", async () => {
  vi.useRealTimers();
  await using both = await enrolled();
  const { device } = both;
  await device.agent.handlers.connect({}, ROOT);
  device.agent.networkChanged("woke");
  expect(device.engine.calls).toContain("checkNow");
});

/** The device with a silent gateway. */
const silence = (device: Awaited<ReturnType<typeof enrolled>>["device"], mode: "vpn_only" | "full_tunnel") =>
  device.engine.become({ ...SILENT, mode });
const endpoints = (device: Awaited<ReturnType<typeof enrolled>>["device"]) =>
  device.engine.intent?.peers.map(({ endpoint }) => endpoint.address);

test("while a looser path waits for consent, failing over follows what is in force", async () => {
  vi.useRealTimers();
  await using both = await enrolled();
  const { device, plane } = both;
  await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  plane.push(pathFor({}, 9));
  await expect.poll(() => device.snapshot.controlPlane.problem).toContain("waits for your consent");
  const before = endpoints(device);
  silence(device, "full_tunnel");
  await expect.poll(() => endpoints(device)).not.toEqual(before);
  expect(device.engine.intent?.mode).toBe("full_tunnel");
});

test("a resolver that is dead too keeps nobody from the next gateway", async () => {
  vi.useRealTimers();
  let dead = false;
  const plane = await FakeControlPlane.start();
  const path = pathFor({}, 1);
  const named = (hop: Hop, name: string): Hop => ({ ...hop, endpoint: `${name}.example.com:51820` });
  if (path.ingress !== undefined) path.ingress = named(path.ingress, "tokyo");
  path.alternates = path.alternates.map((pair) => ({
    ...pair,
    ingress: named(pair.ingress, pair.ingress.name),
  }));
  plane.path = path;
  const last: Record<string, string> = {
    "tokyo.example.com": "203.0.113.71",
    "frankfurt.example.com": "203.0.113.72",
  };
  const lookUp = (name: string) =>
    dead ? new Promise<never>(() => undefined) : Promise.resolve([last[name]].flatMap((one) => one ?? []));
  await using device = await startAgent({ lookUp });
  try {
    await device.agent.handlers.enroll({ link: plane.link }, ROOT);
    await device.agent.handlers.connect({}, ROOT);
    expect(endpoints(device)).toEqual(["203.0.113.71"]);
    // Osaka comes next, and nobody knows its name: frankfurt follows.
    silence(device, "vpn_only");
    await expect.poll(() => endpoints(device)).toEqual(["203.0.113.72"]);
    dead = true;
    silence(device, "vpn_only");
    await expect.poll(() => endpoints(device)).toEqual(["203.0.113.71"]);
  } finally {
    await plane.stop();
  }
});
