import { describe, expect, test } from "vitest";
import { bridgeClient } from "../../../renderer/bridge/client.ts";
import type { Carrier } from "../../../src/bridge/contract.ts";
import { DEFAULT_PRESENTATION, type BridgeState } from "../../../src/bridge/state.ts";
import { FACTS } from "../face/fixtures.ts";
import { SNAPSHOT } from "../rpc/fixtures.ts";

const STATE: BridgeState = {
  agent: { state: "ready", snapshot: SNAPSHOT },
  presentation: DEFAULT_PRESENTATION,
  host: FACTS,
  offers: [],
  signingIn: null,
};

/** A carrier in the test's hands. */
function carrier(answer: unknown) {
  const listeners: ((update: unknown) => void)[] = [];
  const fake: Carrier = {
    request: () => Promise.resolve(answer),
    subscribe: (listener) => {
      listeners.push(listener);
      return () => undefined;
    },
  };
  return { fake, listeners, tell: (update: unknown) => listeners.at(-1)?.(update) };
}

test("an answer is a value, parsed as if the host could be wrong", async () => {
  expect(await bridgeClient(carrier({ ok: true, value: [] }).fake).request("gateways", {})).toEqual({
    ok: true,
    value: [],
  });
  const problem = { code: "agent_away", message: "The Nanami service is not running." };
  expect(await bridgeClient(carrier({ ok: false, problem }).fake).request("gateways", {})).toEqual({
    ok: false,
    problem,
  });
  for (const wrong of [
    undefined,
    null,
    { ok: true, value: "gateways" },
    { ok: "yes" },
    { ok: true, value: [{}] },
  ])
    expect(await bridgeClient(carrier(wrong).fake).request("gateways", {})).toMatchObject({
      ok: false,
      problem: { code: "other_version" },
    });
});

describe("while what serves this window's program is gone", () => {
  const noSchemas = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));

  test("a refusal is told in its own words", async () => {
    const problem = { code: "agent_away", message: "The connection to the app was lost before it answered." };
    expect(
      await bridgeClient(carrier({ ok: false, problem }).fake, noSchemas).request("gateways", {}),
    ).toEqual({
      ok: false,
      problem,
    });
  });

  test("an answer that cannot be read any more is a problem", async () => {
    const { fake } = carrier({ ok: true, value: [] });
    expect(await bridgeClient(fake, noSchemas).request("gateways", {})).toMatchObject({
      ok: false,
      problem: { code: "agent_away" },
    });
  });

  test("a carrier that throws is a problem", async () => {
    const { fake } = carrier(undefined);
    const thrown = { ...fake, request: () => Promise.reject(new Error("the door is closed")) };
    expect(await bridgeClient(thrown).request("gateways", {})).toMatchObject({
      ok: false,
      problem: { code: "agent_away" },
    });
  });

  test("the next request fetches the program anew", async () => {
    let gone = true;
    const client = bridgeClient(carrier({ ok: true, value: [] }).fake, () =>
      gone ? noSchemas() : import("../../../src/bridge/contract.ts"),
    );
    expect(await client.request("gateways", {})).toMatchObject({ ok: false });
    gone = false;
    expect(await client.request("gateways", {})).toEqual({ ok: true, value: [] });
  });
});

test("updates change what is known, in their order", () => {
  const { fake, tell } = carrier(undefined);
  const states: BridgeState[] = [];
  bridgeClient(fake).watch((state) => states.push(state));
  tell({ kind: "state", sequence: 0, state: STATE });
  tell({ kind: "snapshot", sequence: 1, patch: { announcement: "news" } });
  tell({
    kind: "changed",
    sequence: 2,
    patch: { presentation: { ...DEFAULT_PRESENTATION, language: "ja" } },
  });
  expect(states).toHaveLength(3);
  expect(states.at(-1)).toMatchObject({
    agent: { snapshot: { announcement: "news" } },
    presentation: { language: "ja" },
  });
});

test.each([
  ["a gap", { kind: "snapshot", sequence: 5, patch: { announcement: "news" } }],
  ["what nobody understands", { kind: "snapshot", sequence: 1, patch: { announcement: 7 } }],
  ["a patch while the agent is away", "away"],
])("after %s the whole state is asked for anew", (_, update) => {
  const { fake, tell, listeners } = carrier(undefined);
  const states: BridgeState[] = [];
  bridgeClient(fake).watch((state) => states.push(state));
  if (update === "away") {
    tell({ kind: "state", sequence: 0, state: { ...STATE, agent: { state: "looking" } } });
    tell({ kind: "snapshot", sequence: 1, patch: { announcement: "news" } });
  } else {
    tell({ kind: "state", sequence: 0, state: STATE });
    tell(update);
  }
  expect(listeners).toHaveLength(2);
  expect(states).toHaveLength(1);
  tell({ kind: "state", sequence: 0, state: STATE });
  expect(states).toHaveLength(2);
});

test("a host that never says what is understood is not asked in a loop", () => {
  const { fake, listeners, tell } = carrier(undefined);
  bridgeClient(fake).watch(() => undefined);
  for (let round = 0; round < 5; round += 1)
    tell({ kind: "state", sequence: 0, state: { agent: "gone mad" } });
  expect(listeners).toHaveLength(2);
});
