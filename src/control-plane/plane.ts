/** The control plane behind its routes: reads, changes, and what has to follow a change. */
import { GATEWAY_GRACE_MS } from "../api/session.ts";
import { randomText } from "./ids.ts";
import { Live } from "./live.ts";
import type { Actor } from "./actor.ts";
import { record, type Entry } from "./audit.ts";
import type { Scope } from "./paths.ts";
import { GatewayWatch } from "./push/gateway-watch.ts";
import { Hub, type Outcome } from "./push/hub.ts";
import {
  currentPath,
  recomputeGateways,
  recomputePaths,
  renumberedState,
  type Surroundings,
} from "./recompute.ts";
import type { GatewayState } from "../api/events.ts";
import type { ResolvedPath } from "../routing/types.ts";
import { findDevice, type DeviceRecord } from "./store/records.ts";
import type { Store, Tx } from "./store/store.ts";
import { issueToken } from "./tokens.ts";

/** One change in the making: everything happens in its transaction, and is told to others once it is stored. */
export class Change {
  readonly tx: Tx;
  readonly now: Date;
  readonly live: Live;
  readonly #around: Surroundings;
  readonly #states: GatewayState[] = [];
  readonly #paths: ResolvedPath[] = [];
  readonly #after: (() => void)[] = [];

  constructor(tx: Tx, around: Surroundings) {
    this.tx = tx;
    this.now = around.now;
    this.live = around.live;
    this.#around = around;
  }

  record(actor: Actor, entry: Entry): Promise<void> {
    return record(this.tx, actor, entry, this.now);
  }

  /** Resolves the paths that this change can concern. */
  async paths(networkId: string, scope: Scope): Promise<void> {
    this.#paths.push(...(await recomputePaths(this.tx, networkId, scope, this.#around)));
  }

  /** Rewrites the states of a network's gateways. */
  async gateways(networkId: string): Promise<void> {
    this.#states.push(...(await recomputeGateways(this.tx, networkId)));
  }

  /** The path of one device as it is now. */
  async pathOf(device: DeviceRecord): Promise<ResolvedPath> {
    const { path, changed } = await currentPath(this.tx, device, this.#around);
    if (changed) this.#paths.push(path);
    return path;
  }

  /** The state of a gateway under a version that is new to it. */
  renumber(gatewayId: string, seen: number): Promise<GatewayState | undefined> {
    return renumberedState(this.tx, gatewayId, seen);
  }

  /** Does something once the change is stored. */
  afterwards(effect: () => void): void {
    this.#after.push(effect);
  }

  /** What is to be told. */
  get outcome(): Outcome {
    return { states: this.#states, paths: this.#paths };
  }

  /** Runs what was put off until now. */
  settle(): void {
    for (const effect of this.#after) effect();
  }
}

export interface PlaneOptions {
  readonly store: Store;
  readonly clock?: (() => Date) | undefined;
  /** How long a gateway may be without a connection before it counts as unhealthy, milliseconds; default 10,000. */
  readonly gatewayGraceMs?: number | undefined;
  /** How long a changed path waits for its gateways, milliseconds; default 1000. */
  readonly gatewaysFirstMs?: number | undefined;
  /** `host:port` in enrolment links. */
  readonly publicHost: () => string;
  /** SHA-256 of the certificate authority, for enrolment links; null = none. */
  readonly pin: string | null;
  /** Told what went wrong where nobody waits for an answer. */
  readonly onError: (error: unknown) => void;
}

export class Plane {
  readonly store: Store;
  readonly live = new Live();
  readonly hub: Hub;
  readonly clock: () => Date;
  readonly watch: GatewayWatch;
  readonly publicHost: () => string;
  readonly pin: string | null;
  /** A store can be exchanged for an older one only while this process is not running: each run is a lineage. */
  readonly #lineage = randomText(16);
  /** Devices that knew a path which this store never gave out. */
  readonly #lineages = new Map<string, string>();

  constructor(options: PlaneOptions) {
    this.store = options.store;
    this.hub = new Hub(options.gatewaysFirstMs);
    this.clock = options.clock ?? (() => new Date());
    this.watch = new GatewayWatch(options.gatewayGraceMs ?? GATEWAY_GRACE_MS, (gatewayId) => {
      this.#gatewayLost(gatewayId).catch(options.onError);
    });
    this.publicHost = options.publicHost;
    this.pin = options.pin;
  }

  /** Begins a new lineage for a device: numbers of the old one mean nothing to it any more. */
  startLineage(deviceId: string): void {
    this.#lineages.set(deviceId, randomText(16));
  }

  #lineageOf = (deviceId: string): string => this.#lineages.get(deviceId) ?? this.#lineage;

  /** Reads within one transaction. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.store.transaction(work);
  }

  /** Changes within one transaction; gateways and devices are told once it is stored. */
  async change<T>(work: (change: Change) => Promise<T>): Promise<T> {
    const { result, change } = await this.store.transaction(async (tx) => {
      const around = { live: this.live, lineageOf: this.#lineageOf, now: this.clock() };
      const change = new Change(tx, around);
      return { result: await work(change), change };
    });
    this.hub.deliver(change.outcome);
    change.settle();
    return result;
  }

  /**
   * Takes over what the store remembers: gateways that were healthy are so until they had time to come back. On an
   * empty store returns the token that may make the first workspace; older such tokens end.
   */
  start(): Promise<string | null> {
    return this.store.transaction(async (tx) => {
      const healthy = await tx
        .selectFrom("gateway_states")
        .select("device_id")
        .where("healthy", "=", 1)
        .execute();
      for (const { device_id: gatewayId } of healthy) {
        this.live.setHealth(gatewayId, { healthy: true, load: 0 });
        this.watch.lost(gatewayId);
      }
      const workspace = await tx.selectFrom("workspaces").select("id").limit(1).executeTakeFirst();
      if (workspace !== undefined) return null;
      await tx.deleteFrom("tokens").where("kind", "=", "bootstrap").execute();
      return issueToken(tx, { kind: "bootstrap" });
    });
  }

  async close(): Promise<void> {
    this.watch.close();
    await this.store.close();
  }

  async #gatewayLost(gatewayId: string): Promise<void> {
    await this.change(async (change) => {
      const gateway = await findDevice(change.tx, gatewayId);
      if (gateway === undefined || gateway.revoked) return;
      this.live.setHealth(gatewayId, { ...this.live.health(gatewayId), healthy: false });
      await change.tx
        .updateTable("gateway_states")
        .set({ healthy: 0 })
        .where("device_id", "=", gatewayId)
        .execute();
      await change.paths(gateway.networkId, "all");
    });
  }
}
