/**
 * What is known to be closed on this system, from what was made and what is seen of it. Where it is one of several
 * things, what all of them close is known.
 */
import { isDeepStrictEqual } from "node:util";
import { covers, type Closure } from "../protects.ts";

/** The least that a firewall of either mode closes. */
const LEAST: readonly Closure[] = [
  { mode: "vpn_only", guarded: [], local: false },
  { mode: "full_tunnel", guarded: [], local: true },
];

export class Kept {
  /** One of these is in force; null = nothing of ours. */
  #possible: readonly (Closure | null)[] = [null];

  /** Null = nothing is known to be closed. */
  get known(): Closure | null {
    const [first = null, ...others] = this.#possible;
    return others.reduce(lesser, first);
  }

  /** What is in force is about to be replaced by this: until it is `made` it may be either. */
  making(next: Closure): void {
    if (!this.#possible.some((one) => isDeepStrictEqual(one, next)))
      this.#possible = [...this.#possible, next];
  }

  made(now: Closure): void {
    this.#possible = [now];
  }

  removed(): void {
    this.#possible = [null];
  }

  /** It may be any that was ever made. */
  doubt(): void {
    this.#possible = [...this.#possible, ...LEAST, null];
  }

  /** A look: our table is there and closes this, or (null) it is not there. What was made may be known to close more. */
  saw(found: Closure | null): void {
    const fitting = this.#possible.filter((one) => one?.mode === found?.mode && one?.local === found?.local);
    const [first = null, ...others] = fitting;
    if (fitting.length === 0 || covers(found, others.reduce(lesser, first))) this.#possible = [found];
    else this.#possible = fitting;
  }
}

function lesser(a: Closure | null, b: Closure | null): Closure | null {
  return covers(a, b) ? b : covers(b, a) ? a : null;
}
