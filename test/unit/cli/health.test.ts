import { expect, test } from "vitest";
import type { Result } from "../../../src/rpc/contract.ts";
import { DEFAULT_SETTINGS } from "../../../src/rpc/settings.ts";
import { DISCONNECTED } from "./values.ts";
import { fakeAgent, nanami } from "./world.ts";

const EXPLANATION: Result<"explainRoute"> = {
  target: "intranet.corp.test",
  dns: "the tunnel's resolver (10.20.0.53)",
  decidedBy: "the device layer",
  routes: [
    {
      address: "10.20.1.80",
      expected: {
        ...{ way: "tunnel", rule: 5105, table: "20033", prefix: "10.20.0.0/16", interface: "nanami0" },
        ...{ hops: ["osaka", "frankfurt"], reason: "It belongs to 10.20.0.0/16." },
      },
      actual: { way: "direct", table: "main", interface: "eth0", gateway: "192.0.2.1", source: null },
      agrees: false,
    },
  ],
};

test("route says where, why and that the kernel does otherwise, within 80 columns; status 1", async () => {
  await using agent = await fakeAgent({ explainRoute: () => Promise.resolve(EXPLANATION) });
  const run = await nanami(agent.path, ["route", "intranet.corp.test"]);
  expect(run.status).toBe(1);
  for (const said of [
    "10.20.1.80 goes through the tunnel",
    "osaka → frankfurt",
    "DISAGREES",
    "the device layer",
  ])
    expect(run.out).toContain(said);
  for (const line of run.out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  const json = await nanami(agent.path, ["--json", "route", "intranet.corp.test"]);
  expect(JSON.parse(json.out)).toEqual(EXPLANATION);
});

test.each([
  [true, 0, "Nothing is wrong."],
  [false, 1, "Something is wrong: 1 check."],
])("doctor with healthy %s ends with %i", async (healthy, status, said) => {
  const check = { code: "dns", verdict: healthy ? "good" : "bad", title: "DNS", message: "Looked." } as const;
  await using agent = await fakeAgent({ checkHealth: () => Promise.resolve({ healthy, checks: [check] }) });
  const run = await nanami(agent.path, ["doctor"]);
  expect(run.status).toBe(status);
  expect(run.out).toContain("DNS: Looked.");
  expect(run.out).toContain(said);
});

test("settings are shown, read and changed by the names of the command line", async () => {
  await using agent = await fakeAgent({
    getSettings: () => Promise.resolve(DEFAULT_SETTINGS),
    setSettings: (change) => Promise.resolve({ ...DEFAULT_SETTINGS, ...change } as typeof DEFAULT_SETTINGS),
  });
  expect((await nanami(agent.path, ["settings", "get"])).out).toMatch(/^local-network +allow/m);
  expect((await nanami(agent.path, ["settings", "get", "lockdown"])).out).toBe("off\n");
  const run = await nanami(agent.path, ["settings", "set", "lockdown", "on", "local-network", "block"]);
  expect(run.status).toBe(0);
  expect(agent.requests.at(-1)).toEqual({
    method: "setSettings",
    params: { lockdown: "on", localNetwork: "block" },
  });
});

test.each([[["lockdown"]], [["lockdown", "maybe"]], [["firewall", "off"]]])(
  "settings set %j is bad usage",
  async (words) => {
    await using agent = await fakeAgent();
    expect((await nanami(agent.path, ["settings", "set", ...words])).status).toBe(2);
  },
);

test("down under lockdown succeeds, and says that the device stays closed", async () => {
  const reason = {
    code: "lockdown",
    message: "Not connected, and lockdown keeps everything closed.",
    remedy: "Up.",
  };
  const since = "2026-11-23T16:00:00.000Z";
  const locked = {
    ...DISCONNECTED,
    tunnel: { state: "blocked", mode: "full_tunnel", since, reason },
    settings: { ...DEFAULT_SETTINGS, lockdown: "on" },
  } as const;
  await using agent = await fakeAgent({ disconnect: () => Promise.resolve(locked) });
  const run = await nanami(agent.path, ["down"]);
  expect(run.status).toBe(0);
  expect(run.out).toContain("lockdown keeps everything closed");
  expect(run.err).toContain("settings set lockdown off");
});
