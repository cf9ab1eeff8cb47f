import fc from "fast-check";
import { expect, test } from "vitest";
import {
  backoff,
  closedFor,
  INITIAL,
  statusOf,
  transition,
  type MachineEvent,
  type MachineState,
} from "../../../src/tunnel/machine.ts";
import { isAtRest, LOCKDOWN } from "../../../src/tunnel/lockdown.ts";

const reason = { code: "revoked", message: "This device was revoked.", remedy: "Disconnect." };

/** An event that may be about the current wish or about an older one (`age` generations ago). */
const happening = fc.record({
  age: fc.constantFrom(0, 0, 0, 1, 2),
  type: fc.constantFrom(
    "apply",
    "block",
    "disconnect",
    "lock",
    "found",
    "found_closed",
    "applied",
    "failed",
    "retry",
    "passed",
    "silent",
    "disturbed",
    "offline",
    "online",
    "unprotected",
    "still_protected",
  ),
  mode: fc.constantFrom("vpn_only", "full_tunnel"),
  verified: fc.constantFrom("traffic", "handshake"),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function eventOf(happening: Happening, state: MachineState, at: number): MachineEvent {
  const generation = state.generation - happening.age;
  const { type, mode, verified } = happening;
  switch (type) {
    case "apply":
      return { type, mode, at };
    case "found":
      return { type, mode, closed: null, at };
    case "found_closed":
      return { type: "found", mode, closed: reason, at };
    case "block":
      return { type, reason, at };
    case "disconnect":
    case "lock":
    case "disturbed":
    case "offline":
    case "online":
      return { type, at };
    case "failed":
      return { type, generation, reason, open: verified === "traffic" ? null : OPEN, at };
    case "still_protected":
      return { type, generation, reason, at };
    case "passed":
      return { type, generation, verified, at };
    default:
      return { type, generation, at };
  }
}

interface Step {
  readonly before: MachineState;
  readonly event: MachineEvent;
  readonly after: MachineState;
  readonly effects: ReturnType<typeof transition>["effects"];
}

function walk(happenings: readonly Happening[]): readonly Step[] {
  let state = INITIAL;
  return happenings.map((happening, index) => {
    const before = state;
    const event = eventOf(happening, before, 1_700_000_000_000 + index);
    const { state: after, effects } = transition(before, event);
    state = after;
    return { before, event, after, effects };
  });
}

/** 400 walks of up to 100 events: more than 10,000 events a run. */
function holds(name: string, check: (steps: readonly Step[]) => void): void {
  test(name, () => {
    let events = 0;
    fc.assert(
      fc.property(fc.array(happening, { minLength: 30, maxLength: 100 }), (happenings) => {
        events += happenings.length;
        check(walk(happenings));
      }),
      { numRuns: 400 },
    );
    expect(events).toBeGreaterThan(10_000);
  });
}

const OPEN = { code: "not_protected", message: "open", remedy: "" };

const isProtected = (state: MachineState): boolean =>
  state.phase !== "disconnected" && state.phase !== "disconnecting";

holds("only an explicit disconnect leads out of the protected states", (steps) => {
  for (const { before, event, after } of steps)
    if (isProtected(before) && !isProtected(after)) expect(event.type).toBe("disconnect");
});

holds("who is told of a block is told of a closed device, and the next that succeeds ends it", (steps) => {
  for (const { event, after } of steps) {
    if (event.type === "failed" && event.generation === after.generation && isProtected(after))
      expect(statusOf(after)).toMatchObject(
        event.open === null
          ? { state: "blocked" }
          : // Of lockdown nobody is told that something connects.
            { state: closedFor(after) === LOCKDOWN ? "disconnected" : "connecting", reason: OPEN },
      );
    if (event.type === "applied" && event.generation === after.generation && isProtected(after))
      expect(statusOf(after)).not.toMatchObject({ reason: OPEN });
  }
});

holds("removing protection is only ever asked for by a disconnect", (steps) => {
  for (const { event, effects } of steps)
    if (effects.some((effect) => effect.do === "unprotect")) expect(event.type).toBe("disconnect");
});

holds("disconnected is entered only when everything was put back", (steps) => {
  for (const { before, event, after } of steps)
    if (before.phase !== "disconnected" && after.phase === "disconnected")
      expect([before.phase, event.type]).toEqual(["disconnecting", "unprotected"]);
});

holds("blocked and reconnecting always say why, and what would end it", (steps) => {
  for (const { after } of steps) {
    const status = statusOf(after);
    if (status.state !== "blocked" && status.state !== "reconnecting") continue;
    expect(status.reason.message).not.toBe("");
    expect(status.reason.remedy).not.toBe("");
  }
});

holds("news of an older wish changes nothing", (steps) => {
  for (const { before, event, after, effects } of steps) {
    if (!("generation" in event) || event.generation === before.generation) continue;
    expect(after).toBe(before);
    expect(effects).toEqual([]);
  }
});

holds("connected is entered only because something came back through the tunnel", (steps) => {
  for (const { before, event, after } of steps)
    if (before.phase !== "connected" && after.phase === "connected") expect(event.type).toBe("passed");
});

holds("every new wish is brought about, and a closed one closed", (steps) => {
  for (const { before, after, effects } of steps) {
    if (after.generation === before.generation) continue;
    const asked = effects.filter((effect) => effect.do === "reconcile" || effect.do === "unprotect");
    expect(asked).toHaveLength(1);
    const [effect] = asked;
    if (effect?.do === "reconcile") expect(effect.closed).toBe(after.phase === "blocked" && after.closed);
  }
});

holds("what somebody asked to be closed stays closed until the next wish", (steps) => {
  for (const { before, after } of steps)
    if (before.phase === "blocked" && before.closed && before.generation === after.generation)
      expect(after).toMatchObject({ phase: "blocked", closed: true });
});

holds("a failure is always tried again while the wish stands", (steps) => {
  for (const { before, event, effects } of steps)
    if (event.type === "failed" && event.generation === before.generation && isProtected(before))
      expect(effects.some((effect) => effect.do === "retry")).toBe(true);
});

holds("lockdown closes from every state, says so, and opens nothing on the way", (steps) => {
  for (const { event, after, effects } of steps) {
    if (event.type !== "lock") continue;
    expect(after).toMatchObject({ phase: "blocked", closed: true, mode: "full_tunnel" });
    expect(isAtRest(statusOf(after))).toBe(true);
    expect(effects.some((effect) => effect.do === "unprotect")).toBe(false);
  }
});

test("why everything is to be closed is known also while that fails, and no longer than it is wanted", () => {
  const steps: readonly MachineEvent[] = [
    { type: "lock", at: 0 },
    { type: "failed", generation: 1, reason, open: OPEN, at: 1 },
  ];
  const failed = steps.reduce((state, event) => transition(state, event).state, INITIAL);
  // Nobody is told of a closed device, nor of one that connects.
  expect(statusOf(failed)).toEqual({ state: "disconnected", reason: OPEN });
  expect(isAtRest(statusOf(failed))).toBe(true);
  expect(closedFor(failed)).toBe(LOCKDOWN);
  const wanted = transition(failed, { type: "apply", mode: "vpn_only", at: 2 }).state;
  const refused = transition(wanted, { type: "failed", generation: 2, reason, open: null, at: 3 }).state;
  expect([failed, wanted, refused].map(({ phase }) => phase)).toEqual(["blocked", "connecting", "blocked"]);
  expect([wanted, refused].map(closedFor)).toEqual([null, null]);
});

test("attempts come at a growing distance, at most half a minute", () => {
  expect([1, 2, 3, 8, 100].map(backoff)).toEqual([250, 500, 1000, 30_000, 30_000]);
});

test("a disconnect while disconnected still removes whatever an earlier life left", () => {
  const { state, effects } = transition(INITIAL, { type: "disconnect", at: 0 });
  expect(state.phase).toBe("disconnecting");
  expect(effects.map((effect) => effect.do)).toContain("unprotect");
});

holds("without a network nothing is probed, and it is said", (steps) => {
  for (const { before, event, after, effects } of steps) {
    if (event.type === "offline" && isProtected(before) && before.phase !== "blocked")
      expect(statusOf(after)).toMatchObject({ state: "reconnecting", reason: { code: "offline" } });
    const status = statusOf(after);
    if (status.state === "reconnecting" && status.reason.code === "offline")
      expect(effects.some((effect) => effect.do === "probe")).toBe(false);
  }
});

test("a network that is back is probed at once", () => {
  const at = 0;
  const up = transition(INITIAL, { type: "apply", mode: "full_tunnel", at }).state;
  const away = transition(up, { type: "offline", at }).state;
  const silent = transition(away, { type: "silent", generation: away.generation, at }).state;
  expect(statusOf(silent)).toMatchObject({ reason: { code: "offline" } });
  const back = transition(silent, { type: "online", at });
  expect(back.state.phase).toBe("connecting");
  expect(back.effects).toEqual([{ do: "probe", generation: away.generation }]);
  expect(transition(back.state, { type: "online", at })).toEqual({ state: back.state, effects: [] });
});
