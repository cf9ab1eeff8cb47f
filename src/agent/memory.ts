/** What the agent remembers across restarts: a few files in its state folder, read at start, written at each change. */
import { z } from "zod";
import { AddressText } from "../routing/schema.ts";
import { StoredAddresses } from "./address-book.ts";
import { Identity, StoredIdentity } from "./identity.ts";
import { ActiveProfile, LOST_PROFILE, NO_PROFILE } from "./profiles/active-profile.ts";
import { NO_ROUTING, StoredRouting } from "./routing-state.ts";
import { DEFAULT_SETTINGS, type Settings } from "../rpc/settings.ts";
import { LOST_SETTINGS, StoredSettings } from "./settings.ts";
import { openStateFolder, StateFile } from "./store.ts";

const Standing = z.strictObject({
  version: z.literal(1),
  /** Why the control plane threw this device out; null = it did not. */
  revoked: z.string().max(1000).nullable(),
});
type Standing = z.infer<typeof Standing>;

const Surroundings = z.strictObject({
  version: z.literal(1),
  addresses: StoredAddresses,
  /** Resolvers of the underlay as last seen while nothing of ours was in force. */
  resolvers: z.array(AddressText).max(3),
});
export type Surroundings = z.infer<typeof Surroundings>;

interface Files {
  readonly identity: StateFile<StoredIdentity>;
  readonly routing: StateFile<StoredRouting>;
  readonly standing: StateFile<Standing>;
  readonly surroundings: StateFile<Surroundings>;
  readonly activeProfile: StateFile<ActiveProfile>;
  readonly settings: StateFile<StoredSettings>;
}

export class Memory {
  readonly #files: Files;
  readonly #onFault: (message: string) => void;
  #identity: Identity | null = null;
  #routing = NO_ROUTING;
  #standing: Standing = { version: 1, revoked: null };
  #activeProfile = NO_PROFILE;
  #settings = DEFAULT_SETTINGS;
  #surroundings: Surroundings = { version: 1, addresses: {}, resolvers: [] };
  /** What was found damaged at start, for a person. */
  readonly damage: string[] = [];

  private constructor(files: Files, onFault: (message: string) => void) {
    this.#files = files;
    this.#onFault = onFault;
  }

  /**
   * Opens (or makes) the state folder. Throws when the folder itself cannot be used. `onFault` is told when
   * something could not be written later on; what is remembered in memory goes on.
   */
  static async open(folder: string, onFault: (message: string) => void): Promise<Memory> {
    await openStateFolder(folder);
    const files = {
      identity: new StateFile(folder, "identity.json", StoredIdentity),
      routing: new StateFile(folder, "routing.json", StoredRouting),
      standing: new StateFile(folder, "standing.json", Standing),
      surroundings: new StateFile(folder, "surroundings.json", Surroundings),
      activeProfile: new StateFile(folder, "active-profile.json", ActiveProfile),
      settings: new StateFile(folder, "settings.json", StoredSettings),
    };
    const memory = new Memory(files, onFault);
    await memory.#load();
    return memory;
  }

  async #load(): Promise<void> {
    const read = async <T>(file: StateFile<T>, what: string): Promise<T | null> => {
      const loaded = await file.load();
      if (loaded.kind === "corrupt")
        this.damage.push(`${what} was damaged (${loaded.why}); it is kept as ${loaded.keptAs}`);
      return loaded.kind === "value" ? loaded.value : null;
    };
    const identity = await read(this.#files.identity, "The identity of this device");
    this.#identity = identity === null ? null : new Identity(identity);
    this.#routing = (await read(this.#files.routing, "The stored path")) ?? this.#routing;
    this.#surroundings = (await read(this.#files.surroundings, "The stored addresses")) ?? this.#surroundings;
    const whole = this.damage.length;
    const settings = await read(this.#files.settings, "The record of the settings");
    this.#settings = settings?.settings ?? (this.damage.length > whole ? LOST_SETTINGS : DEFAULT_SETTINGS);
    const before = this.damage.length;
    const active = await read(this.#files.activeProfile, "The record of the connected profile");
    this.#activeProfile = active ?? (this.damage.length > before ? LOST_PROFILE : NO_PROFILE);
    this.#standing = (await read(this.#files.standing, "The record of revocation")) ?? this.#standing;
  }

  get identity(): Identity | null {
    return this.#identity;
  }

  get routing(): StoredRouting {
    return this.#routing;
  }

  /** Why the control plane threw this device out; null = it did not. */
  get revoked(): string | null {
    return this.#standing.revoked;
  }

  /** The manual profile that is connected in place of the managed path. */
  get activeProfile(): ActiveProfile {
    return this.#activeProfile;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Resolves when it is on the disk; rejects, and changes nothing, when it cannot be. */
  async setSettings(settings: Settings): Promise<void> {
    await this.#files.settings.save({ version: 1, settings });
    this.#settings = settings;
  }

  get surroundings(): Surroundings {
    return this.#surroundings;
  }

  /** Resolves when it is on the disk; rejects when it cannot be: an identity that is not kept is none. */
  async setIdentity(identity: Identity | null): Promise<void> {
    if (identity === null) await this.#files.identity.remove();
    else await this.#files.identity.save(identity.reveal());
    this.#identity = identity;
  }

  setRouting(change: Partial<StoredRouting>): void {
    this.#routing = { ...this.#routing, ...change };
    this.#keep(this.#files.routing.save(this.#routing));
  }

  setRevoked(revoked: string | null): void {
    if (revoked === this.#standing.revoked) return;
    this.#standing = { ...this.#standing, revoked };
    this.#keep(this.#files.standing.save(this.#standing));
  }

  /** Resolves when it is on the disk; in force at once. */
  async setActiveProfile(active: ActiveProfile): Promise<void> {
    this.#activeProfile = active;
    await this.#files.activeProfile.save(active);
  }

  setSurroundings(change: Partial<Surroundings>): void {
    this.#surroundings = { ...this.#surroundings, ...change };
    this.#keep(this.#files.surroundings.save(this.#surroundings));
  }

  /** Resolves when everything that was set is written. */
  async settled(): Promise<void> {
    await Promise.all(Object.values(this.#files).map((file: StateFile<unknown>) => file.settled()));
  }

  #keep(writing: Promise<void>): void {
    writing.catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      this.#onFault(`something could not be written to the state folder: ${why}`);
    });
  }
}
