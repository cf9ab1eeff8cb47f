/**
 * Addresses of the names that the agent itself needs (its control plane's, its gateways'): the last good ones are
 * kept and tried first, so that a resolver that is away or lies cannot lock the device out. An address that was
 * tried and not confirmed since (TLS said it is somebody else) goes to the end of the line.
 */
import { isIP } from "node:net";
import { z } from "zod";
import { AddressText } from "../routing/schema.ts";

/** As stored: good addresses by name, best first. */
export const StoredAddresses = z.record(z.string().max(253), z.array(AddressText).max(8));
export type StoredAddresses = z.infer<typeof StoredAddresses>;

/** Most addresses that are kept of one name, and most names. */
const MAX_KEPT = 8;
const MAX_NAMES = 64;

export type LookUp = (name: string) => Promise<readonly string[]>;

export class AddressBook {
  readonly #lookUp: LookUp;
  readonly #onGood: (all: StoredAddresses) => void;
  readonly #good = new Map<string, readonly string[]>();
  readonly #fresh = new Map<string, readonly string[]>();
  readonly #unconfirmed = new Map<string, Set<string>>();

  constructor(stored: StoredAddresses, lookUp: LookUp, onGood: (all: StoredAddresses) => void) {
    this.#lookUp = lookUp;
    this.#onGood = onGood;
    for (const [name, addresses] of Object.entries(stored)) this.#good.set(name, addresses);
  }

  /** What is known of a name without asking anybody; the name itself where it is an address. */
  known(name: string): readonly string[] {
    if (isIP(name) !== 0) return [name];
    return [...new Set([...(this.#good.get(name) ?? []), ...(this.#fresh.get(name) ?? [])])];
  }

  /**
   * Addresses to try, best first: kept ones that nothing speaks against, then fresh answers of the resolver, then
   * those that disappointed. Asks the resolver only when the caller gets that far.
   */
  async *candidates(name: string): AsyncGenerator<string> {
    if (isIP(name) !== 0) {
      yield name;
      return;
    }
    const doubtful = this.#unconfirmed.get(name) ?? new Set();
    const tried = new Set<string>();
    for (const address of this.#good.get(name) ?? []) {
      if (doubtful.has(address)) continue;
      tried.add(address);
      yield address;
    }
    const fresh = await this.resolve(name);
    for (const address of [...fresh, ...(this.#good.get(name) ?? [])]) {
      if (tried.has(address)) continue;
      tried.add(address);
      yield address;
    }
  }

  /** Asks the resolver; an empty list when it has no answer. */
  async resolve(name: string): Promise<readonly string[]> {
    if (isIP(name) !== 0) return [name];
    const fresh = await this.#lookUp(name).catch(() => []);
    if (fresh.length > 0) this.#fresh.set(name, fresh.slice(0, MAX_KEPT));
    return fresh;
  }

  /** A connection to this address stands; whether the right one answered is not known yet. */
  used(name: string, address: string): void {
    const set = this.#unconfirmed.get(name) ?? new Set();
    this.#unconfirmed.set(name, set.add(address));
  }

  /** The right one answered at the address that was used last. */
  confirm(name: string): void {
    const used = [...(this.#unconfirmed.get(name) ?? [])].at(-1);
    this.#unconfirmed.delete(name);
    if (used !== undefined) this.keep(name, used);
  }

  /** Puts an address first among the good ones. */
  keep(name: string, address: string): void {
    const before = this.#good.get(name) ?? [];
    if (isIP(name) !== 0 || before[0] === address) return;
    this.#good.delete(name);
    this.#good.set(name, [address, ...before.filter((other) => other !== address)].slice(0, MAX_KEPT));
    for (const oldest of [...this.#good.keys()].slice(0, -MAX_NAMES)) this.#good.delete(oldest);
    this.#onGood(Object.fromEntries([...this.#good].map(([key, value]) => [key, [...value]])));
  }
}
