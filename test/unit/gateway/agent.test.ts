import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { GatewayMessage, GatewayState } from "../../../src/api/events.ts";
import { GatewayAgent, HEALTH_MS, type Enforcer } from "../../../src/gateway/agent.ts";
import type { CheckedState } from "../../../src/gateway/check-state.ts";
import { peerOf, SELF, stateOf } from "./states.ts";

/** A kernel that does as it is told, slowly, and can be broken. */
class FakeEnforcer implements Enforcer {
  readonly applied: (number | null)[] = [];
  failure: string | null = null;
  drift: string | null = null;
  delay = 10;

  async apply(state: CheckedState | null): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.delay));
    if (this.failure !== null) throw new Error(this.failure);
    this.applied.push(state?.version ?? null);
    this.drift = null;
  }

  problem(): Promise<string | null> {
    return Promise.resolve(this.drift);
  }
}

let enforcer: FakeEnforcer;
let stored: GatewayState | null;
let unforgettable: boolean;
let sent: GatewayMessage[];
let agent: GatewayAgent;

beforeEach(() => {
  vi.useFakeTimers();
  enforcer = new FakeEnforcer();
  stored = null;
  unforgettable = false;
  sent = [];
  agent = new GatewayAgent({
    self: SELF,
    enforcer,
    memory: {
      save: (state) => {
        stored = state;
        return Promise.resolve();
      },
      forget: () => {
        if (unforgettable) return Promise.reject(new Error("read-only file system"));
        stored = null;
        return Promise.resolve();
      },
    },
    load: () => Promise.resolve(0.25),
    send: (message) => sent.push(message) > 0,
    log: { info: () => undefined, warn: () => undefined },
    now: () => performance.now(),
  });
});
afterEach(async () => {
  await agent.stop();
  vi.useRealTimers();
});

const version = (number: number, more: Partial<GatewayState> = {}) =>
  stateOf([peerOf(0)], { version: number, ...more });
const start = async (state: GatewayState | null) => {
  const started = agent.start(state);
  await vi.advanceTimersByTimeAsync(20);
  await started;
  agent.onSession({ state: "connected" });
};
const receive = (state: GatewayState) => agent.onMessage({ type: "state.changed", state });
const appliedMessages = () => sent.filter((message) => message.type === "state.applied");
const lastHealth = () => sent.filter((message) => message.type === "health").at(-1);

describe("at the start", () => {
  test("without a stored state everything is denied, and it says that it is not healthy", async () => {
    await start(null);
    await vi.advanceTimersByTimeAsync(0);
    expect(enforcer.applied).toEqual([null]);
    expect(agent.hello()).toEqual({ type: "hello" });
    expect(lastHealth()).toMatchObject({ healthy: false, load: 0.25 });
  });

  test("the stored state comes into force and is what it says hello with", async () => {
    await start(version(7));
    await vi.advanceTimersByTimeAsync(0);
    expect(enforcer.applied).toEqual([7]);
    expect(agent.hello()).toEqual({ type: "hello", version: 7 });
    expect(lastHealth()).toMatchObject({ healthy: true });
  });

  test("a stored state of another gateway is denial", async () => {
    await start(version(7, { deviceId: "dev_Other0000" }));
    expect(enforcer.applied).toEqual([null]);
  });
});

test("a state is stored and reported only when it is in force", async () => {
  await start(null);
  receive(version(1));
  expect(appliedMessages()).toEqual([]);
  expect(stored).toBeNull();
  await vi.advanceTimersByTimeAsync(20);
  expect(appliedMessages()).toEqual([{ type: "state.applied", version: 1 }]);
  expect(stored).toEqual(version(1));
});

test("of many states that come while one is being applied only the newest counts", async () => {
  await start(null);
  for (let number = 1; number <= 20; number += 1) receive(version(number));
  await vi.advanceTimersByTimeAsync(100);
  expect(enforcer.applied).toEqual([null, 1, 20]);
});

test("an older version is ignored on one connection and taken on the next", async () => {
  await start(null);
  receive(version(9));
  receive(version(3));
  await vi.advanceTimersByTimeAsync(50);
  agent.onSession({ state: "connected" });
  receive(version(3));
  await vi.advanceTimersByTimeAsync(50);
  expect(enforcer.applied).toEqual([null, 9, 3]);
});

test("a refused state is reported beside the version that stays in force", async () => {
  await start(version(4));
  receive(version(5, { overlayPrefixes: ["0.0.0.0/0"] }));
  await vi.advanceTimersByTimeAsync(50);
  expect(enforcer.applied).toEqual([4]);
  expect(appliedMessages().at(-1)).toMatchObject({ version: 4, refused: [{ code: "bad_overlay" }] });
  expect(stored).toEqual(version(4));
});

test("a state of another workspace is refused once one was in force", async () => {
  await start(version(4));
  receive({ ...version(5), workspaceId: "ws_Globex0000", peers: [] });
  await vi.advanceTimersByTimeAsync(50);
  expect(appliedMessages().at(-1)).toMatchObject({ version: 4, refused: [{ code: "wrong_workspace" }] });
});

test("refused peers are named, at most as many as a message holds", async () => {
  await start(null);
  receive(stateOf(Array.from({ length: 100 }, (_, n) => peerOf(n, { addresses: ["10.0.0.1/32"] }))));
  await vi.advanceTimersByTimeAsync(50);
  expect(appliedMessages().at(-1)?.refused).toHaveLength(64);
});

test("what fails is said, tried again, and given up for something newer", async () => {
  await start(null);
  enforcer.failure = "nft: no";
  receive(version(1));
  await vi.advanceTimersByTimeAsync(100);
  expect(lastHealth()).toMatchObject({ healthy: false, message: "nft: no" });
  enforcer.failure = null;
  receive(version(2));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(enforcer.applied).toEqual([null, 2]);
  expect(lastHealth()).toMatchObject({ healthy: true });
});

test("what fails and has no successor is tried until it holds", async () => {
  await start(null);
  enforcer.failure = "nft: no";
  receive(version(1));
  await vi.advanceTimersByTimeAsync(5_000);
  enforcer.failure = null;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(enforcer.applied).toEqual([null, 1]);
});

test("what others change is put right within one interval", async () => {
  await start(version(1));
  await vi.advanceTimersByTimeAsync(HEALTH_MS + 10);
  enforcer.drift = "somebody changed the rules";
  await vi.advanceTimersByTimeAsync(HEALTH_MS + 50);
  expect(enforcer.applied).toEqual([1, 1]);
});

test("a revoked gateway denies, forgets its state and listens to nothing more", async () => {
  await start(version(1));
  agent.onSession({ state: "revoked", message: "revoked by an operator" });
  receive(version(2));
  await vi.advanceTimersByTimeAsync(50);
  expect(enforcer.applied).toEqual([1, null]);
  expect(stored).toBeNull();
});

test("a revoked gateway has forgotten its state even where denying does not work yet", async () => {
  await start(version(1));
  enforcer.failure = "nft is not there";
  agent.onSession({ state: "revoked", message: "revoked by an operator" });
  await vi.advanceTimersByTimeAsync(15);
  expect(stored).toBeNull();
  enforcer.failure = null;
  await vi.advanceTimersByTimeAsync(1000);
  expect(enforcer.applied).toEqual([1, null]);
});

test("a state that was on its way when the gateway was revoked is not kept", async () => {
  await start(version(1));
  receive(version(2));
  agent.onSession({ state: "revoked", message: "revoked by an operator" });
  enforcer.delay = 10_000;
  await vi.advanceTimersByTimeAsync(15);
  expect(stored).toBeNull();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(enforcer.applied.at(-1)).toBeNull();
});

test("a revoked gateway denies even where its state cannot be deleted, and tries that again", async () => {
  await start(version(1));
  unforgettable = true;
  agent.onSession({ state: "revoked", message: "revoked by an operator" });
  await vi.advanceTimersByTimeAsync(20);
  expect(enforcer.applied).toEqual([1, null]);
  expect(lastHealth()).toMatchObject({ healthy: false });
  unforgettable = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(stored).toBeNull();
});

test("an absent control plane changes nothing", async () => {
  await start(version(1));
  agent.onSession({ state: "waiting", problem: "gone", retryMs: 1000 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(enforcer.applied).toEqual([1]);
});

test("stopping leaves what is in force", async () => {
  await start(version(1));
  await agent.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(enforcer.applied).toEqual([1]);
  expect(stored).toEqual(version(1));
});
