/** The snapshot that faces see, and who is told when a part of it is new. */
import { PROTOCOL, type Snapshot } from "../rpc/contract.ts";
import { DEFAULT_SETTINGS } from "../rpc/settings.ts";

export class SnapshotBoard {
  #snapshot: Snapshot;
  readonly #listeners = new Set<(patch: Partial<Snapshot>) => void>();

  constructor(agentVersion: string) {
    this.#snapshot = {
      agentVersion,
      protocol: PROTOCOL,
      enrollment: null,
      tunnel: { state: "disconnected" },
      path: null,
      inForce: null,
      controlPlane: { connected: false, problem: null, revoked: false },
      announcement: null,
      unsaved: null,
      traffic: null,
      profile: null,
      settings: DEFAULT_SETTINGS,
    };
  }

  get current(): Snapshot {
    return this.#snapshot;
  }

  /** Takes new values of top-level fields; listeners hear of those that differ. */
  update(fields: Partial<Snapshot>): void {
    const changed = Object.entries(fields).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(this.#snapshot[name as keyof Snapshot]),
    );
    if (changed.length === 0) return;
    const patch = Object.fromEntries(changed) as Partial<Snapshot>;
    this.#snapshot = { ...this.#snapshot, ...patch };
    for (const listener of this.#listeners) listener(patch);
  }

  onPatch(listener: (patch: Partial<Snapshot>) => void): void {
    this.#listeners.add(listener);
  }
}
