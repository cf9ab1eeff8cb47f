/** Words and small phrases that the chains of our table are made of. Pure. */
import { familyOf, type Address, type Family } from "../../wireguard/address.ts";
import { contains, type Prefix } from "../../wireguard/prefix.ts";
import type { FirewallState } from "../network-state.ts";
import { CONTROL_MARK, WIREGUARD_MARK } from "./marks.ts";

/** WireGuard's mark. */
export const W = `0x${WIREGUARD_MARK.toString(16)}`;
/** The mark of the agent's own connections. */
export const C = `0x${CONTROL_MARK.toString(16)}`;

/** What comes from loopback. Its index is 1 in every network namespace, and indexes are quicker to compare than names. */
export const LOOPBACK_IN = 'iif "lo" accept';
/** What goes to loopback. */
export const LOOPBACK_OUT = 'oif "lo" accept';

/** Up to so many comparisons cost less than to look a packet up in a set. */
export const FEW = 4;

/** The tunnel's interface and its addresses. */
export type Ends = Pick<FirewallState, "interface" | "addresses">;

/** A chain of these rules. */
export function chain(name: string, lines: readonly string[]): string {
  return `  chain ${name} {\n${lines.map((line) => `    ${line}\n`).join("")}  }`;
}

/** For each family that the list has members of one rule, or one for each of few members. */
export function byFamily(
  items: readonly (Address | Prefix)[],
  rule: (ip: "ip" | "ip6", list: string) => string,
): string[] {
  return ([4, 6] as const).flatMap((family) => {
    const members = outermost(ofFamily(items, family));
    if (members.length <= FEW) return members.map((member) => rule(ip(family), member));
    return [rule(ip(family), braces(members))];
  });
}

/** The members of one family. */
export function ofFamily<T extends Address | Prefix>(items: readonly T[], family: Family): readonly T[] {
  return items.filter((item) => familyOf(item) === family);
}

/** Without the members that are inside another one: interval sets refuse overlaps. */
function outermost<T extends Address | Prefix>(members: readonly T[]): readonly T[] {
  return members.filter(
    (member) => !members.some((other) => other !== member && contains(other as Prefix, member)),
  );
}

/** An anonymous set. */
export function braces(members: readonly (Address | Prefix)[]): string {
  return `{ ${members.join(", ")} }`;
}

/** What `nft` calls a family's header. */
export function ip(family: Family): "ip" | "ip6" {
  return family === 4 ? "ip" : "ip6";
}

/** The name of the tunnel's interface, quoted. */
export function tunnel(state: Ends): string {
  return `"${state.interface}"`;
}
