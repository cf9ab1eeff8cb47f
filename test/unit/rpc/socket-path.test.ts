import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkSocketPath, claimSocket, openSocket } from "../../../src/rpc/socket-path.ts";
import { serve } from "./fixtures.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nanami-sock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a folder that is missing is made for its owner alone, or with the group's right to enter", async () => {
  await claimSocket(join(folder, "private", "agent.sock"), undefined);
  expect(statSync(join(folder, "private")).mode & 0o777).toBe(0o700);
  await claimSocket(join(folder, "shared", "agent.sock"), process.getgid?.());
  expect(statSync(join(folder, "shared")).mode & 0o777).toBe(0o750);
});

test("a folder that others can write to is refused", async () => {
  mkdirSync(join(folder, "loose"));
  chmodSync(join(folder, "loose"), 0o777);
  await expect(claimSocket(join(folder, "loose", "agent.sock"), undefined)).rejects.toThrow("nobody else");
});

test("the socket of a living agent is left alone, and a second agent is refused", async () => {
  await using agent = await serve();
  await expect(claimSocket(agent.path, undefined)).rejects.toThrow("another agent is running");
  expect(existsSync(agent.path)).toBe(true);
});

test("a socket that a dead agent left is removed, and the path can be used again", async () => {
  const path = join(folder, "agent.sock");
  // A socket file with nobody behind it: bound in a child that ended without unlinking.
  const { execFileSync } = await import("node:child_process");
  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  expect(() => execFileSync(process.execPath, ["-e", script], { stdio: "ignore" })).toThrow();
  expect(statSync(path).isSocket()).toBe(true);
  await claimSocket(path, undefined);
  expect(existsSync(path)).toBe(false);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  await openSocket(path);
  expect(statSync(path).mode & 0o777).toBe(0o666);
  server.close();
});

test("a file that is not a socket is never removed", async () => {
  const path = join(folder, "agent.sock");
  writeFileSync(path, "precious");
  await expect(claimSocket(path, undefined)).rejects.toThrow("not a socket");
  expect(existsSync(path)).toBe(true);
});

test("a path that the kernel would cut is refused with its length and the remedy", () => {
  expect(() => checkSocketPath(`/tmp/${"x".repeat(100)}`)).toThrow(/105 bytes.*at most 100.*shorter/);
  expect(checkSocketPath(`/tmp/${"x".repeat(95)}`)).toHaveLength(100);
});
