/**
 * What was reported and waits for a yes: held for a few minutes under the digest of its bytes, for the user who
 * handed it in. What was shown is what is saved; other bytes have another digest.
 */
import { createHash } from "node:crypto";
import type { TunnelConfig } from "../../wireguard/config/types.ts";

/** Milliseconds for which a report can be confirmed. */
export const HELD_MS = 10 * 60_000;
/** Most reports held of one user, and of all; the oldest make room. */
const MOST_OF_USER = 4;
const MOST = 16;

/** What can be saved of a document; null = it was refused or left out. */
export type Confirmable = TunnelConfig | null;

interface Held {
  readonly number: number;
  readonly uid: number;
  /** What the text is to replace, a profile in one of its versions; null = an import. */
  readonly replaces: string | null;
  readonly digest: string;
  /** In the order of the report. */
  readonly documents: readonly Confirmable[];
  readonly until: number;
  /** Lets go of it in time, also where nobody asks again: secrets are held no longer than they may be confirmed. */
  readonly expiry: NodeJS.Timeout;
}

/** SHA-256, lower-case hexadecimal. */
export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export class ImportDesk {
  readonly #now: () => number;
  #held: readonly Held[] = [];
  #number = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Holds documents; returns until when, milliseconds since the epoch. */
  hold(uid: number, replaces: string | null, digest: string, documents: readonly Confirmable[]): number {
    const until = this.#now() + HELD_MS;
    const others = this.#live().filter((held) => !matches(held, uid, replaces, digest));
    const ofUser = others.filter((held) => held.uid === uid).slice(-(MOST_OF_USER - 1));
    const kept = others.filter((held) => held.uid !== uid || ofUser.includes(held)).slice(-(MOST - 1));
    const number = (this.#number += 1);
    // Names a number and nothing held: a timer keeps alive what it can reach.
    const expiry = setTimeout(() => this.#keep((held) => held.number !== number), HELD_MS).unref();
    this.#held = [...this.#held, { number, uid, replaces, digest, documents, until, expiry }];
    this.#keep((held) => held.number === number || kept.includes(held));
    return until;
  }

  /** The documents that this user was shown under this digest, or null. */
  find(uid: number, replaces: string | null, digest: string): readonly Confirmable[] | null {
    return this.#live().find((held) => matches(held, uid, replaces, digest))?.documents ?? null;
  }

  forget(uid: number, replaces: string | null, digest: string): void {
    this.#keep((held) => !matches(held, uid, replaces, digest));
  }

  #keep(stays: (held: Held) => boolean): void {
    for (const held of this.#held) if (!stays(held)) clearTimeout(held.expiry);
    this.#held = this.#held.filter(stays);
  }

  #live(): readonly Held[] {
    return this.#held.filter((held) => held.until > this.#now());
  }
}

function matches(held: Held, uid: number, replaces: string | null, digest: string): boolean {
  return held.uid === uid && held.replaces === replaces && held.digest === digest;
}
