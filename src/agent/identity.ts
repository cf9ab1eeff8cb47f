/**
 * Who this device is to its control plane. The private key is generated here and never leaves; key and token are
 * stored readable by root alone, and neither is ever logged or shown.
 */
import { z } from "zod";
import { targetOf } from "../api/connection.ts";
import { Id, Label } from "../routing/schema.ts";
import type { Snapshot } from "../rpc/contract.ts";
import { derivePublicKey, parsePrivateKey, type SecretKey } from "../wireguard/keys.ts";

/** As stored: the only place where the key is text. */
export const StoredIdentity = z.strictObject({
  version: z.literal(1),
  /** `https://host[:port]`, or `http://…` on loopback. */
  origin: z.string().regex(/^https?:\/\/[^/]+$/),
  /** PEM of the only authority to trust; null = the system's roots. */
  ca: z.string().nullable(),
  workspaceName: Label,
  networkName: Label,
  deviceId: Id,
  networkId: Id,
  token: z.string().min(1).max(1024),
  privateKey: z.string().refine((text) => parsePrivateKey(text).ok, "not a WireGuard key"),
  /** Uid that enrolled this device. */
  owner: z.number().int().min(0),
});
export type StoredIdentity = z.infer<typeof StoredIdentity>;

/** As used. Printing, logging or serialising one shows no secret. */
export class Identity {
  readonly #stored: StoredIdentity;
  readonly privateKey: SecretKey;
  readonly publicKey: string;

  constructor(stored: StoredIdentity) {
    const parsed = parsePrivateKey(stored.privateKey);
    if (!parsed.ok) throw new Error(`the stored private key is unusable: ${parsed.message}`);
    this.#stored = stored;
    this.privateKey = parsed.value;
    this.publicKey = derivePublicKey(parsed.value);
  }

  /** The whole of it, secrets included, for the store and the API client. */
  reveal(): StoredIdentity {
    return this.#stored;
  }

  get deviceId(): string {
    return this.#stored.deviceId;
  }

  get networkId(): string {
    return this.#stored.networkId;
  }

  get owner(): number {
    return this.#stored.owner;
  }

  /** Host name or address and port of the control plane. */
  get remote(): { readonly host: string; readonly port: number } {
    return targetOf(this.#stored.origin);
  }

  /** What faces are told. */
  get enrollment(): NonNullable<Snapshot["enrollment"]> {
    const { origin, deviceId, networkId, workspaceName, networkName } = this.#stored;
    const controlPlane = new URL(origin).host;
    return { controlPlane, deviceId, networkId, workspaceName, networkName, publicKey: this.publicKey };
  }
}
