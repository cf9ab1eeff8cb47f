/** Carries out steps on the system. The number of processes is kept small: each costs a few milliseconds. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { parseDump, type Dump } from "../../wireguard/dump.ts";
import type { SecretKey } from "../../wireguard/keys.ts";
import { from } from "../exits.ts";
import type { Step } from "./plan.ts";
import { runProgram, secretPath, startDaemon } from "./programs.ts";
import { endSockets } from "./sockets.ts";

const HANDSHAKE_POLL_MS = 20;
const SOCKET_RELEASE_MS = 2000;

/** Carries out steps one after the other. Throws an `OperationError` at the first that does not succeed. */
export async function applySteps(steps: readonly Step[], privateKey: SecretKey | null): Promise<void> {
  for (const step of steps) await applyStep(step, privateKey);
}

async function applyStep(step: Step, privateKey: SecretKey | null): Promise<void> {
  switch (step.do) {
    case "together": {
      // All run to their end, so that nothing is still being changed when an error is handled.
      const results = await Promise.allSettled(step.steps.map((inner) => applyStep(inner, privateKey)));
      for (const result of results) if (result.status === "rejected") throw result.reason;
      return;
    }
    case "in_order":
      await applySteps(step.steps, privateKey);
      return;
    case "create_interface": {
      await createInterface(step.name);
      return;
    }
    case "remove_interface":
      await runProgram("ip", ["link", "del", "dev", step.name], {});
      return;
    case "end_sockets":
      // Comfort, not protection: whoever cannot be told keeps nobody from disconnecting.
      await endSockets(from(step.addresses), "all").catch(() => undefined);
      return;
    case "firewall":
      await runProgram("nft", ["-f", "-"], { input: step.text });
      return;
    case "ip":
      await Promise.all([batch("-4", step.commands.v4), batch("-6", step.commands.v6)]);
      return;
    case "wireguard": {
      const key = step.withKey ? ["private-key", secretPath(0)] : [];
      const head = headLength(step.args.words);
      await runProgram(
        "wg",
        ["set", step.interface, ...step.args.words.slice(0, head), ...key, ...step.args.words.slice(head)],
        { secrets: [step.withKey ? (privateKey?.reveal() ?? "") : "", ...step.args.secrets] },
      );
      return;
    }
    case "await_handshakes":
      await awaitHandshakes(step.interface, step.publicKeys, step.milliseconds);
  }
}

/** The words before the first peer concern the interface. */
function headLength(words: readonly string[]): number {
  const first = words.indexOf("peer");
  return first === -1 ? words.length : first;
}

async function batch(family: "-4" | "-6", lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await runProgram("ip", [family, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

/** Whether `ip link add` failed since this kernel has no WireGuard; for another reason it may succeed next time. */
export function lacksWireguard(words: string): boolean {
  return /unknown device type|operation not supported/i.test(words);
}

/** Whether this kernel may have WireGuard; that it has not is found out once. */
let kernelMayHaveWireguard = true;

async function createInterface(name: string): Promise<void> {
  if (kernelMayHaveWireguard) {
    const made = await runProgram("ip", ["link", "add", "dev", name, "type", "wireguard"], {
      mayFail: true,
    });
    if (made.ok) return;
    kernelMayHaveWireguard = !lacksWireguard(made.stderr);
  }
  // A process of its own that outlives the agent: `kill -9` of the agent leaves the tunnel running.
  const socket = `/var/run/wireguard/${name}.sock`;
  if (existsSync(socket)) await releaseSocket(socket);
  await startDaemon("wireguard-go", ["--foreground", name], socket);
}

/**
 * Waits until the wireguard-go of a former interface of this name is gone: on its way out it removes the socket by
 * name, and that must not be the new one's. The socket of one that was killed is removed here.
 */
async function releaseSocket(path: string): Promise<void> {
  const limit = performance.now() + SOCKET_RELEASE_MS;
  while (performance.now() < limit && (await answers(path))) await sleep(2);
  await rm(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
  });
}

/** What `wg` says of the interface; null when there is none. */
export async function readDump(interfaceName: string): Promise<Dump | null> {
  const output = await runProgram("wg", ["show", interfaceName, "dump"], { mayFail: true });
  const dump = output.ok ? parseDump(output.stdout) : null;
  return dump?.ok === true ? dump.value : null;
}

/** Waits until all of these peers have shaken hands. Says whether they did within the time. */
export async function awaitHandshakes(
  interfaceName: string,
  publicKeys: readonly string[],
  milliseconds: number,
): Promise<boolean> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const peers = (await readDump(interfaceName))?.peers ?? [];
    if (publicKeys.every((key) => peers.some((peer) => peer.publicKey === key && peer.latestHandshake > 0)))
      return true;
    if (performance.now() >= end) return false;
    await sleep(HANDSHAKE_POLL_MS);
  }
}
