/** What a device says over its connection, and what follows. */
import { CLOSE_REVOKED, type DeviceMessage } from "../../api/events.ts";
import type { Epoch } from "../../routing/types.ts";
import type { Plane } from "../plane.ts";
import { findDevice, liveGateways } from "../store/records.ts";
import type { Connection } from "./hub.ts";
import type { Session } from "./session.ts";

export class DeviceSession implements Session<DeviceMessage> {
  readonly #plane: Plane;
  readonly #deviceId: string;
  readonly #connection: Connection;
  #registration: Disposable | undefined;

  constructor(plane: Plane, deviceId: string, connection: Connection) {
    this.#plane = plane;
    this.#deviceId = deviceId;
    this.#connection = connection;
  }

  async receive(message: DeviceMessage): Promise<void> {
    switch (message.type) {
      case "hello":
        return this.#hello(message.epoch);
      case "report":
        return this.#report(new Map(Object.entries(message.roundTrips)));
    }
  }

  ended(): void {
    this.#registration?.[Symbol.dispose]();
    this.#registration = undefined;
  }

  async #hello(epoch: Epoch | undefined): Promise<void> {
    // Registered first: a path that changes between reading and telling then still arrives.
    this.#registration ??= this.#plane.hub.connectDevice(this.#deviceId, this.#connection);
    let path = await this.#current();
    if (path.reason?.code === "revoked") {
      // Revoked between the handshake and this message.
      this.#connection.close(CLOSE_REVOKED, path.reason.message);
      return;
    }
    if (epoch?.lineage === path.epoch.lineage && epoch.number > path.epoch.number) {
      // It knows a path that this store never gave out.
      this.#plane.startLineage(this.#deviceId);
      path = await this.#current();
    }
    const same = epoch?.lineage === path.epoch.lineage && epoch.number === path.epoch.number;
    this.#plane.hub.tellDevice({ type: same ? "path.current" : "path.changed", path });
  }

  #current() {
    return this.#plane.change(async (change) => {
      const device = await findDevice(change.tx, this.#deviceId);
      if (device === undefined) throw new Error(`device ${this.#deviceId} is not in the store`);
      return change.pathOf(device);
    });
  }

  async #report(roundTrips: ReadonlyMap<string, number>): Promise<void> {
    await this.#plane.change(async (change) => {
      const device = await findDevice(change.tx, this.#deviceId);
      if (device === undefined || device.revoked) return;
      const gateways = await liveGateways(change.tx, device.networkId);
      const known = new Map<string, number>();
      for (const { id } of gateways) {
        const roundTrip = roundTrips.get(id);
        if (roundTrip !== undefined) known.set(id, roundTrip);
      }
      this.#plane.live.setRoundTrips(device.id, known);
      await change.paths(device.networkId, { deviceId: device.id });
    });
  }
}
