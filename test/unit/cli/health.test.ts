import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { leakCheck } from "../../../src/agent/diagnostics/leak-words.ts";
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
  await using agent = await fakeAgent({
    checkHealth: () => Promise.resolve({ healthy, checks: [check] }),
    testLeaks: () => Promise.resolve({ protected: false, promise: "nothing", mode: null, checks: [] }),
  });
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

test("a leak that the self-test finds makes doctor fail, and says what to do", async () => {
  await using agent = await fakeAgent({
    checkHealth: () => Promise.resolve({ healthy: true, checks: [] }),
    testLeaks: () =>
      Promise.resolve({
        ...{ protected: false, promise: "everything", mode: "full_tunnel" },
        checks: [leakCheck("internet4", "let_out", { target: "198.18.0.1", interface: "eth0" })],
      }),
  });
  const run = await nanami(agent.path, ["doctor"]);
  expect(run.status).toBe(1);
  expect(run.out).toContain("A packet to 198.18.0.1 was let out by eth0. Something");
  expect(run.out).toContain("Something is wrong: 1 check.");
  expect(JSON.parse((await nanami(agent.path, ["--json", "doctor"])).out)).toMatchObject({
    healthy: false,
    leaks: { checks: [{ code: "internet4", verdict: "bad" }] },
  });
});

test("the log is shown to its end and followed until it is interrupted, without what steers a terminal", async () => {
  const stop = new AbortController();
  const line = (sequence: number, message: string) =>
    ({ sequence, at: "2026-01-01T00:00:00.000Z", level: "info", message, facts: { n: sequence } }) as const;
  await using agent = await fakeAgent({
    readLog: ({ after }) => {
      if (after === 2) stop.abort();
      if (after >= 2) return Promise.resolve({ lines: [], next: after });
      const lines = after === 0 ? [line(1, "first \u001b[2J")] : [line(2, "second")];
      return Promise.resolve({ lines, next: after + 1 });
    },
  });
  const once = await nanami(agent.path, ["log"]);
  expect(once.out).toBe('2026-01-01T00:00:00.000Z first \ufffd[2J {"n":1}\n');
  const followed = await nanami(agent.path, ["log", "--follow"], { interruption: () => stop.signal });
  expect(followed.status).toBe(0);
  expect(followed.out).toContain("second");
  expect(JSON.parse((await nanami(agent.path, ["--json", "log"])).out)).toMatchObject({
    lines: [{ sequence: 1 }],
  });
});

test("diagnostics keep their lines, and go into a file when asked to", async () => {
  const asked: string[] = [];
  await using agent = await fakeAgent({
    diagnostics: ({ hide }) => {
      asked.push(hide);
      return Promise.resolve({ sections: [{ name: "routes", text: "one\n\ttwo \u001b[2J\n" }] });
    },
  });
  expect((await nanami(agent.path, ["diagnostics"])).out).toBe("== routes\none\n  two \ufffd[2J\n");
  const folder = mkdtempSync(join(tmpdir(), "nanami-"));
  const out = join(folder, "bundle.txt");
  const run = await nanami(agent.path, ["diagnostics", "--hide-names", "--out", out]);
  expect([run.status, asked]).toEqual([0, ["secrets", "secrets_and_names"]]);
  expect(readFileSync(out, "utf8")).toContain("== routes\none");
  rmSync(folder, { recursive: true });
});
