/** `nanami` run in this process against a fake agent that is served by the real RPC server over a real socket. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommandLine } from "../../../src/cli/program.ts";
import { realFiles } from "../../../src/cli/files.ts";
import type { Environment } from "../../../src/cli/environment.ts";
import { PLAIN } from "../../../src/cli/view/paint.ts";
import { connectAgent } from "../../../src/rpc/client.ts";
import type { MethodName, RpcProblem, Snapshot } from "../../../src/rpc/contract.ts";
import { RpcRefusal, RpcServer, type Handlers } from "../../../src/rpc/server.ts";
import { refusedProfiles } from "../rpc/fixtures.ts";
import { GATEWAYS, SNAPSHOT } from "./values.ts";

/** What a refusing agent answers. */
export function refuse(problem: RpcProblem): Promise<never> {
  return Promise.reject(new RpcRefusal(problem));
}

export interface Run {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A fake agent. Change its snapshot with `become`; handlers that are not given refuse. */
export async function fakeAgent(
  handlers: Partial<Handlers<{ uid: number }>> = {},
  start: Snapshot = SNAPSHOT,
) {
  const folder = mkdtempSync(join(tmpdir(), "nanami-cli-"));
  const path = join(folder, "agent.sock");
  const requests: { method: MethodName; params: unknown }[] = [];
  let snapshot = start;
  let subscribers = 0;
  const notGiven = () => refuse({ code: "internal", message: "the test did not expect this request" });
  const all: Handlers<{ uid: number }> = {
    connect: notGiven,
    disconnect: notGiven,
    enroll: notGiven,
    logout: notGiven,
    getPreferences: notGiven,
    setPreference: notGiven,
    previewPath: notGiven,
    gateways: () => Promise.resolve(GATEWAYS),
    getSettings: notGiven,
    setSettings: notGiven,
    explainRoute: notGiven,
    checkHealth: notGiven,
    testLeaks: notGiven,
    readLog: notGiven,
    diagnostics: notGiven,
    noteEvent: notGiven,
    ...refusedProfiles(notGiven),
    ...handlers,
  };
  const recorded = Object.fromEntries(
    Object.entries(all).map(([method, handler]) => [
      method,
      (params: never, peer: { uid: number }) => {
        requests.push({ method: method as MethodName, params });
        return (handler as (params: never, peer: { uid: number }) => Promise<unknown>)(params, peer);
      },
    ]),
    // The same names with the same handlers, each of which notes that it was called.
  ) as unknown as Handlers<{ uid: number }>;
  const server = new RpcServer({
    identify: () => ({ uid: 1000 }),
    refuses: () => undefined,
    hasStanding: () => true,
    snapshot: () => snapshot,
    view: (part) => part,
    onSubscribers: (count) => (subscribers = count),
    handlers: recorded,
  });
  await server.listen(path);
  return {
    path,
    requests,
    get snapshot() {
      return snapshot;
    },
    get subscribers() {
      return subscribers;
    },
    become(next: Partial<Snapshot>): Snapshot {
      snapshot = { ...snapshot, ...next };
      server.publish(next);
      return snapshot;
    },
    stop: () => server.close(),
    async [Symbol.asyncDispose]() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs one command line to its end. `socket` is where the agent is. */
export async function nanami(
  socket: string,
  args: readonly string[],
  options: Partial<Environment> & { onErr?: (text: string) => void } = {},
): Promise<Run> {
  let out = "";
  let err = "";
  const status = await runCommandLine(args, {
    command: "nanami",
    connect: (path) => connectAgent(path, { timeoutMs: 5_000 }),
    defaultSocket: socket,
    out: (text) => (out += text),
    err: (text) => {
      err += text;
      options.onErr?.(text);
    },
    paint: PLAIN,
    errPaint: PLAIN,
    columns: 80,
    errColumns: Number.POSITIVE_INFINITY,
    redraws: false,
    now: () => new Date("2026-11-23T16:03:05.000Z"),
    ask: undefined,
    readInput: () => Promise.resolve(""),
    files: realFiles,
    interruption: () => new AbortController().signal,
    ...options,
  });
  return { status, out, err };
}
