/** Why the tunnel or a path is not as it should be, in the window's language; by code, else in the agent's words. */
import type { TFunction } from "./translate.ts";
import { openBy } from "../../src/bridge/not-protected.ts";
import type { Facts } from "../../src/rpc/said.ts";
import { en } from "./en/index.ts";

type Code = keyof typeof en.reasons;

function isKnownReason(code: string): code is Code {
  return Object.hasOwn(en.reasons, code);
}

/** How a reason ends a heading: `Frankfurt does not answer`. undefined for one that is not known here. */
export function reasonClause(code: string, gateways: readonly string[], t: TFunction): string | undefined {
  if (!isKnownReason(code)) return undefined;
  if (code !== "gateway_silent" && code !== "pinned_gateway_silent") return t(`reasons.${code}.clause`);
  if (gateways.length === 0) return undefined;
  return t(`reasons.${code}.clause`, { count: gateways.length, gateways: gateways.join(" → ") });
}

/** The sentence under the heading: ours, or what the agent says. */
export function reasonText(
  reason: { readonly code: string; readonly message: string; readonly facts?: Facts | undefined },
  t: TFunction,
): string {
  const { code, message, facts = {} } = reason;
  if (!isKnownReason(code)) return message;
  // Which facts a sentence takes is decided by the code; the types of the texts cannot know it.
  const say = t as (key: string, facts: Facts) => string;
  const open = openBy(reason);
  if (open === null) return say(`reasons.${code}.text`, { detail: message, ...facts }).trim();
  const { why: cause = "", detail = message } = facts;
  // What is open for want of a protection is for want of something else.
  const why = cause === code ? detail : reasonText({ code: cause, message: detail, facts }, t);
  return say(`reasons.${code}.${open === "everything" ? "text" : open}`, { why }).trim();
}
