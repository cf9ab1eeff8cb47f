import { expect, test, vi } from "vitest";
import { LogRing } from "../../../../src/agent/diagnostics/log-ring.ts";
import { LEAK_CHECKS, type LeakCheckCode } from "../../../../src/rpc/diagnostics.ts";
import { methods } from "../../../../src/rpc/contract.ts";
import { desiredState } from "../../../../src/tunnel/desired-state.ts";
import type { KernelRoute } from "../../../../src/tunnel/linux/route-get.ts";
import { LeakTest, type LeakTestOptions } from "../../../../src/agent/diagnostics/leak-test.ts";
import type { Deviation } from "../../../../src/tunnel/types.ts";
import { generatePrivateKey } from "../../../../src/wireguard/keys.ts";
import type { Address } from "../../../../src/wireguard/address.ts";
import type { Prefix } from "../../../../src/wireguard/prefix.ts";
import { fullIntent, privateIntent } from "../../tunnel/intents.ts";
import { enrolled, FakeEngine, ROOT, startAgent, TOKEN } from "../fixtures.ts";

const LAN = { interface: "eth0", prefix: "192.168.7.0/24" as Prefix };
const IN_TUNNEL: KernelRoute = {
  ...{ way: "tunnel", table: "20033", interface: "nanami0", gateway: null, source: null },
};
const DIRECT: KernelRoute = { ...IN_TUNNEL, way: "direct", table: "main", interface: "eth0" };

/** An engine in whose mode everything is in place. */
function engine(
  mode: "full_tunnel" | "vpn_only",
  change: { allowLocalNetwork?: boolean; probe?: string } = {},
  deviations: readonly Deviation[] = [],
) {
  const fake = new FakeEngine();
  const intent = { ...(mode === "full_tunnel" ? fullIntent() : privateIntent()), ...change };
  const network = desiredState(intent, { interface: "nanami0", onLink: [LAN], tracks: false, closed: false });
  fake.apply(intent, generatePrivateKey().reveal());
  const names = { managers: ["systemd-resolved"], forwards: false, repairedAt: null };
  const inspect = () => Promise.resolve(deviations);
  return Object.assign(fake, { network, names, inspect }) as unknown as LeakTestOptions["engine"];
}

function selfTest(options: Partial<LeakTestOptions> = {}): LeakTest {
  return new LeakTest({
    engine: engine("full_tunnel", { allowLocalNetwork: true }),
    links: () => [LAN],
    resolvers: () => ["192.168.7.1"],
    tryToLeave: () => "refused",
    kernelRoute: (address) =>
      Promise.resolve(address.startsWith("192.168.7.") ? { ...IN_TUNNEL, way: "local" } : IN_TUNNEL),
    ask: () => Promise.resolve("answer"),
    now: () => 1_000_000,
    ...options,
  });
}

async function verdicts(leaks: LeakTest): Promise<Partial<Record<LeakCheckCode, string>>> {
  const { checks } = await leaks.run({}, ROOT);
  return Object.fromEntries(checks.map(({ code, verdict, found }) => [code, `${verdict} ${found}`]));
}

test("a device that holds its promise passes every check, in both modes", async () => {
  const full = await selfTest().run({}, ROOT);
  expect(methods.testLeaks.result.safeParse(full).success).toBe(true);
  expect(full).toMatchObject({ protected: true, promise: "everything", mode: "full_tunnel" });
  expect(full.checks.map(({ code }) => code)).toEqual(LEAK_CHECKS);
  expect(full.checks.filter(({ verdict }) => verdict !== "good")).toEqual([]);
  const partly = await selfTest({ engine: engine("vpn_only") }).run({}, ROOT);
  expect(partly).toMatchObject({ promise: "private_network", mode: "vpn_only" });
  expect(partly.checks.find(({ code }) => code === "private_network")?.verdict).toBe("good");
  expect(partly.checks.find(({ code }) => code === "internet4")?.found).toBe("not_promised");
});

test("not connected: nothing is promised, and nothing is tried", async () => {
  const tryToLeave = vi.fn(() => "let_out" as const);
  const idle = await selfTest({ engine: new FakeEngine(), tryToLeave }).run({}, ROOT);
  expect(idle).toEqual({ protected: false, promise: "nothing", mode: null, checks: [] });
  expect(tryToLeave).not.toHaveBeenCalled();
});

test.each<[LeakCheckCode, Partial<LeakTestOptions>, string]>([
  [
    "internet4",
    { tryToLeave: ({ address }) => (address === "198.18.0.1" ? "let_out" : "refused") },
    "bad let_out",
  ],
  ["internet4", { kernelRoute: () => Promise.resolve(DIRECT) }, "bad astray"],
  ["internet4", { links: () => [] }, "skipped no_link"],
  [
    "internet4",
    {
      tryToLeave: () => {
        throw new Error("no raw socket");
      },
    },
    "warning untested",
  ],
  // Where nothing leads, nobody was seen to refuse anything.
  ["internet4", { tryToLeave: () => "no_way" }, "skipped no_way"],
  [
    "underlay_resolver",
    { tryToLeave: ({ protocol }) => (protocol === "tcp" ? "refused" : "no_way") },
    "good refused",
  ],
  [
    "internet6",
    { tryToLeave: ({ address }) => (address.includes(":") ? "let_out" : "refused") },
    "bad let_out",
  ],
  [
    "private_network",
    { tryToLeave: ({ address }) => (address.startsWith("10.20.") ? "let_out" : "refused") },
    "bad let_out",
  ],
  [
    "underlay_resolver",
    { tryToLeave: ({ protocol, port }) => (protocol === "tcp" && port === 853 ? "let_out" : "refused") },
    "bad let_out",
  ],
  [
    "system_resolver",
    { engine: engine("full_tunnel", {}, [{ what: "dns", message: "Changed.", said: null }]) },
    "bad resolver_foreign",
  ],
  ["tunnel", { ask: () => Promise.resolve("silence") }, "warning silent"],
  ["local_network", { kernelRoute: () => Promise.resolve(IN_TUNNEL) }, "warning local_closed"],
  [
    "local_network",
    {
      engine: engine("full_tunnel", { allowLocalNetwork: false }),
      tryToLeave: ({ address }) => (address.startsWith("192.168.7.") ? "let_out" : "refused"),
    },
    "bad local_let_out",
  ],
])("%s can fail: case %#", async (code, change, expected) => {
  expect((await verdicts(selfTest(change)))[code]).toBe(expected);
});

test("this machine's own address is no way out", async () => {
  const tried: string[] = [];
  await selfTest({
    engine: engine("full_tunnel", { allowLocalNetwork: false }),
    kernelRoute: (address: Address) =>
      Promise.resolve(address === "192.168.7.1" ? { ...IN_TUNNEL, way: "loopback" } : IN_TUNNEL),
    tryToLeave: ({ address }) => {
      tried.push(address);
      return "refused";
    },
  }).run({ only: "local_network" }, ROOT);
  expect(tried).toEqual(["192.168.7.254"]);
});

test("who else changed the resolver is told by code too, where all of it has one", async () => {
  const said = { code: "resolver_silent", facts: { by: "systemd-resolved" } } as const;
  const silent = { what: "dns", message: "It is silent.", said } as const;
  const find = async (...deviations: Deviation[]) => {
    const test = selfTest({ engine: engine("full_tunnel", {}, deviations) });
    return (await test.run({ only: "system_resolver" }, ROOT)).checks[0];
  };
  expect(await find(silent)).toMatchObject({ facts: { reason: "It is silent." }, deviations: [said] });
  expect(await find(silent, { ...silent, said: null })).not.toHaveProperty("deviations");
});

test("one check alone can be asked for", async () => {
  const { checks } = await selfTest().run({ only: "tunnel" }, ROOT);
  expect(checks.map(({ code }) => code)).toEqual(["tunnel"]);
});

test("a bundle shows no key and no token that the agent holds, whatever was logged", async () => {
  await using world = await enrolled();
  const { device } = world;
  const secret = generatePrivateKey().reveal();
  const conf = `[Interface]\nPrivateKey = ${secret}\nAddress = 10.9.0.2/32\n[Peer]\nPublicKey = ${"A".repeat(42)}E=\nAllowedIPs = 10.9.0.0/24\nEndpoint = secret.example.org:51820\n`;
  const handlers = device.agent.handlers;
  const report = await handlers.importBytes({ bytes: Buffer.from(conf).toString("base64") }, ROOT);
  await handlers.confirmImport(
    { digest: report.digest, choices: [{ index: 0, name: "Office at home" }] },
    ROOT,
  );
  const own = device.memory.identity?.reveal();
  const ring = new LogRing();
  ring.write(
    JSON.stringify({
      level: 30,
      time: "2026-01-01T00:00:00.000Z",
      msg: `odd ${TOKEN} ${secret} ${own?.privateKey ?? ""}`,
      also: TOKEN,
    }),
  );
  await using second = await startAgent({
    folder: device.folder,
    diagnostics: {
      ring,
      sections: () =>
        Promise.resolve({
          sections: [
            { name: "resolver", text: `search hotel.example\n# ${TOKEN}` },
            // So long that it is cut, within the token.
            { name: "firewall", text: `${TOKEN}${"-".repeat(512 * 1024 - 8)}` },
          ],
          names: ["hotel.example"],
        }),
    },
  });
  for (const hide of ["secrets", "secrets_and_names"] as const) {
    const { sections } = await second.agent.handlers.diagnostics({ hide }, ROOT);
    const text = JSON.stringify(sections);
    expect(sections.map(({ name }) => name)).toContain("log");
    for (const kept of [TOKEN, TOKEN.slice(-8), secret, own?.privateKey ?? "-"])
      expect(text.includes(kept)).toBe(false);
    expect(text.includes("hotel.example") || text.includes("acme")).toBe(hide === "secrets");
  }
});

test("hints from faces lead to one look, however many come", async () => {
  vi.useFakeTimers();
  try {
    await using device = await startAgent();
    device.engine.become({
      state: "connected",
      mode: "full_tunnel",
      since: "2026-01-01T00:00:00.000Z",
      verified: "traffic",
    });
    const looks = () => device.engine.calls.filter((call) => call === "checkNow").length;
    const note = (event: "suspend" | "resume" | "network_changed") =>
      device.agent.handlers.noteEvent({ event }, ROOT);
    await note("suspend");
    await vi.advanceTimersByTimeAsync(5000);
    expect(looks()).toBe(0);
    for (let count = 0; count < 50; count += 1) await note("resume");
    await vi.advanceTimersByTimeAsync(10);
    expect(looks()).toBe(1);
    for (let count = 0; count < 50; count += 1) await note("network_changed");
    await vi.advanceTimersByTimeAsync(1000);
    expect(looks()).toBe(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(looks()).toBe(2);
  } finally {
    vi.useRealTimers();
  }
});
