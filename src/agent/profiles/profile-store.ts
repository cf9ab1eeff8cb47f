/**
 * The folder of profiles: one file each, 0600, written atomically; its name is the profile's random id and nothing
 * that a person typed. What is removed stays for a while so that removing can be undone.
 */
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { z } from "zod";
import { Id } from "../../routing/schema.ts";
import type { TunnelConfig } from "../../wireguard/config/types.ts";
import { writeConfig } from "../../wireguard/config/writer.ts";
import { openStateFolder, StateFile } from "../store.ts";
import { StoredProfile, type ProfileRecord } from "./stored.ts";

/** Most profiles of one user; removed ones count until they are gone. */
export const MOST_PROFILES = 200;
/** Bytes of text that the profiles of one user, and of all, may make: a list of them has to fit into one message. */
export const MOST_BYTES_OF_USER = 512 * 1024;
const MOST_BYTES = 1536 * 1024;
/** Milliseconds for which a removed profile can be restored. */
export const RESTORABLE_MS = 30 * 60_000;

/** What a file may hold: anything that is a profile. It is decoded apart, so that no secret is ever half decoded. */
const Encoded = z.unknown().refine((value) => StoredProfile.safeParse(value).success, "not a profile");

/** The profiles of an import while it is written: found at a start, they were not all written, and none is kept. */
const Unfinished = z.strictObject({ ids: z.array(Id) });

const FILE_NAME = /^(prf_[A-Za-z0-9]{8,40})\.json$/;

/** See the file's head. Everything is in memory; a change resolves when it is on the disk. */
export class ProfileStore {
  readonly #folder: string;
  readonly #now: () => number;
  readonly #records = new Map<string, ProfileRecord>();
  readonly #files = new Map<string, StateFile<unknown>>();
  readonly #unfinished: StateFile<z.infer<typeof Unfinished>>;
  /** What was found damaged, for a person. */
  readonly damage: string[] = [];

  private constructor(folder: string, now: () => number) {
    this.#folder = folder;
    this.#now = now;
    this.#unfinished = new StateFile(folder, "unfinished-import.json", Unfinished);
  }

  /** Opens (or makes) the folder. Files that cannot be understood are put aside and said, never deleted. */
  static async open(folder: string, now: () => number = Date.now): Promise<ProfileStore> {
    await openStateFolder(folder);
    const store = new ProfileStore(folder, now);
    await store.#load();
    return store;
  }

  async #load(): Promise<void> {
    const unfinished = await this.#unfinished.load();
    if (unfinished.kind === "value") await this.#undo(unfinished.value.ids);
    if (unfinished.kind === "corrupt")
      this.damage.push(`The note of an unfinished import was damaged (${unfinished.why}); its profiles stay`);
    for (const name of await readdir(this.#folder)) {
      const id = FILE_NAME.exec(name)?.[1];
      if (id === undefined) continue;
      const loaded = await this.#file(id).load();
      if (loaded.kind === "corrupt")
        this.damage.push(`A profile was damaged (${loaded.why}); it is kept as ${loaded.keptAs}`);
      if (loaded.kind !== "value") continue;
      const record = StoredProfile.parse(loaded.value);
      if (record.id === id) this.#records.set(id, record);
      else this.damage.push(`The profile ${id} says that it is another one; it is left alone`);
    }
    await this.#forgetRemoved();
  }

  /** All that are not removed, oldest first. */
  all(): readonly ProfileRecord[] {
    return [...this.#records.values()]
      .filter(({ removedAt }) => removedAt === null)
      .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0));
  }

  /** Those that can be restored, removed last first. */
  removed(): readonly ProfileRecord[] {
    return [...this.#records.values()]
      .filter(({ removedAt }) => removedAt !== null && !this.#isOver(removedAt))
      .toSorted((a, b) => ((a.removedAt ?? "") > (b.removedAt ?? "") ? -1 : 1));
  }

  /** Whether a user may have these as well, in place of the profile `replaced` where that is given. */
  hasRoom(owner: number, more: readonly TunnelConfig[], replaced?: string): boolean {
    const others = [...this.#records.values()].filter(({ id }) => id !== replaced);
    const own = others.filter((record) => record.owner === owner);
    const added = sizeOf(more);
    return (
      own.length + more.length <= MOST_PROFILES &&
      sizeOf(own.map(({ config }) => config)) + added <= MOST_BYTES_OF_USER &&
      sizeOf(others.map(({ config }) => config)) + added <= MOST_BYTES
    );
  }

  newId(): string {
    return `prf_${randomBytes(11).toString("hex")}`;
  }

  /** Writes a profile, new or changed. It is in force when this resolves; when it rejects, nothing changed. */
  async save(record: ProfileRecord): Promise<void> {
    await this.#write(record);
    this.#records.set(record.id, record);
    await this.#forgetRemoved();
  }

  /** Writes new profiles, all or none: also when the disk is full, or the power goes, in between. */
  async addAll(records: readonly ProfileRecord[]): Promise<void> {
    const [only, ...others] = records;
    if (only !== undefined && others.length === 0) return this.save(only);
    const ids = records.map(({ id }) => id);
    await this.#unfinished.save({ ids });
    try {
      for (const record of records) await this.#write(record);
      await this.#unfinished.remove();
    } catch (error) {
      await this.#undo(ids);
      throw error;
    }
    for (const record of records) this.#records.set(record.id, record);
  }

  async #undo(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      await this.#file(id).remove();
      this.#files.delete(id);
    }
    await this.#unfinished.remove();
  }

  #write(record: ProfileRecord): Promise<void> {
    return this.#file(record.id).save(StoredProfile.encode({ ...record, ...mutable(record) }));
  }

  async #forgetRemoved(): Promise<void> {
    for (const { id, removedAt } of [...this.#records.values()]) {
      if (removedAt === null || !this.#isOver(removedAt)) continue;
      this.#records.delete(id);
      await this.#file(id).remove();
      this.#files.delete(id);
    }
  }

  #isOver(removedAt: string): boolean {
    const age = this.#now() - Date.parse(removedAt);
    // A clock that was set back does not keep keys for ever.
    return age > RESTORABLE_MS || age < -RESTORABLE_MS;
  }

  #file(id: string): StateFile<unknown> {
    const known = this.#files.get(id);
    if (known !== undefined) return known;
    const file = new StateFile(this.#folder, `${id}.json`, Encoded);
    this.#files.set(id, file);
    return file;
  }
}

function sizeOf(configs: readonly TunnelConfig[]): number {
  return configs.reduce((sum, config) => sum + writeConfig(config).length, 0);
}

/** The same value with the arrays that the schema writes to typed as it wants them. */
function mutable({
  narrowed,
  config,
}: ProfileRecord): Pick<z.output<typeof StoredProfile>, "narrowed" | "config"> {
  return {
    narrowed: narrowed === null ? null : [...narrowed],
    config: {
      interface: {
        ...config.interface,
        addresses: [...config.interface.addresses],
        dns: [...config.interface.dns],
        searchDomains: [...config.interface.searchDomains],
      },
      peers: config.peers.map((peer) => ({ ...peer, allowedIps: [...peer.allowedIps] })),
    },
  };
}
