/** What the system has of ours, as a value: interface, peers, routes, rules, firewall. */
import type { Family } from "../../wireguard/address.ts";
import type { Dump } from "../../wireguard/dump.ts";
import type { InterfaceAddress, Prefix } from "../../wireguard/prefix.ts";
import type { Route, Rule } from "../network-state.ts";

export interface Link {
  readonly index: number;
  readonly mtu: number;
  readonly up: boolean;
  /** With their length; link-local ones that the kernel made are left out. */
  readonly addresses: readonly (Prefix | InterfaceAddress)[];
}

export interface ActualState {
  readonly link: Link | null;
  readonly device: Dump | null;
  /** Routes in our table. One that is not of a kind we make has `via` null. */
  readonly routes: readonly ActualRoute[];
  readonly rules: readonly ActualRule[];
  /** What `nft` prints for our table, without counters; null = there is none. */
  readonly firewall: string | null;
}

export interface ActualRoute {
  readonly family: Family;
  readonly to: Prefix;
  readonly metric: number;
  readonly via: Route["via"] | null;
  /** What tells it from every route of ours, where something does. */
  readonly only?: RouteLimits;
}

/** For which packets alone a route is; ours never are so. */
export interface RouteLimits {
  /** The type of service, as its byte; 0 = any. */
  readonly tos: number;
  /** From where; null = anywhere. */
  readonly from: Prefix | null;
}

/** A rule at one of our priorities; `rule` is null when it is not of a kind we make. */
export interface ActualRule {
  readonly family: Family;
  readonly priority: number;
  readonly rule: Rule | null;
}

/** A system on which nothing of ours is. */
export const NOTHING: ActualState = {
  link: null,
  device: null,
  routes: [],
  rules: [],
  firewall: null,
};
