/** What is promised, and what of that is in force. Pure. */
import { formatAddress, parseKernelAddressBytes } from "../wireguard/address.ts";
import { contains, parseKernelPrefix, prefixesBetween, type Prefix } from "../wireguard/prefix.ts";
import type { FirewallState } from "./network-state.ts";
import type { TunnelBlockage, TunnelMode, TunnelStatus } from "./types.ts";

/** What does not leave by any way but the tunnel. */
export interface Closure {
  readonly mode: TunnelMode;
  /** Closed whatever else is open. */
  readonly guarded: readonly Prefix[];
  /** In `full_tunnel`: the rest of the local network is open. */
  readonly local: boolean;
}

/** What a firewall that is made for this state closes. */
export function closureOf({ mode, guarded, local }: FirewallState): Closure {
  return { mode, guarded, local: local !== null };
}

/** What a status promises: everything is closed that a mode closes; null = nothing is. */
export function promiseOf(status: TunnelStatus): TunnelMode | null {
  return "mode" in status && !(status.state === "connecting" && status.reason !== undefined)
    ? status.mode
    : null;
}

/** Whether where one thing is closed the other is closed too; null = nothing is. */
export function covers(kept: Closure | null, promised: Closure | null): boolean {
  if (promised === null) return true;
  if (kept === null) return false;
  if (kept.mode === "full_tunnel" && !kept.local) return true;
  const everythingElse = promised.mode === "vpn_only" || (kept.mode === "full_tunnel" && promised.local);
  return (
    everythingElse &&
    promised.guarded.every((prefix) => kept.guarded.some((outer) => contains(outer, prefix)))
  );
}

/**
 * What a firewall closes for certain, as `nft` prints its table; null = none is there. All of ours judge what leaves,
 * but for the one that stays while a tunnel is taken down.
 */
export function keptBy(listing: string | null): Closure | null {
  const policy = /hook output priority [^;]*; policy (accept|drop);/.exec(listing ?? "")?.[1];
  if (listing === null || policy === undefined) return null;
  const guarded = guardedBy(listing);
  if (policy === "accept") return { mode: "vpn_only", guarded, local: false };
  return { mode: "full_tunnel", guarded, local: /daddr \{ 224\.0\.0\.0\/4, /.test(listing) };
}

/** A rule that keeps one or several prefixes from leaving by any way but the tunnel. */
const GUARD = /^\s*oifname != "[^"]+" ip6? daddr (?:\{ ([^}]+) \}|(\S+)) goto refuse$/gm;

/** The prefixes that the rules for what leaves guard. */
function guardedBy(listing: string): readonly Prefix[] {
  const output = /^\s*chain output \{\n(.*?)^\s*\}$/ms.exec(listing)?.[1] ?? "";
  return [...output.matchAll(GUARD)]
    .flatMap(([, several, one]) => (several ?? one ?? "").split(", "))
    .flatMap(membersOf);
}

/** What a set member is: a prefix, or `first-last` where `nft` merged adjacent ones; unreadable counts for none. */
function membersOf(text: string): readonly Prefix[] {
  const [first = "", last, ...more] = text.split("-");
  if (more.length > 0) return [];
  if (last === undefined) {
    const prefix = parseKernelPrefix(first);
    return prefix.ok ? [prefix.value] : [];
  }
  const [from, to] = [parseKernelAddressBytes(first), parseKernelAddressBytes(last)];
  return from.ok && to.ok ? prefixesBetween(formatAddress(from.value), formatAddress(to.value)) : [];
}

/** What can be open (the fact `open`), each as a sentence says it. */
const OPEN = {
  everything: "traffic leaves this device as if it was not connected",
  private_network: "the private network is not closed",
  local_network: "the local network is not closed",
} as const;

/** How the sentence begins that ends with what is open. */
const WISH = {
  not_protected: "The protection could not be put in place, so",
  lockdown_not_in_force: "Lockdown is not in force:",
} as const;

/** What a reason says is open (the fact), and in a sentence; null where it says that of nothing. */
export function whatIsOpen({
  code,
  facts,
}: Told): { readonly open: keyof typeof OPEN; readonly sentence: string } | null {
  const open = facts?.["open"];
  if (!isOneOf(WISH, code) || !isOneOf(OPEN, open)) return null;
  return { open, sentence: `${WISH[code]} ${OPEN[open]}.` };
}

interface Told {
  readonly code: string;
  readonly facts?: Readonly<Record<string, string>> | undefined;
}

function isOneOf<T extends object>(table: T, key: string | undefined): key is Extract<keyof T, string> {
  return key !== undefined && Object.hasOwn(table, key);
}

/**
 * What is told where not even the firewall could be made. `wish`: the mode of a connection, or lockdown while nobody is
 * connected. `kept`: what is closed nevertheless.
 */
export function notProtected(
  wish: TunnelMode | "lockdown",
  kept: Closure | null,
  why: TunnelBlockage,
): TunnelBlockage {
  const open =
    wish === "vpn_only" ? "private_network" : kept?.mode === "full_tunnel" ? "local_network" : "everything";
  const facts = { ...why.facts, detail: why.facts?.["detail"] ?? why.message, why: why.code, open };
  if (wish !== "lockdown")
    return {
      code: "not_protected",
      message: `${WISH.not_protected} ${OPEN[open]}. ${why.message}`,
      remedy: why.remedy,
      facts,
    };
  const again = why.remedy.includes(AGAIN) ? "" : ` ${AGAIN}`;
  return {
    code: "lockdown_not_in_force",
    message: `${WISH.lockdown_not_in_force} ${OPEN[open]}. ${why.message}`,
    remedy: `${why.remedy}${again} Or turn lockdown off: nanami settings set lockdown off`,
    facts,
  };
}

/** How a remedy says that nobody has to do anything for the next attempt. */
const AGAIN = "It is tried again by itself.";
