/** Checks across sections that a file may not fail: which keys stand where. */
import { createHash } from "node:crypto";
import { derivePublicKey, type PublicKey, type SecretKey } from "../keys.ts";
import { prefixBytes, type PrefixBytes } from "../prefix.ts";
import type { Draft } from "./draft.ts";
import type { Report } from "./finding.ts";
import { SecretParts } from "./secret-parts.ts";
import type { Located, Place } from "./types.ts";

/** Peers are distinct by key, none is this tunnel itself, and no part of a secret stands where it is shown. */
export function checkKeys(draft: Draft, report: Report): void {
  const privateKey = draft.interface?.privateKey;
  const secrets = [privateKey, ...draft.peers.map(({ presharedKey }) => presharedKey)];
  const parts = new SecretParts(secrets.flatMap((secret) => (secret ? [secret.value.reveal()] : [])));
  const peers = new Map<PublicKey, number>();
  for (const { publicKey } of draft.peers) {
    report.steps += 1;
    if (publicKey === null) continue;
    const first = peers.get(publicKey.value);
    if (parts.standIn(publicKey.value)) report.add("secret_as_public_key", publicKey);
    else if (first !== undefined)
      report.add("duplicate_peer", publicKey, `The peer of line ${first} has the same public key`);
    if (first === undefined) peers.set(publicKey.value, publicKey.line);
  }
  checkNames(namesOf(draft), parts, report);
  for (const { bytes, ...place } of addressesOf(draft)) {
    report.steps += 1;
    if (parts.standInBytes(bytes)) report.add("secret_in_address", place);
  }
  if (!privateKey || peers.size === 0) return;
  const own = ownPublicKey(privateKey.value);
  const itself = draft.peers.find(({ publicKey }) => publicKey?.value === own)?.publicKey;
  if (itself) report.add("own_key_as_peer", itself);
}

/** A key may also be spread over several names, none of which holds enough of it. */
function checkNames(names: readonly Located<string>[], parts: SecretParts, report: Report): void {
  for (const { value } of names) report.steps += value.length;
  const telling = names.filter(({ value }) => parts.standIn(value));
  const together = parts.standIn(names.map(({ value }) => value).join("")) ? names.slice(0, 1) : [];
  for (const name of telling.length > 0 ? telling : together) report.add("secret_in_name", name);
}

function namesOf({ interface: own, peers }: Draft): readonly Located<string>[] {
  const hosts = peers.flatMap(({ endpoint }) =>
    endpoint?.value.kind === "name" ? [{ ...endpoint, value: endpoint.value.name }] : [],
  );
  return [...(own?.searchDomains ?? []), ...hosts];
}

/** All addresses that a key could hide in, which are those of IPv6. */
function addressesOf({ interface: own, peers }: Draft): readonly (Place & Pick<PrefixBytes, "bytes">)[] {
  const endpoints = peers.flatMap(({ endpoint }) =>
    endpoint?.value.kind === "address" ? [{ ...endpoint, value: endpoint.value.address }] : [],
  );
  const texts = [...(own?.addresses ?? []), ...(own?.dns ?? []), ...endpoints];
  return [
    ...texts
      .filter(({ value }) => value.includes(":"))
      .map(({ line, column, value }) => ({ line, column, bytes: prefixBytes(value).bytes })),
    ...peers.flatMap(({ allowedIps }) => allowedIps),
  ];
}

/**
 * Deriving takes several times as long as all the rest of a check (half of it the multiplication itself, half
 * OpenSSL's taking of a key), and the same key comes again and again: in every file of a provider's archive, with every
 * edit of a profile. The digest stands for it, so that no secret outlives its file.
 */
let latest: { readonly digest: string; readonly publicKey: PublicKey } | null = null;

function ownPublicKey(secret: SecretKey): PublicKey {
  const digest = createHash("sha256").update(secret.reveal()).digest("base64");
  if (latest?.digest !== digest) latest = { digest, publicKey: derivePublicKey(secret) };
  return latest.publicKey;
}
