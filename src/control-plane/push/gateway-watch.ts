/** Gateways that are not connected: after a while without a word a gateway is not healthy any more. */

export class GatewayWatch {
  readonly #graceMs: number;
  readonly #onLost: (gatewayId: string) => void;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #closed = false;

  constructor(graceMs: number, onLost: (gatewayId: string) => void) {
    this.#graceMs = graceMs;
    this.#onLost = onLost;
  }

  /** The gateway has no connection now. */
  lost(gatewayId: string): void {
    this.found(gatewayId);
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(gatewayId);
      this.#onLost(gatewayId);
    }, this.#graceMs);
    this.#timers.set(gatewayId, timer);
  }

  /** The gateway is connected, or gone for good. */
  found(gatewayId: string): void {
    clearTimeout(this.#timers.get(gatewayId));
    this.#timers.delete(gatewayId);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
