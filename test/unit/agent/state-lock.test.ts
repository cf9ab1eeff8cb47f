import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockState, StateLockedError } from "../../../src/agent/state-lock.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "nanami-lock-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const module = new URL("../../../src/agent/state-lock.ts", import.meta.url).href;

/** A process that takes the lock, says what came of it, and stays. */
async function other() {
  const script = `const { lockState } = await import(${JSON.stringify(module)});
    try { lockState(process.argv[1]); console.log("locked"); setInterval(() => {}, 1000); }
    catch (error) { console.log(error.message); }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, folder]);
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return { child, said: said.toString().trim() };
}

test("of agents that are started at once one gets the folder, and the next one when that is gone", async () => {
  const all = await Promise.all([other(), other(), other()]);
  const winners = all.filter(({ said }) => said === "locked");
  expect(winners).toHaveLength(1);
  expect(() => lockState(folder)).toThrow(StateLockedError);
  for (const { child } of all) {
    const gone = child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
    child.kill("SIGKILL");
    await gone;
  }
  lockState(folder);
  expect(readFileSync(join(folder, "agent.lock"), "utf8").split(" ")[0]).toBe(String(process.pid));
  expect(readdirSync(folder)).toEqual(["agent.lock"]);
});

test("a lock of a pid that was given away anew, or of an earlier boot, or that is damaged, is taken over", () => {
  for (const stale of ["", "nonsense", `${process.pid} 1 of-another-boot`, "999999999 5 x"]) {
    writeFileSync(join(folder, "agent.lock"), stale);
    lockState(folder);
    expect(() => lockState(folder), stale).toThrow("another agent is running there");
    rmSync(join(folder, "agent.lock"));
  }
});
