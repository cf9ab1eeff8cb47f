/**
 * Who is connected, and in which order they are told: gateways before devices. A changed path waits until the
 * gateways it names have applied what they were told, or one second.
 */
import { CLOSE_REVOKED, type GatewayEvent, type GatewayState } from "../../api/events.ts";
import type { ResolvedPath } from "../../routing/types.ts";
import { Outlet, type Sink } from "./outlet.ts";

/** Close code: another connection of the same token has taken this one's place. */
export const CLOSE_REPLACED = 4409;

/** A connection as the hub needs it. */
export interface Connection extends Sink {
  close(code: number, reason: string): void;
}

interface Waiter {
  readonly version: number;
  readonly done: () => void;
}

/** A connected gateway: what it was told, what it said it applied, and who waits for that. */
class GatewayLink {
  readonly connection: Connection;
  readonly #outlet: Outlet<GatewayEvent>;
  #told = 0;
  #applied = 0;
  readonly #waiters = new Set<Waiter>();

  constructor(connection: Connection) {
    this.connection = connection;
    this.#outlet = new Outlet(connection);
  }

  tell(state: GatewayState): void {
    if (state.version <= this.#told) return;
    this.#told = state.version;
    this.#outlet.send({ type: "state.changed", state });
  }

  applied(version: number): void {
    this.#applied = Math.max(this.#applied, version);
    for (const waiter of this.#waiters) {
      if (waiter.version <= this.#applied) this.#release(waiter);
    }
  }

  /** Calls back when all that it was told is applied or it is gone; undefined when nothing is outstanding. */
  settled(): Promise<void> | undefined {
    if (this.#applied >= this.#told) return undefined;
    return new Promise((done) => this.#waiters.add({ version: this.#told, done }));
  }

  gone(): void {
    for (const waiter of this.#waiters) this.#release(waiter);
  }

  #release(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    waiter.done();
  }
}

/** A `DeviceEvent` before it is written. */
export interface PathEvent {
  readonly type: "path.changed" | "path.current";
  readonly path: ResolvedPath;
}

/** A connected device and the newest path it was told or is about to be. */
class DeviceLink {
  readonly connection: Connection;
  readonly outlet: Outlet<PathEvent>;
  newest: ResolvedPath["epoch"] | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
    this.outlet = new Outlet(connection);
  }
}

/** What a change means for those who are connected. */
export interface Outcome {
  readonly states: readonly GatewayState[];
  readonly paths: readonly ResolvedPath[];
}

export class Hub {
  readonly #gatewaysFirstMs: number;
  readonly #gateways = new Map<string, GatewayLink>();
  readonly #devices = new Map<string, DeviceLink>();

  /** `gatewaysFirstMs`: longest time that a device waits for its gateways. */
  constructor(gatewaysFirstMs = 1000) {
    this.#gatewaysFirstMs = gatewaysFirstMs;
  }

  /** Registers a connection; an older one of the same device or gateway is closed. Dispose when it ended. */
  connectGateway(id: string, connection: Connection): Disposable {
    this.#gateways.get(id)?.connection.close(CLOSE_REPLACED, "another connection took this one's place");
    const link = new GatewayLink(connection);
    this.#gateways.get(id)?.gone();
    this.#gateways.set(id, link);
    return {
      [Symbol.dispose]: () => {
        link.gone();
        if (this.#gateways.get(id) === link) this.#gateways.delete(id);
      },
    };
  }

  connectDevice(id: string, connection: Connection): Disposable {
    this.#devices.get(id)?.connection.close(CLOSE_REPLACED, "another connection took this one's place");
    const link = new DeviceLink(connection);
    this.#devices.set(id, link);
    return {
      [Symbol.dispose]: () => {
        if (this.#devices.get(id) === link) this.#devices.delete(id);
      },
    };
  }

  isConnected(id: string): boolean {
    return this.#gateways.has(id) || this.#devices.has(id);
  }

  /** Tells gateways at once and devices after them. */
  deliver({ states, paths }: Outcome): void {
    for (const state of states) this.#gateways.get(state.deviceId)?.tell(state);
    for (const path of paths) this.tellDevice({ type: "path.changed", path });
  }

  /** Tells one device, once its gateways are ready for it. A path that a newer one overtakes meanwhile is dropped. */
  tellDevice(event: PathEvent): void {
    const { path } = event;
    const link = this.#devices.get(path.deviceId);
    if (link === undefined) return;
    const { newest } = link;
    if (newest?.lineage === path.epoch.lineage && newest.number > path.epoch.number) return;
    link.newest = path.epoch;
    const ready = this.#settledGateways(gatewaysOf(path));
    if (ready === undefined) {
      link.outlet.send(event);
      return;
    }
    void ready.then(() => {
      if (link.newest === path.epoch) link.outlet.send(event);
    });
  }

  gatewayApplied(id: string, version: number): void {
    this.#gateways.get(id)?.applied(version);
  }

  /** Resolves when the gateways of a path have applied all they were told, or after one second. */
  async gatewaysReady(path: ResolvedPath): Promise<void> {
    await this.#settledGateways(gatewaysOf(path));
  }

  /** As `gatewaysReady`, for one gateway. */
  async gatewayReady(id: string): Promise<void> {
    await this.#settledGateways([id]);
  }

  /** Ends the connection of a device or gateway that was revoked. */
  revoke(id: string, reason: string): void {
    (this.#devices.get(id) ?? this.#gateways.get(id))?.connection.close(CLOSE_REVOKED, reason);
  }

  #settledGateways(ids: Iterable<string>): Promise<unknown> | undefined {
    const outstanding = [...ids].flatMap((id) => this.#gateways.get(id)?.settled() ?? []);
    if (outstanding.length === 0) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, this.#gatewaysFirstMs);
    });
    return Promise.race([Promise.all(outstanding), late]).finally(() => clearTimeout(timer));
  }
}

/** Every gateway that a device may use on this path: ingress, egress, alternates. */
function gatewaysOf(path: ResolvedPath): ReadonlySet<string> {
  const pairs = [{ ingress: path.ingress, egress: path.egress }, ...path.alternates];
  return new Set(
    pairs
      .flatMap(({ ingress, egress }) => [ingress?.deviceId, egress?.deviceId])
      .filter((id) => id !== undefined),
  );
}
