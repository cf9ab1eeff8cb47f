import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const SANDBOX = pathToFileURL(join(import.meta.dirname, "../../src/launch/sandbox.ts")).href;
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nanami-box-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Word by which the processes of one test are found among all others. */
const mark = () => `mark-${folder.slice(-6)}`;

/** Command lines of all living processes that carry the mark. */
function marked(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
      } catch {
        // It has ended between the two calls.
        return [];
      }
    })
    .filter((line) => line.includes(mark()));
}

/** Runs `inner` (a module's text) in the sandbox, from a process of its own that signals can be sent to. */
function start(inner: string): { outer: ChildProcess; printed: () => string; ended: Promise<number | null> } {
  const innerPath = join(folder, "inner.mjs");
  const outerPath = join(folder, "outer.mjs");
  writeFileSync(innerPath, inner);
  writeFileSync(
    outerPath,
    `import { runInSandbox } from ${JSON.stringify(SANDBOX)};
     process.exit(await runInSandbox([process.execPath, ${JSON.stringify(innerPath)}, ${JSON.stringify(mark())}]));`,
  );
  const outer = spawn(process.execPath, [outerPath], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  outer.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => outer.once("close", resolve));
  return { outer, printed: () => text, ended };
}

/** Leaves a daemon behind that belongs to nobody, cleans up when told to, and then exits with 7. */
const STAYS = `
import { spawn } from "node:child_process";
spawn("setsid", ["-f", "sh", "-c", "while :; do sleep 1; done", process.argv[2]], { stdio: "ignore" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => { console.log("cleaning up after " + signal); setTimeout(() => process.exit(7), 100); });
setInterval(() => {}, 1000);
console.log("ready");
`;

test("the exit status passes through, and inside there is a network of its own with nothing but loopback", async () => {
  const box = start(`
    import { readdirSync } from "node:fs";
    import { networkInterfaces } from "node:os";
    import { execFileSync } from "node:child_process";
    console.log(JSON.stringify({
      sandbox: process.env.NANAMI_SANDBOX, uid: process.getuid(),
      links: execFileSync("ip", ["-o", "link"], { encoding: "utf8" }).trim().split("\\n").length,
      up: Object.keys(networkInterfaces()), processes: readdirSync("/proc").filter((n) => /^\\d+$/.test(n)).length,
    }));
    process.exit(42);`);
  expect(await box.ended).toBe(42);
  const inside = JSON.parse(box.printed()) as Record<string, unknown>;
  expect(inside).toMatchObject({ sandbox: "1", uid: 0, links: 1, up: [] });
  // init, the one that passes signals on, and the program itself.
  expect(inside["processes"]).toBeLessThanOrEqual(4);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s reaches the program once, which cleans up; then everything inside is gone",
  async (signal) => {
    const box = start(STAYS);
    await expect.poll(box.printed, { timeout: 20_000 }).toContain("ready");
    await expect.poll(() => marked().some((line) => line.includes("while"))).toBe(true);
    box.outer.kill(signal);
    expect(await box.ended).toBe(7);
    expect(box.printed()).toBe(`ready\ncleaning up after ${signal}\n`);
    await expect.poll(marked).toEqual([]);
  },
);

test("when whoever started it is killed, the program inside may clean up, and then everything is gone", async () => {
  const box = start(STAYS);
  await expect.poll(box.printed, { timeout: 20_000 }).toContain("ready");
  box.outer.kill("SIGKILL");
  await box.ended;
  expect(box.printed()).toContain("cleaning up after SIGTERM");
  await expect.poll(marked).toEqual([]);
});

test("a second signal ends a program that does not listen", async () => {
  const box = start(`process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("ready");`);
  await expect.poll(box.printed, { timeout: 20_000 }).toContain("ready");
  box.outer.kill("SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(marked().length).toBeGreaterThan(0);
  box.outer.kill("SIGTERM");
  expect(await box.ended).toBe(137);
  await expect.poll(marked).toEqual([]);
});
