/** An agent that says what a test wants, over the real socket and the real contract. */
import type { MethodName, Params, Snapshot } from "../../../src/rpc/contract.ts";
import type { Handlers } from "../../../src/rpc/server.ts";
import { serve, SNAPSHOT, type Peer } from "../../unit/rpc/fixtures.ts";

interface Asked {
  readonly method: MethodName;
  readonly params: unknown;
}

export interface StandIn extends AsyncDisposable {
  readonly socket: string;
  readonly snapshot: Snapshot;
  /** Requests that came, in their order. */
  readonly asked: readonly Asked[];
  /** Those among them that asked for one of these. */
  askedFor(...methods: readonly MethodName[]): readonly Asked[];
  /** Something is new. */
  say(patch: Partial<Snapshot>): void;
  /** Ends it, as a crash does. */
  stop(): Promise<void>;
}

type Overrides = Partial<Handlers<Peer>>;

/** Starts one that says `first`, at a socket of its own or `at` one. What `handlers` do not answer is refused. */
export async function startStandIn(
  first: Partial<Snapshot> = {},
  handlers: Overrides = {},
  at?: string,
): Promise<StandIn> {
  let snapshot: Snapshot = { ...SNAPSHOT, ...first };
  const asked: Asked[] = [];
  const noting =
    <M extends keyof Overrides>(method: M, answer: NonNullable<Overrides[M]>) =>
    (params: Params<M>, peer: Peer) => {
      asked.push({ method, params });
      // One method's own answer to its own parameters.
      return (answer as (params: Params<M>, peer: Peer) => unknown)(params, peer);
    };
  const all: Overrides = {
    noteEvent: () => Promise.resolve({}),
    listProfiles: () => Promise.resolve([]),
    connect: () => Promise.resolve(snapshot),
    disconnect: () => Promise.resolve(snapshot),
    ...handlers,
  };
  const noted = Object.fromEntries(
    Object.entries(all).map(([method, answer]) => [method, noting(method as keyof Overrides, answer)]),
  ) as Handlers<Peer>;
  const agent = await serve({ snapshot: () => snapshot, handlers: noted }, at);
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await agent[Symbol.asyncDispose]();
  };
  return {
    socket: agent.path,
    get snapshot() {
      return snapshot;
    },
    asked,
    askedFor: (...methods) => asked.filter(({ method }) => methods.includes(method)),
    say(patch) {
      snapshot = { ...snapshot, ...patch };
      agent.server.publish(patch);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
