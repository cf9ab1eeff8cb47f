import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fakeAgent, nanami } from "./world.ts";

const NOWHERE = "/nonexistent/agent.sock";

test.each([
  [["up", "--mode", "everything"], "Allowed choices are vpn_only, full_tunnel"],
  [["up", "--timeout", "0"], "Give a whole number of seconds"],
  [["status", "now"], "too many arguments"],
  [["stauts"], "Did you mean status?"],
  [["prefs", "set", "--mode", "vpn_only"], "'--layer <layer>' not specified"],
  [["prefs", "set", "--layer", "network", "--auto"], "Allowed choices are device, user"],
  [["prefs", "set", "--layer", "device"], "say what to set"],
  [["prefs", "set", "--layer", "device", "--clear", "--auto"], "goes with no other option"],
  [["path", "preview"], "say what to try"],
  [["enroll", "https://control.example/"], "that is no enrolment link"],
  [["enroll"], "missing required argument"],
  [["completion", "tcsh"], "Allowed choices are bash, zsh, fish"],
  [["status", "--nonsense"], "unknown option"],
])("%j is bad usage: 2, told on standard error with where to read on", async (args, message) => {
  await using agent = await fakeAgent();
  const run = await nanami(agent.path, args);
  expect(run.status).toBe(2);
  expect(run.out).toBe("");
  expect(run.err).toMatch(/^nanami: /);
  expect(run.err).toContain(message);
  expect(run.err).toContain("--help");
});

test("pins that contradict each other are bad usage", async () => {
  await using agent = await fakeAgent({ getPreferences: () => Promise.resolve([]) });
  const run = await nanami(agent.path, ["path", "preview", "--auto", "--egress", "frankfurt"]);
  expect(run.status).toBe(2);
  expect(run.err).toContain("exclude each other");
});

test("no command at all shows the help, as bad usage", async () => {
  const run = await nanami(NOWHERE, []);
  expect(run.status).toBe(2);
  expect(run.err).toContain("Usage: nanami");
});

test.each([[["--help"]], [["up", "--help"]], [["prefs", "set", "--help"]], [["path", "preview", "-h"]]])(
  "%j is help with examples, on standard output, 80 columns wide at most",
  async (args) => {
    const run = await nanami(NOWHERE, args);
    expect(run.status).toBe(0);
    expect(run.err).toBe("");
    expect(run.out).toContain("Examples:");
    expect(run.out).toContain("--json");
    for (const line of run.out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  },
);

test("no agent at the socket is 3, with what to do", async () => {
  const run = await nanami(NOWHERE, ["status"]);
  expect(run.status).toBe(3);
  expect(run.out).toBe("");
  expect(run.err).toContain(`there is no agent at ${NOWHERE}`);
  expect(run.err).toContain("npm start");
});

test("an agent of another version is 3", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nanami-cli-"));
  const path = join(folder, "agent.sock");
  const body = JSON.stringify({ jsonrpc: "2.0", id: 0, result: { protocol: 99 } });
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(`Content-Length: ${body.length}\r\n\r\n${body}`);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    const run = await nanami(path, ["status", "--json"]);
    expect(run.status).toBe(3);
    expect(run.err).toContain("protocol 99");
    expect(JSON.parse(run.out)).toMatchObject({ error: { code: "agent_mismatch" } });
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("--socket wins over the default", async () => {
  await using agent = await fakeAgent();
  expect((await nanami(NOWHERE, ["--socket", agent.path, "status"])).status).toBe(0);
  expect((await nanami(NOWHERE, ["status", "--socket", agent.path])).status).toBe(0);
});

test("in a checkout, errors name the command as it is typed there", async () => {
  const run = await nanami(NOWHERE, ["path", "preview"], { command: "npm run nanami --" });
  expect(run.err).toContain("Usage and examples: npm run nanami -- path preview --help");
});
