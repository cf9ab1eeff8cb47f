/**
 * What gateways and devices report and what is true only now: kept in memory, because the next report replaces it.
 * (Whether a gateway was healthy is also in the store, so that a restart does not look like an outage.)
 */

export interface GatewayHealth {
  readonly healthy: boolean;
  /** 0 (idle) to 1 (full). */
  readonly load: number;
}

export class Live {
  readonly #health = new Map<string, GatewayHealth>();
  readonly #roundTrips = new Map<string, ReadonlyMap<string, number>>();

  /** Health of a gateway; one that was never heard of is not healthy. */
  health(gatewayId: string): GatewayHealth {
    return this.#health.get(gatewayId) ?? { healthy: false, load: 0 };
  }

  setHealth(gatewayId: string, health: GatewayHealth): void {
    this.#health.set(gatewayId, health);
  }

  /** Milliseconds from a device to a gateway as the device measured; undefined where it never did. */
  roundTrip(deviceId: string, gatewayId: string): number | undefined {
    return this.#roundTrips.get(deviceId)?.get(gatewayId);
  }

  /** Replaces what a device measured. */
  setRoundTrips(deviceId: string, roundTrips: ReadonlyMap<string, number>): void {
    this.#roundTrips.set(deviceId, roundTrips);
  }

  /** Forgets a device or gateway that is gone. */
  forget(id: string): void {
    this.#health.delete(id);
    this.#roundTrips.delete(id);
  }
}
