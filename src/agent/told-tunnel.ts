/**
 * What faces are told of the tunnel promises no more than is in force. What is asked of the engine is its status at
 * once, some milliseconds before the firewall is made: until then what was told before is told still.
 */
import type { Snapshot } from "../rpc/contract.ts";
import type { TunnelEngine } from "../tunnel/types.ts";

/** What is said of the tunnel, and has to fit together. */
export type Told = Pick<Snapshot, "tunnel" | "inForce">;

export class ToldTunnel {
  readonly #engine: Pick<TunnelEngine, "real">;
  readonly #changed: () => void;
  #told: Told = { tunnel: { state: "disconnected" }, inForce: null };
  #waits = false;

  /** `changed`: told when it is time to ask again. */
  constructor(engine: Pick<TunnelEngine, "real">, changed: () => void) {
    this.#engine = engine;
    this.#changed = changed;
  }

  /** What may be told now, where `now` is what would be told of the engine's newest status. */
  of(now: Told): Told {
    const real = this.#engine.real();
    if (real === null) this.#told = now;
    else if (!this.#waits) {
      this.#waits = true;
      void real.then(() => {
        this.#waits = false;
        this.#changed();
      });
    }
    return this.#told;
  }
}
