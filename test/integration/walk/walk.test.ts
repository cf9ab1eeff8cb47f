/**
 * The promise under load, at every moment of a random walk: what left the device's physical links is judged packet by
 * packet. `NANAMI_WALK_SEED` walks a printed walk again, `NANAMI_WALK_EVENTS` says how far.
 */
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../../../src/lab/host.ts";
import { classify, inWords, type Sent } from "./classify.ts";
import { Wire } from "./device.ts";
import { describeEvent, walk } from "./events.ts";
import { Walker } from "./walker.ts";
import { AROUND } from "./world.ts";

const seed = Number(process.env["NANAMI_WALK_SEED"] ?? randomInt(2 ** 31));
const EVENTS = Number(process.env["NANAMI_WALK_EVENTS"] ?? (process.env["NANAMI_LONG"] === "1" ? 220 : 40));
const PLANTED = "nanami planted";
const PLANTED_PORT = 4242;
/** Events between two readings of the captures. */
const READ_EVERY = 10;
/** Leaks that are told one by one. */
const TOLD = 40;

interface Findings {
  readonly counts: Map<string, number>;
  readonly leaks: { readonly packet: Sent; readonly why: string; readonly promised: string }[];
  readonly planted: Sent[];
}

function judge(packets: readonly Sent[], walker: Walker, findings: Findings): void {
  for (const packet of packets) {
    const promised = walker.timeline.at(packet.time);
    const verdict = classify(packet, promised, AROUND);
    const kind = verdict.allowed ? verdict.as : "leak";
    if (!verdict.allowed && packet.payload?.startsWith(PLANTED) === true) {
      findings.planted.push(packet);
      continue;
    }
    findings.counts.set(kind, (findings.counts.get(kind) ?? 0) + 1);
    if (!verdict.allowed)
      findings.leaks.push({ packet, why: verdict.why, promised: JSON.stringify(promised) });
  }
}

test(
  `nothing leaves outside the promise in a random walk of ${EVENTS} events`,
  { timeout: 2_400_000 },
  async () => {
    const began = Date.now();
    const log: string[] = [];
    const say = (words: string): void => {
      log.push(`${new Date().toISOString().slice(11, 23)} ${words}`);
      if (process.env["NANAMI_WALK_TALK"] === "1") process.stdout.write(`${log.at(-1) ?? ""}\n`);
    };
    process.stdout.write(`walk: NANAMI_WALK_SEED=${seed} NANAMI_WALK_EVENTS=${EVENTS}\n`);
    await using folder = await scratch();
    await using walker = await Walker.start(join(folder.path, "state"), join(folder.path, "agent.sock"));
    const wire = await Wire.start(walker.laptop);
    const findings: Findings = { counts: new Map(), leaks: [], planted: [] };
    const told = (): string =>
      [
        `seed ${seed}; ${findings.leaks.length} leaks`,
        ...log,
        ...findings.leaks
          .slice(0, TOLD)
          .map(({ packet, why, promised }) => `${inWords(packet)}: ${why}; ${promised}`),
      ].join("\n");
    say(`raised in ${Date.now() - began} ms`);
    try {
      for (const [index, { event, pauseMs }] of walk(seed, EVENTS).entries()) {
        say(`${index + 1} ${describeEvent(event)}`);
        await walker.perform(event);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        if (index % READ_EVERY === READ_EVERY - 1) judge(await wire.take(), walker, findings);
      }
      say("a leak is planted");
      await walker.perform({ do: "connect", mode: "full_tunnel" });
      await walker.calm();
      // Whatever the walk met, a lease is asked for while all is promised.
      for (const to of ["hotel", "café"] as const) await walker.perform({ do: "move", to });
      await walker.calm();
      await walker.plant(PLANTED, PLANTED_PORT);
      say("the end");
      await walker.perform({ do: "disconnect" });
    } catch (error) {
      judge(await wire.stop(), walker, findings);
      throw new Error(`${told()}\n${await walker.around()}`, { cause: error });
    }
    judge(await wire.stop(), walker, findings);

    const counts = Object.fromEntries([...findings.counts].sort());
    const repairs = walker.repairs.map(({ what, ms }) => `${what} ${ms} ms`).join(", ");
    process.stdout.write(
      `walk: ${Math.round((Date.now() - began) / 1000)} s, ${JSON.stringify(counts)}; repairs: ${repairs}\n`,
    );
    expect(findings.leaks, told()).toEqual([]);
    // The detector sees: what was planted, over both families; and the load was there.
    expect(new Set(findings.planted.map(({ family }) => family))).toEqual(new Set(["ipv4", "ipv6"]));
    for (const kind of ["encrypted", "ARP", "NDP", "DHCP", "control plane", "not promised"])
      expect(findings.counts.get(kind) ?? 0, kind).toBeGreaterThan(0);
    expect(findings.counts.get("encrypted") ?? 0).toBeGreaterThan(EVENTS * 100);
  },
);
