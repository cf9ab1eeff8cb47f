/**
 * The tunnel's state machine: a pure transition function. The engine feeds it events one at a time and carries out
 * the effects. Times are milliseconds since the epoch. Only `disconnect` leads out of the protected states.
 *
 * `generation` numbers what is wanted. An event about an older wish (a reconcile that ended after the next one was
 * asked for) carries an older number and changes nothing.
 */
import { LOCKDOWN } from "./lockdown.ts";
import type { Blockage, TunnelBlockage, TunnelMode, TunnelStatus } from "./types.ts";

/** How protected states came about and what is known of them. */
interface Wanted {
  readonly mode: TunnelMode;
  readonly generation: number;
  /** When this state began. */
  readonly since: number;
  /** Reconciles that did not succeed since the last that did. */
  readonly failures: number;
}

export type MachineState =
  | { readonly phase: "disconnected"; readonly generation: number }
  | ({ readonly phase: "connecting" } & Wanted)
  | ({ readonly phase: "connected"; readonly verified: "traffic" | "handshake" } & Wanted)
  | ({ readonly phase: "reconnecting"; readonly reason: Blockage } & Wanted)
  /**
   * `closed`: somebody asked for it; otherwise the system refused and it is tried again. `open`: why not even that is
   * closed which has to be; null = it is.
   */
  | ({
      readonly phase: "blocked";
      readonly reason: Blockage;
      readonly closed: boolean;
      readonly open: Blockage | null;
    } & Wanted)
  | {
      readonly phase: "disconnecting";
      readonly mode: TunnelMode;
      readonly generation: number;
      readonly since: number;
    };

export type MachineEvent = { readonly at: number } & (
  | { readonly type: "apply"; readonly mode: TunnelMode }
  | { readonly type: "block"; readonly reason: Blockage }
  | { readonly type: "disconnect" }
  /** Nobody is connected any more, and lockdown keeps everything closed. */
  | { readonly type: "lock" }
  /** An earlier life of the agent left this wish behind. */
  | { readonly type: "found"; readonly mode: TunnelMode; readonly closed: Blockage | null }
  /** The system is as wanted. */
  | { readonly type: "applied"; readonly generation: number }
  /** It could not be made so. `open`: and nothing closes what the mode closes, for this reason. */
  | {
      readonly type: "failed";
      readonly generation: number;
      readonly reason: Blockage;
      readonly open: Blockage | null;
    }
  /** Time to try again. */
  | { readonly type: "retry"; readonly generation: number }
  | { readonly type: "passed"; readonly generation: number; readonly verified: "traffic" | "handshake" }
  | { readonly type: "silent"; readonly generation: number }
  /** Somebody else changed what is ours, or the networks around changed. */
  | { readonly type: "disturbed" }
  /** Nothing leads to the gateways: no carrier, no address, no route. `online`: something does. */
  | { readonly type: "offline" }
  | { readonly type: "online" }
  | { readonly type: "unprotected"; readonly generation: number }
  | { readonly type: "still_protected"; readonly generation: number; readonly reason: Blockage }
);

export type Effect =
  /** Make the system as the newest wish says, and answer `applied` or `failed`. */
  | { readonly do: "reconcile"; readonly generation: number; readonly closed: boolean }
  /** Send `retry` after so many milliseconds. */
  | { readonly do: "retry"; readonly generation: number; readonly milliseconds: number }
  /** Look whether traffic passes; `passed` and `silent` follow until the next wish. */
  | { readonly do: "probe"; readonly generation: number }
  | { readonly do: "stop_probing" }
  /** Remove everything, and answer `unprotected` or `still_protected`. */
  | { readonly do: "unprotect"; readonly generation: number };

export interface Transition {
  readonly state: MachineState;
  readonly effects: readonly Effect[];
}

export const INITIAL: MachineState = { phase: "disconnected", generation: 0 };

/** Milliseconds before the n-th next attempt: doubling from a quarter of a second to half a minute. */
export function backoff(failures: number): number {
  return Math.min(30_000, 250 * 2 ** Math.min(failures - 1, 10));
}

/** Nothing comes back through the tunnel. */
export const SILENT: TunnelBlockage = {
  code: "gateway_silent",
  message: "The gateway does not answer. Traffic that belongs in the tunnel waits.",
  remedy:
    "It goes on as soon as the gateway answers. Check this device's own connection, or choose another gateway.",
};

const OFFLINE: TunnelBlockage = {
  code: "offline",
  message: "This device is not connected to any network. What is protected stays protected.",
  remedy: "It goes on by itself as soon as there is a network: check the cable or the Wi-Fi.",
};

/** The next state and what has to be done. Events that make no sense in a state change nothing. */
export function transition(state: MachineState, event: MachineEvent): Transition {
  if ("generation" in event && event.generation !== state.generation) return stay(state);
  switch (event.type) {
    case "apply":
      return want(state, event.mode, event.at);
    case "found":
      return event.closed === null
        ? want(state, event.mode, event.at)
        : close(state, event.mode, event.closed, event.at);
    case "block":
      return state.phase === "disconnected" || state.phase === "disconnecting"
        ? stay(state)
        : close(state, state.mode, event.reason, event.at);
    case "disconnect":
      return disconnect(state, event.at);
    case "lock":
      return close(state, "full_tunnel", LOCKDOWN, event.at);
    case "unprotected":
      return state.phase === "disconnecting"
        ? { state: { phase: "disconnected", generation: state.generation }, effects: [] }
        : stay(state);
    case "still_protected":
      return stillProtected(state, event.reason, event.at);
    case "applied":
    case "failed":
    case "retry":
    case "passed":
    case "silent":
    case "disturbed":
    case "offline":
    case "online":
      return state.phase === "disconnected" || state.phase === "disconnecting"
        ? stay(state)
        : progress(state, event);
  }
}

type Protected = Exclude<MachineState, { phase: "disconnected" | "disconnecting" }>;
type Progress = Extract<
  MachineEvent,
  { type: "applied" | "failed" | "retry" | "passed" | "silent" | "disturbed" | "offline" | "online" }
>;

function progress(state: Protected, event: Progress): Transition {
  const closed = state.phase === "blocked" && state.closed;
  const reconcile: Effect = { do: "reconcile", generation: state.generation, closed };
  switch (event.type) {
    case "applied":
      // Without a network there is nothing to look at until it is back.
      if (closed) return stay({ ...state, failures: 0, open: null });
      if (isOffline(state)) return stay({ ...state, failures: 0 });
      return {
        state: state.phase === "blocked" ? connecting(state, event.at) : { ...state, failures: 0 },
        effects: [{ do: "probe", generation: state.generation }],
      };
    case "failed": {
      const failures = state.failures + 1;
      return {
        state: closed
          ? { ...state, failures, open: event.open }
          : {
              phase: "blocked",
              closed: false,
              reason: event.reason,
              open: event.open,
              mode: state.mode,
              generation: state.generation,
              since: state.phase === "blocked" ? state.since : event.at,
              failures,
            },
        effects: [
          { do: "stop_probing" },
          { do: "retry", generation: state.generation, milliseconds: backoff(failures) },
        ],
      };
    }
    case "retry":
    case "disturbed":
      return { state, effects: [reconcile] };
    case "passed":
      if (state.phase === "blocked") return stay(state);
      if (state.phase === "connected" && state.verified === event.verified) return stay(state);
      return stay({ ...wanted(state), phase: "connected", verified: event.verified, since: event.at });
    case "silent":
      if (state.phase === "blocked") return stay(state);
      // Perhaps a peer was taken from the interface, which nobody is told about: look.
      return {
        state:
          state.phase === "reconnecting"
            ? state
            : { ...wanted(state), phase: "reconnecting", reason: SILENT, since: event.at },
        effects: [reconcile],
      };
    case "offline":
      if (state.phase === "blocked" || isOffline(state)) return stay(state);
      return {
        state: { ...wanted(state), phase: "reconnecting", reason: OFFLINE, since: event.at },
        effects: [{ do: "stop_probing" }],
      };
    case "online":
      if (!isOffline(state)) return stay(state);
      return {
        state: connecting(state, event.at),
        effects: [{ do: "probe", generation: state.generation }],
      };
  }
}

function isOffline(state: Protected): boolean {
  return state.phase === "reconnecting" && state.reason === OFFLINE;
}

function wanted(state: Protected): Wanted {
  const { mode, generation, since, failures } = state;
  return { mode, generation, since, failures };
}

function connecting(state: Protected, at: number): MachineState {
  return { ...wanted(state), phase: "connecting", since: at, failures: 0 };
}

function want(state: MachineState, mode: TunnelMode, at: number): Transition {
  const generation = state.generation + 1;
  return {
    state: { phase: "connecting", mode, generation, since: at, failures: 0 },
    effects: [{ do: "stop_probing" }, { do: "reconcile", generation, closed: false }],
  };
}

function close(state: MachineState, mode: TunnelMode, reason: Blockage, at: number): Transition {
  const generation = state.generation + 1;
  return {
    state: { phase: "blocked", closed: true, reason, open: null, mode, generation, since: at, failures: 0 },
    effects: [{ do: "stop_probing" }, { do: "reconcile", generation, closed: true }],
  };
}

function disconnect(state: MachineState, at: number): Transition {
  if (state.phase === "disconnecting") return stay(state);
  const generation = state.generation + 1;
  // From `disconnected` too: whatever is left of ours goes.
  const mode = state.phase === "disconnected" ? "vpn_only" : state.mode;
  return {
    state: { phase: "disconnecting", mode, generation, since: at },
    effects: [{ do: "stop_probing" }, { do: "unprotect", generation }],
  };
}

function stillProtected(state: MachineState, reason: Blockage, at: number): Transition {
  if (state.phase !== "disconnecting") return stay(state);
  const { mode, generation } = state;
  return stay({
    ...{ phase: "blocked", closed: true, reason, open: null, mode, generation, since: at, failures: 0 },
  });
}

function stay(state: MachineState): Transition {
  return { state, effects: [] };
}

/** Why somebody asked for everything to be closed, also where that could not be done yet; null = nobody did. */
export function closedFor(state: MachineState): Blockage | null {
  return state.phase === "blocked" && state.closed ? state.reason : null;
}

/** What the faces are told. */
export function statusOf(state: MachineState): TunnelStatus {
  if (state.phase === "disconnected") return { state: "disconnected" };
  const since = new Date(state.since).toISOString();
  switch (state.phase) {
    case "connecting":
      return { state: "connecting", mode: state.mode, since };
    case "connected":
      return { state: "connected", mode: state.mode, since, verified: state.verified };
    case "blocked":
      // Blocked is what a device is of which something is known to be closed.
      if (state.open !== null)
        return closedFor(state)?.code === LOCKDOWN.code
          ? { state: "disconnected", reason: state.open }
          : { state: "connecting", mode: state.mode, since, reason: state.open };
      return { state: "blocked", mode: state.mode, since, reason: state.reason };
    case "reconnecting":
      return { state: "reconnecting", mode: state.mode, since, reason: state.reason };
    case "disconnecting":
      return { state: "disconnecting", since };
  }
}
