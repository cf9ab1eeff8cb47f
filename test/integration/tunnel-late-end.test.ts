/**
 * A transaction of the firewall that was given up is carried out by the kernel after all, and after a newer one: the
 * engine hears of its end, and makes what it wants anew, whatever the firewall looks like by then.
 */
import { beforeAll, beforeEach, expect, test } from "vitest";
import { scratch } from "../../src/lab/host.ts";
import {
  EngineProcess,
  fullIntent,
  PRIVATE_SERVER,
  privateIntent,
  PUBLIC_SERVER,
  raiseLab,
  reaches,
  type Lab,
} from "./tunnel-lab.ts";

const TABLE = ["table", "inet", "nanami"] as const;

let lab: Lab;
let engine: EngineProcess;
/** Our table for the private network alone, as an earlier transaction makes it. */
let older: string;

/** Until it is connected in this mode, for which everything was made before. */
const apply = (intent: ReturnType<typeof fullIntent>) => {
  const from = engine.lines.length;
  engine.send({ do: "apply", intent, key: lab.key.reveal() });
  return engine.until((event, value) => {
    const { state, mode } = value as { state?: string; mode?: string };
    return event === "status" && state === "connected" && mode === intent.mode;
  }, from);
};
/** Tables are numbered as they are made, so this says which one is there; empty = none. */
const table = async (): Promise<string> => {
  const { stdout } = await lab.device.exec("nft", ["--handle", "list", ...TABLE]);
  return /^table inet nanami \{ # handle (\d+)$/m.exec(stdout)?.[1] ?? "";
};
const makeOlder = (): Promise<string> =>
  lab.device.run("nft", ["-f", "-"], { input: `table inet nanami\ndelete table inet nanami\n${older}` });
/** What the engine finds to be other than it made it. */
const deviations = async (): Promise<unknown> => {
  const from = engine.lines.length;
  engine.send({ do: "names" });
  const { value } = await engine.until((event) => event === "names", from);
  return (value as { deviations: unknown }).deviations;
};
/** Until the engine says that it heard of the late end, and after that that it made the firewall. */
const madeAfterLateEnd = async (from: number): Promise<void> => {
  const says = (event: string, value: unknown, message: string) =>
    event === "log" && (value as { message: string }).message === message;
  const heard = await engine.until(
    (event, value) => says(event, value, "a change of the firewall that was given up has ended"),
    from,
  );
  await engine.until(
    (event, value) =>
      says(event, value, "network reconciled") && (value as { steps: string[] }).steps.includes("firewall"),
    engine.lines.indexOf(heard),
  );
};
const states = (from: number): unknown[] =>
  engine.lines.slice(from).flatMap(({ event, value }) => (event === "status" ? [value] : []));

beforeAll(async () => {
  lab = await raiseLab();
  const folder = await scratch();
  engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
  return async () => {
    await engine.kill("SIGKILL");
    await lab[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  };
});

beforeEach(async () => {
  await apply(privateIntent(lab.a));
  older = await lab.device.run("nft", ["--stateless", "list", ...TABLE]);
});

test("connected: the firewall is made anew, though it looks as it should, and nobody is disturbed", async () => {
  await apply(fullIntent(lab.a));
  await expect.poll(deviations).toEqual([]);
  const before = await table();
  const from = engine.lines.length;
  engine.send({ do: "late_end" });
  await madeAfterLateEnd(from);
  expect(await table()).not.toBe("");
  expect(await table()).not.toBe(before);
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
  expect(states(from)).toEqual([]);
  await engine.state("disconnected", { do: "disconnect" });
});

test("connected: an older firewall of ours that came last does not stay", async () => {
  await apply(fullIntent(lab.a));
  await makeOlder();
  engine.send({ do: "late_end" });
  const policy = async () =>
    /hook output priority \S+; policy (\w+);/.exec(await lab.device.run("nft", ["list", ...TABLE]))?.[1];
  await expect.poll(policy).toBe("drop");
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
  await engine.state("disconnected", { do: "disconnect" });
});

test("disconnected: what came after the disconnect is taken away, and the device stays open", async () => {
  await engine.state("disconnected", { do: "disconnect" });
  await makeOlder();
  const from = engine.lines.length;
  engine.send({ do: "late_end" });
  await expect.poll(table).toBe("");
  expect(states(from)).toEqual([]);
  // Nothing else of it came back.
  expect(await lab.device.run("ip", ["rule"])).not.toContain("unreachable");
  expect((await lab.device.exec("ip", ["link", "show", "nanami0"])).exitCode).not.toBe(0);
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(false);
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
});
