/** Enrolment: a link and a fresh key in, an identity out. The private key is made here and never leaves. */
import { ApiClient } from "../api/client.ts";
import { fetchTrustAnchor, type Connect } from "../api/connection.ts";
import { Enrolled, type Problem } from "../api/http.ts";
import { parseEnrollmentLink } from "../api/link.ts";
import type { ResolvedPath } from "../routing/schema.ts";
import type { Refusal } from "../rpc/contract.ts";
import { derivePublicKey, generatePrivateKey } from "../wireguard/keys.ts";
import type { z } from "zod";
import { problemOf } from "./control-plane.ts";
import { Identity } from "./identity.ts";

const REMEDY = "Ask your operator for a new enrolment link.";

export type Enrolling =
  | { readonly ok: true; readonly identity: Identity; readonly path: z.infer<typeof ResolvedPath> | null }
  | { readonly ok: false; readonly problem: Refusal };

/**
 * Enrols this device.
 *
 * @param text the link as somebody pasted it
 * @param name what people call this device
 * @param owner uid of who asked
 */
export async function enroll(
  text: string,
  name: string,
  owner: number,
  connect: Connect,
): Promise<Enrolling> {
  const parsed = parseEnrollmentLink(text);
  if (!parsed.ok)
    return {
      ok: false,
      problem: { code: "bad_request", reason: "link_malformed", message: parsed.message },
    };
  const { origin, pin, key } = parsed.link;
  const anchor = pin === null ? null : await fetchTrustAnchor({ origin, connect }, pin);
  if (anchor?.ok === false) {
    const kind =
      anchor.code === "pin_mismatch"
        ? ({ code: "refused", reason: "link_authority" } as const)
        : ({ code: "control_plane_unreachable", reason: "control_plane_away" } as const);
    return { ok: false, problem: { ...kind, message: anchor.message } };
  }
  const ca = anchor?.ca;
  const privateKey = generatePrivateKey();
  const client = new ApiClient({ origin, ca, connect });
  const answer = await client.call({
    method: "POST",
    path: "/enrollments",
    body: { key, publicKey: derivePublicKey(privateKey), name },
    answer: Enrolled,
  });
  client.close();
  if (!answer.ok) {
    const isRefused = answer.kind === "refused" && answer.status < 500;
    return { ok: false, problem: isRefused ? refusalOf(answer.problem, answer.message) : problemOf(answer) };
  }
  const { path, token, deviceId, networkId, workspaceName, networkName } = answer.body;
  const identity = new Identity({
    version: 1,
    origin,
    ca: ca ?? null,
    workspaceName,
    networkName,
    deviceId,
    networkId,
    token,
    privateKey: privateKey.reveal(),
    owner,
  });
  return { ok: true, identity, path: path ?? null };
}

/** Why the control plane refused the link. Any but the two commonest reasons is told in its own words. */
function refusalOf({ code, expiredAt }: Problem, message: string): Refusal {
  // The control plane may say it itself, to whoever asks; a face says it once.
  const common = { code: "refused", message: message.replace(REMEDY, "").trimEnd(), remedy: REMEDY } as const;
  if (code === "enrollment_key_used") return { ...common, reason: "link_used" };
  return code === "enrollment_key_expired" && expiredAt !== undefined
    ? { ...common, reason: "link_expired", facts: { expiredAt } }
    : { ...common, reason: "link_refused", facts: { problem: code, detail: common.message } };
}
