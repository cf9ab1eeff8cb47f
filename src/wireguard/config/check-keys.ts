/** Checks across sections that a file may not fail: which keys stand where. */
import { createHash } from "node:crypto";
import { derivePublicKey, type PublicKey, type SecretKey } from "../keys.ts";
import type { Draft } from "./draft.ts";
import type { Report } from "./finding.ts";

/** Peers are distinct by key, none is this tunnel itself, and no secret stands where keys are shown. */
export function checkKeys(draft: Draft, report: Report): void {
  const secrets = new Set<string>();
  const privateKey = draft.interface?.privateKey;
  if (privateKey) secrets.add(privateKey.value.reveal());
  for (const peer of draft.peers) {
    if (peer.presharedKey) secrets.add(peer.presharedKey.value.reveal());
  }
  const peers = new Map<PublicKey, number>();
  for (const { publicKey } of draft.peers) {
    report.steps += 1;
    if (publicKey === null) continue;
    const first = peers.get(publicKey.value);
    if (first !== undefined)
      report.add("duplicate_peer", publicKey, `The peer of line ${first} has the same public key`);
    else peers.set(publicKey.value, publicKey.line);
    if (secrets.has(publicKey.value)) report.add("secret_as_public_key", publicKey);
  }
  if (!privateKey || peers.size === 0) return;
  const own = ownPublicKey(privateKey.value);
  for (const { publicKey } of draft.peers) {
    if (publicKey?.value === own) report.add("own_key_as_peer", publicKey);
  }
}

/**
 * Deriving takes several times as long as all the rest of a check, and the same key comes again and again: with
 * every keystroke in an editor, in every file of a provider's zip. The digest stands for it, so that no secret
 * outlives its file.
 */
let latest: { readonly digest: string; readonly publicKey: PublicKey } | null = null;

function ownPublicKey(secret: SecretKey): PublicKey {
  const digest = createHash("sha256").update(secret.reveal()).digest("base64");
  if (latest?.digest !== digest) latest = { digest, publicKey: derivePublicKey(secret) };
  return latest.publicKey;
}
