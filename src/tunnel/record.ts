/**
 * What the engine keeps on disk: `target.json`, the wish that is being brought about, written before anything is
 * done; `undo.json`, what has to be put back; and `carried.json`, while connections are being moved to another exit, how
 * they were carried before. All 0600 and replaced by renaming. The private key is in none.
 */
import { closeSync, fsync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { parsePrefix, type Prefix } from "../wireguard/prefix.ts";
import type { Carriage } from "./exits.ts";
import { IntentSchema } from "./intent.ts";
import type { Intent } from "./types.ts";

const Blockage = z.strictObject({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  facts: z.record(z.string(), z.string()).optional(),
});

const Target = z.strictObject({
  version: z.literal(1),
  /** `down`: a disconnect was asked for and has to be finished. */
  wish: z.enum(["up", "closed", "down"]),
  intent: IntentSchema.nullable(),
  reason: Blockage.nullable(),
});
export interface Target {
  readonly wish: "up" | "closed" | "down";
  readonly intent: Intent | null;
  readonly reason: z.infer<typeof Blockage> | null;
}

const Undo = z.strictObject({
  version: z.literal(1),
  sysctls: z.record(z.string().regex(/^net\/[a-z0-9_/]+$/), z.string().max(16)),
  resolver: z
    .strictObject({
      /** What was there: a file's text, or where a symbolic link pointed. */
      former: z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("file"), text: z.string(), mode: z.number().int() }),
        z.strictObject({ kind: z.literal("link"), target: z.string(), text: z.string() }),
        z.strictObject({ kind: z.literal("absent") }),
      ]),
      /** What we wrote last; anything else there is somebody else's and stays. */
      written: z.string(),
    })
    .nullable(),
});
export type Undo = Omit<z.infer<typeof Undo>, "version">;
export type ResolverUndo = NonNullable<Undo["resolver"]>;

const PrefixText = z.custom<Prefix>((text) => {
  const prefix = typeof text === "string" ? parsePrefix(text) : null;
  return prefix?.ok === true && prefix.value === text;
});
const Carried = z.strictObject({
  version: z.literal(1),
  addresses: z.array(PrefixText),
  routes: z.array(
    z.strictObject({
      family: z.union([z.literal(4), z.literal(6)]),
      to: PrefixText,
      metric: z.number().int(),
      via: z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("tunnel"), mtu: z.number().int().nullable() }),
        z.strictObject({ kind: z.literal("link"), interface: z.string() }),
        z.strictObject({ kind: z.literal("unreachable") }),
      ]),
    }),
  ),
  peers: z.array(z.strictObject({ publicKey: z.string(), allowedIps: z.array(PrefixText) })),
  tracked: z.boolean(),
});
/** How connections are carried, and whether conntrack knows by which exit. */
export type Carried = Carriage & { readonly tracked: boolean };

export type Read<T> =
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly why: string }
  | { readonly kind: "read"; readonly value: T };

const NO_UNDO: Undo = { sysctls: {}, resolver: null };

/** The files in a folder of their own (made 0700 where missing). */
export class Record {
  readonly #folder: string;
  /** How far the newest of each file is on its way to the disk. */
  readonly #settling = new Map<string, Promise<void>>();

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  readTarget(): Read<Target> {
    const read = this.#read("target.json", Target);
    if (read.kind !== "read") return read;
    const { wish, intent, reason } = read.value;
    // The schema admits exactly what an intent is; only its optional fields are spelt otherwise.
    return { kind: "read", value: { wish, intent: intent, reason } };
  }

  /** On return the wish is there for the next life of the agent; on the disk for good when `settled` resolves. */
  writeTarget(target: Target): void {
    this.#write("target.json", { version: 1, ...target });
  }

  readUndo(): Undo {
    const read = this.#read("undo.json", Undo);
    return read.kind === "read" ? { sysctls: read.value.sysctls, resolver: read.value.resolver } : NO_UNDO;
  }

  /**
   * Changes a part of what has to be put back, and leaves the rest. That a part was put back need not be written
   * down: doing it again changes nothing, and a full disk must not keep anybody from disconnecting.
   */
  changeUndo(change: Partial<Undo>): void {
    try {
      this.#write("undo.json", { version: 1, ...this.readUndo(), ...change });
    } catch (error) {
      const adds = Object.values(change).some((part) => part !== null && Object.keys(part).length > 0);
      if (adds) throw error;
    }
  }

  /** How connections were carried before the change that an earlier life did not end; null = there was none. */
  readCarried(): Carried | null {
    const read = this.#read("carried.json", Carried);
    if (read.kind !== "read") return null;
    const { addresses, routes, peers, tracked } = read.value;
    return { addresses, routes, peers, tracked };
  }

  /** Null = the change is over. A loss of power ends connections too, so nobody waits for the disk. */
  writeCarried(carried: Carried | null): void {
    if (carried === null) {
      rmSync(join(this.#folder, "carried.json"), { force: true });
      return;
    }
    const { addresses, tracked } = carried;
    const routes = carried.routes.map(({ family, to, metric, via }) => ({ family, to, metric, via }));
    const peers = carried.peers.map(({ publicKey, allowedIps }) => ({ publicKey, allowedIps }));
    closeSync(this.#replace("carried.json", { version: 1, addresses, routes, peers, tracked }));
  }

  /** Everything was put back: nothing is wanted any more. */
  clear(): void {
    this.writeCarried(null);
    rmSync(join(this.#folder, "undo.json"), { force: true });
    rmSync(join(this.#folder, "target.json"), { force: true });
  }

  /**
   * Resolves when what was written until now would survive a loss of power too, or the disk refused to promise that.
   * Everything that a tunnel is made of is gone after such a loss, but `resolv.conf`: whoever changes that, or says
   * that somebody is connected, waits for this.
   */
  async settled(): Promise<void> {
    await Promise.all(this.#settling.values());
  }

  #read<T>(name: string, schema: z.ZodType<T>): Read<T> {
    let text: string;
    try {
      text = readFileSync(join(this.#folder, name), "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return { kind: "absent" };
      return { kind: "unreadable", why: String(error) };
    }
    try {
      return { kind: "read", value: schema.parse(JSON.parse(text)) };
    } catch {
      return { kind: "unreadable", why: "its content is damaged" };
    }
  }

  #write(name: string, value: unknown): void {
    const file = this.#replace(name, value);
    // A crash of the agent loses nothing from here on. The disk takes milliseconds, in which others can work.
    this.#settling.set(name, flush(file, this.#folder));
  }

  /** Answers the new file, open. */
  #replace(name: string, value: unknown): number {
    const path = join(this.#folder, name);
    const file = openSync(`${path}.new`, "w", 0o600);
    try {
      writeSync(file, JSON.stringify(value));
      renameSync(`${path}.new`, path);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    return file;
  }
}

const sync = promisify(fsync);

/** Forces a file and its name to the disk, and closes it. Never rejects. */
async function flush(file: number, folder: string): Promise<void> {
  try {
    await sync(file);
  } catch {
    // Nobody is kept from connecting, or disconnecting, by a disk that stores but does not promise.
  } finally {
    closeSync(file);
  }
  try {
    const names = openSync(folder, "r");
    await sync(names).finally(() => closeSync(names));
  } catch {
    // As above.
  }
}
