/** Who this gateway is: made by an enrolment, kept on disk, never sent but for the token. */
import { z } from "zod";
import { ApiClient } from "../api/client.ts";
import { fetchTrustAnchor } from "../api/connection.ts";
import { Enrolled } from "../api/http.ts";
import { parseEnrollmentLink } from "../api/link.ts";
import { derivePublicKey, type SecretKey } from "../wireguard/keys.ts";
import { failure, success, type Result } from "../wireguard/result.ts";

/** `identity.json` of the state folder. */
export const Identity = z.strictObject({
  origin: z.url(),
  /** PEM of the only authority to trust; null = the system's. */
  ca: z.string().nullable(),
  deviceId: z.string(),
  networkId: z.string(),
  token: z.string(),
  privateKey: z.string(),
});
export type Identity = z.infer<typeof Identity>;

/**
 * Enrols this gateway. Fails with a sentence for the operator: a wrong link, an authority that is not the one the
 * link names, a key that was used or ran out, a control plane that does not answer.
 *
 * @param name what people call this host
 */
export async function enroll(link: string, name: string, privateKey: SecretKey): Promise<Result<Identity>> {
  const parsed = parseEnrollmentLink(link);
  if (!parsed.ok) return failure(parsed.code, parsed.message);
  const { origin, pin, key } = parsed.link;
  const anchor = pin === null ? null : await fetchTrustAnchor({ origin }, pin);
  if (anchor?.ok === false) return failure(anchor.code, anchor.message);
  const client = new ApiClient({ origin, ca: anchor?.ca });
  const answer = await client.call({
    method: "POST",
    path: "/enrollments",
    body: { key, publicKey: derivePublicKey(privateKey), name },
    answer: Enrolled,
  });
  client.close();
  if (!answer.ok) return failure(answer.kind, `Enrolment failed: ${answer.message}`);
  const { deviceId, networkId, token } = answer.body;
  return success({
    origin,
    ca: anchor?.ca ?? null,
    deviceId,
    networkId,
    token,
    privateKey: privateKey.reveal(),
  });
}
