import { OperationError } from "./operation-error.ts";
import type { TunnelBlockage } from "./types.ts";

/** Those who wait for the same thing, until it came about or is known not to. */
export class Waiting {
  #all: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  /**
   * Resolves, or rejects with an `OperationError`, when the others' does. `ask`: asks for what is waited for, once this
   * one waits; what it throws is the answer.
   */
  join(ask?: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#all.push({ resolve, reject });
      ask?.();
    });
  }

  /** It came about. Who joins from now on waits for the next time. */
  release(): void {
    for (const { resolve } of this.#all.splice(0)) resolve();
  }

  /** It did not, and this is why. */
  refuse(reason: TunnelBlockage): void {
    for (const { reject } of this.#all.splice(0)) reject(new OperationError(reason));
  }
}
