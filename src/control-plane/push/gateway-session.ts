/** What a gateway says over its connection, and what follows. */
import type { FastifyBaseLogger } from "fastify";
import { CLOSE_REVOKED, type GatewayMessage } from "../../api/events.ts";
import type { Plane } from "../plane.ts";
import { covers, isUnroutable } from "../prefixes.ts";
import { findDevice, findNetwork } from "../store/records.ts";
import type { Connection } from "./hub.ts";
import type { Session } from "./session.ts";

type Health = Extract<GatewayMessage, { type: "health" }>;
type Applied = Extract<GatewayMessage, { type: "state.applied" }>;

/** A load that moves by less than this changes no path. */
const LOAD_STEP = 0.1;

export class GatewaySession implements Session<GatewayMessage> {
  readonly #plane: Plane;
  readonly #gatewayId: string;
  readonly #connection: Connection;
  readonly #log: FastifyBaseLogger;
  #registration: Disposable | undefined;

  constructor(plane: Plane, gatewayId: string, connection: Connection, log: FastifyBaseLogger) {
    this.#plane = plane;
    this.#gatewayId = gatewayId;
    this.#connection = connection;
    this.#log = log;
  }

  /** Called for each message in order, but for `state.applied`: devices wait for that one. */
  async receive(message: GatewayMessage): Promise<void> {
    switch (message.type) {
      case "hello":
        return this.#hello(message.version ?? 0);
      case "health":
        return this.#health(message);
      case "state.applied":
        return this.#applied(message);
    }
  }

  /** Called the moment a message arrives. */
  notice(message: GatewayMessage): void {
    if (message.type === "state.applied") this.#plane.hub.gatewayApplied(this.#gatewayId, message.version);
  }

  ended(): void {
    if (this.#registration === undefined) return;
    this.#registration[Symbol.dispose]();
    this.#registration = undefined;
    if (!this.#plane.hub.isConnected(this.#gatewayId)) this.#plane.watch.lost(this.#gatewayId);
  }

  async #hello(seen: number): Promise<void> {
    this.#plane.watch.found(this.#gatewayId);
    this.#registration ??= this.#plane.hub.connectGateway(this.#gatewayId, this.#connection);
    const state = await this.#plane.change(async (change) => {
      const gateway = await findDevice(change.tx, this.#gatewayId);
      return gateway?.revoked === false ? change.renumber(gateway.id, seen) : undefined;
    });
    // Undefined: revoked between the handshake and this message.
    if (state === undefined) this.#connection.close(CLOSE_REVOKED, "This gateway was revoked.");
    else this.#plane.hub.deliver({ states: [state], paths: [] });
  }

  async #health(report: Health): Promise<void> {
    const { live } = this.#plane;
    const before = live.health(this.#gatewayId);
    const health = { healthy: report.healthy, load: report.load };
    const heard = this.#plane.change(async (change) => {
      const { tx } = change;
      const gateway = await findDevice(tx, this.#gatewayId);
      if (gateway === undefined || gateway.revoked) return;
      const network = await findNetwork(tx, gateway.networkId);
      const inside = [...(network?.overlayPrefixes ?? []), ...(network?.privatePrefixes ?? [])];
      // A gateway cannot claim to be seen from the Internet as an address of somebody's private network.
      const addresses = report.publicAddresses?.filter(
        (address) => !isUnroutable(address) && !covers(inside, address),
      );
      const moved =
        addresses !== undefined && JSON.stringify(addresses) !== JSON.stringify(gateway.publicAddresses);
      const steady = before.healthy === health.healthy && Math.abs(before.load - health.load) < LOAD_STEP;
      if (steady && !moved) return;
      live.setHealth(gateway.id, health);
      if (before.healthy !== health.healthy) {
        await tx
          .updateTable("gateway_states")
          .set({ healthy: health.healthy ? 1 : 0 })
          .where("device_id", "=", gateway.id)
          .execute();
      }
      if (moved) {
        await tx
          .updateTable("devices")
          .set({ public_addresses: JSON.stringify(addresses) })
          .where("id", "=", gateway.id)
          .execute();
      }
      await change.paths(gateway.networkId, "all");
    });
    await heard.catch((error: unknown) => {
      // Nothing was stored: the next report has to count as news again.
      live.setHealth(this.#gatewayId, before);
      throw error;
    });
  }

  /** Kept in the store too: an address is given away again only when every gateway has let go of it. */
  async #applied({ version, refused }: Applied): Promise<void> {
    if (refused !== undefined)
      this.#log.warn({ gatewayId: this.#gatewayId, refused }, "a gateway refused (a part of) its state");
    await this.#plane.change(async ({ tx }) => {
      await tx
        .updateTable("gateway_states")
        .set({ applied_version: version })
        .where("device_id", "=", this.#gatewayId)
        .where("version", ">=", version)
        .execute();
    });
  }
}
