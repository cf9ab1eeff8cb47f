/** Carries out steps on the system. Programs are started only where nothing else can do it: each costs milliseconds. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { DumpPeer } from "../../wireguard/dump.ts";
import type { SecretKey } from "../../wireguard/keys.ts";
import type { Step } from "./plan.ts";
import { readDump } from "./dump.ts";
import { applyIp, makeLink, removeLink } from "./netlink/ip.ts";
import { runNft } from "./nft.ts";
import { runProgram, secretPath, startDaemon } from "./programs.ts";
import { giveScope } from "./scope.ts";
import { endSocketsOf } from "./sockets.ts";
import { controlSocket, setByUapi } from "./uapi.ts";

const HANDSHAKE_POLL_MS = 20;
const SOCKET_RELEASE_MS = 2000;

/** The system changed while handshakes were waited for: what has to be done is other than what was planned. */
export class Interrupted extends Error {}

/** What steps need besides themselves. */
interface Means {
  readonly key: SecretKey | null;
  readonly isInterrupted: () => boolean;
  readonly waiting: () => Promise<void>;
}

/**
 * Carries out steps one after the other. Throws an `OperationError` at the first that does not succeed.
 * `isInterrupted`: whether the system may be another than planned by now; nobody is waited for while it may: throws
 * `Interrupted`. `waiting`: called when a wait begins, and over before it ends.
 */
export async function applySteps(
  steps: readonly Step[],
  key: SecretKey | null,
  isInterrupted: () => boolean = () => false,
  waiting: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const step of steps) await applyStep(step, { key, isInterrupted, waiting });
}

async function applyStep(step: Step, means: Means): Promise<void> {
  const { key: privateKey, isInterrupted, waiting } = means;
  switch (step.do) {
    case "together": {
      // All run to their end, so that nothing is still being changed when an error is handled.
      const results = await Promise.allSettled(step.steps.map((inner) => applyStep(inner, means)));
      for (const result of results) if (result.status === "rejected") throw result.reason;
      return;
    }
    case "create_interface": {
      await createInterface(step.name);
      return;
    }
    case "remove_interface":
      removeLink(step.name);
      return;
    case "end_sockets":
      // Comfort, not protection: whoever cannot be told keeps nobody from disconnecting.
      await endSocketsOf(step.addresses).catch(() => undefined);
      return;
    case "firewall":
      await runNft(step.text);
      return;
    case "ip":
      applyIp(step.changes);
      return;
    case "wireguard":
      await setWireguard(step, privateKey);
      return;
    case "await_handshakes": {
      const wanted = { publicKeys: step.publicKeys, enough: "all" } as const;
      const [shaken] = await Promise.all([
        awaitHandshakes(step.interface, wanted, step.milliseconds, isInterrupted),
        waiting(),
      ]);
      // Who has waited long enough goes on, however much is heard.
      if (!shaken && step.milliseconds > 0 && isInterrupted()) throw new Interrupted();
    }
  }
}

/** By the control socket of wireguard-go; where there is none, by `wg`. */
async function setWireguard(
  { interface: name, args, withKey }: Extract<Step, { do: "wireguard" }>,
  privateKey: SecretKey | null,
): Promise<void> {
  const head = headLength(args.words);
  const key = withKey ? ["private-key", secretPath(0)] : [];
  const words = [...args.words.slice(0, head), ...key, ...args.words.slice(head)];
  const secrets = [withKey ? (privateKey?.reveal() ?? "") : "", ...args.secrets];
  const byPath = new Map(secrets.map((secret, index) => [secretPath(index), secret]));
  if (await setByUapi(name, words, byPath)) return;
  await runProgram("wg", ["set", name, ...words], { secrets });
}

/** The words before the first peer concern the interface. */
function headLength(words: readonly string[]): number {
  const first = words.indexOf("peer");
  return first === -1 ? words.length : first;
}

/** Whether this kernel may have WireGuard; that it has not is found out once. */
let kernelMayHaveWireguard = true;

async function createInterface(name: string): Promise<void> {
  if (kernelMayHaveWireguard) {
    if (makeLink(name, "wireguard")) return;
    kernelMayHaveWireguard = false;
  }
  // A process of its own that outlives the agent: `kill -9` of the agent leaves the tunnel running.
  const socket = controlSocket(name);
  if (existsSync(socket)) await releaseSocket(socket);
  const pid = await startDaemon("wireguard-go", ["--foreground", name], socket);
  // Nobody waits for systemd: it takes longer than the rest of a connect.
  giveScope(pid, name).catch(() => undefined);
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

/** Peers that shall have shaken hands. */
export interface Shaken {
  readonly publicKeys: readonly string[];
  /** Whether each of them has to, or any one; where there are none, nothing is asked. */
  readonly enough: "all" | "one";
}

/** Whether they have, since `after` (seconds since the epoch). */
export function haveShaken(peers: readonly DumpPeer[], wanted: Shaken, after: number): boolean {
  const has = (key: string): boolean =>
    peers.some((peer) => peer.publicKey === key && peer.latestHandshake > after);
  const { publicKeys, enough } = wanted;
  return publicKeys.length === 0 || (enough === "all" ? publicKeys.every(has) : publicKeys.some(has));
}

/** Waits until these peers have shaken hands. Says whether they did within the time, and before `gaveUp`. */
export async function awaitHandshakes(
  interfaceName: string,
  wanted: Shaken,
  milliseconds: number,
  gaveUp: () => boolean = () => false,
): Promise<boolean> {
  const end = performance.now() + milliseconds;
  for (;;) {
    // One that hangs has not shaken hands with anybody.
    const peers = (await readDump(interfaceName).catch(() => null))?.peers ?? [];
    if (haveShaken(peers, wanted, 0)) return true;
    if (performance.now() >= end || gaveUp()) return false;
    await sleep(HANDSHAKE_POLL_MS);
  }
}
