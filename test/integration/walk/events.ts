/**
 * What happens in a walk, dealt from a seed alone: the same seed gives the same events, whatever the device makes of
 * them. Pure.
 */
import type { TrafficMode } from "../../../src/routing/types.ts";

/** What somebody else on the device takes away or changes. */
export const TAMPERINGS = ["firewall", "chain", "rules", "routes", "interface", "peers", "resolver"] as const;
export type Tampering = (typeof TAMPERINGS)[number];

/** Gateways by name that a person may choose, as ingress and egress. */
export const PINS = [
  ["tokyo", "tokyo"],
  ["osaka", "frankfurt"],
  ["tokyo", "frankfurt"],
  ["frankfurt", "tokyo"],
] as const;

export type WalkEvent =
  | { readonly do: "connect"; readonly mode: TrafficMode }
  | { readonly do: "disconnect" }
  | { readonly do: "pin"; readonly pin: (typeof PINS)[number] }
  | { readonly do: "unpin" }
  /** The gateway that traffic enters at falls silent, or all that fell silent return. */
  | { readonly do: "gateway"; readonly is: "silent" | "back" }
  | { readonly do: "link"; readonly is: "lost" | "back" }
  | { readonly do: "move"; readonly to: "hotel" | "café" }
  | { readonly do: "control plane"; readonly is: "down" | "garbage" | "silence" | "back" }
  | { readonly do: "kill -9"; readonly awayMs: number }
  /** The device sleeps: its programs stand still, and its clock is somewhere else afterwards. */
  | { readonly do: "sleep"; readonly ms: number; readonly clockHours: number }
  | { readonly do: "tamper"; readonly with: Tampering }
  | { readonly do: "rp_filter"; readonly value: 0 | 1 | 2 }
  | { readonly do: "local network"; readonly is: "allow" | "block" }
  /** Everything around works again, and the device has to as well. */
  | { readonly do: "calm" };

export interface Step {
  readonly event: WalkEvent;
  /** Milliseconds until the next one. */
  readonly pauseMs: number;
}

/** Longest pause; a half is the mean. */
const LONGEST_PAUSE_MS = 350;
/** Events between two calms. */
const CALM_EVERY = 10;

/** A reproducible source of numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Around {
  readonly connected: boolean;
  readonly link: "lost" | "back";
  readonly place: "hotel" | "café";
  readonly controlPlane: "down" | "garbage" | "silence" | "back";
  readonly gateway: "silent" | "back";
  readonly rpFilter: 0 | 1 | 2;
  readonly localNetwork: "allow" | "block";
}

const START: Around = {
  connected: false,
  link: "back",
  place: "hotel",
  controlPlane: "back",
  gateway: "back",
  rpFilter: 0,
  localNetwork: "allow",
};

type Kind = Exclude<WalkEvent["do"], "calm">;

/** One hand: everything that may happen, in its proportion. */
const HAND: readonly Kind[] = [
  ...([
    "connect",
    "connect",
    "connect",
    "pin",
    "unpin",
    "gateway",
    "gateway",
    "link",
    "move",
    "tamper",
  ] as const),
  ...(["control plane", "control plane", "kill -9", "kill -9", "sleep", "tamper", "disconnect"] as const),
  ...(["rp_filter", "rp_filter", "local network"] as const),
];

/** The steps of one walk. Every kind of event comes before any comes again more often than its share. */
export function walk(seed: number, count: number): readonly Step[] {
  const random = seeded(seed);
  const steps: Step[] = [];
  let around = START;
  let hand: Kind[] = [];
  const add = (event: WalkEvent): void => {
    steps.push({ event, pauseMs: Math.round(random() * LONGEST_PAUSE_MS) });
    around = after(around, event);
  };
  add({ do: "connect", mode: pick(random, ["full_tunnel", "vpn_only"]) });
  while (steps.length < count) {
    if (steps.length % CALM_EVERY === 0) add({ do: "calm" });
    // A walk is about what is promised: nothing is while nobody is connected.
    else if (!around.connected && random() < 0.8)
      add({ do: "connect", mode: pick(random, ["full_tunnel", "vpn_only"]) });
    else {
      if (hand.length === 0) hand = shuffled(random, HAND);
      add(choose(random, hand.pop() ?? "connect", around));
    }
  }
  return steps;
}

function choose(random: () => number, kind: Kind, around: Around): WalkEvent {
  switch (kind) {
    case "connect":
      return { do: kind, mode: pick(random, ["full_tunnel", "vpn_only"]) };
    case "pin":
      return { do: kind, pin: pick(random, PINS) };
    case "unpin":
    case "disconnect":
      return { do: kind };
    case "gateway":
      return { do: kind, is: around.gateway === "back" ? "silent" : "back" };
    case "link":
      return { do: kind, is: around.link === "back" ? "lost" : "back" };
    case "move":
      return { do: kind, to: around.place === "hotel" ? "café" : "hotel" };
    case "control plane":
      return {
        do: kind,
        is: around.controlPlane === "back" ? pick(random, ["down", "garbage", "silence"]) : "back",
      };
    case "kill -9":
      return { do: kind, awayMs: Math.round(random() * 300) };
    case "sleep":
      return { do: kind, ms: Math.round(300 + random() * 1200), clockHours: pick(random, [-2, 1, 9]) };
    case "tamper":
      return { do: kind, with: pick(random, TAMPERINGS) };
    case "rp_filter":
      return { do: kind, value: ((around.rpFilter + 1) % 3) as 0 | 1 | 2 };
    case "local network":
      return { do: kind, is: around.localNetwork === "allow" ? "block" : "allow" };
  }
}

function after(around: Around, event: WalkEvent): Around {
  switch (event.do) {
    case "connect":
      return { ...around, connected: true };
    case "disconnect":
      return { ...around, connected: false };
    case "gateway":
      return { ...around, gateway: event.is };
    case "link":
      return { ...around, link: event.is };
    case "move":
      return { ...around, place: event.to, link: "back" };
    case "control plane":
      return { ...around, controlPlane: event.is };
    case "rp_filter":
      return { ...around, rpFilter: event.value };
    case "local network":
      return { ...around, localNetwork: event.is };
    case "calm":
      return { ...around, link: "back", controlPlane: "back", gateway: "back" };
    case "pin":
    case "unpin":
    case "kill -9":
    case "sleep":
    case "tamper":
      return around;
  }
}

function pick<T>(random: () => number, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

function shuffled<T>(random: () => number, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** A step in a few words. */
export function describeEvent(event: WalkEvent): string {
  switch (event.do) {
    case "connect":
      return `connect ${event.mode}`;
    case "pin":
      return `pin ${event.pin.join(" → ")}`;
    case "gateway":
    case "link":
    case "control plane":
    case "local network":
      return `${event.do}: ${event.is}`;
    case "move":
      return `move to the ${event.to}`;
    case "kill -9":
      return `kill -9 of the agent, away for ${event.awayMs} ms`;
    case "sleep":
      return `sleep ${event.ms} ms, clock ${event.clockHours > 0 ? "+" : ""}${event.clockHours} h`;
    case "tamper":
      return `tamper with: ${event.with}`;
    case "rp_filter":
      return `rp_filter ${event.value}`;
    case "disconnect":
    case "unpin":
    case "calm":
      return event.do;
  }
}
