/**
 * Small files of the state folder: typed, parsed when read, written atomically (a temporary file, fsync, rename,
 * fsync of the folder) with mode 0600. A file that does not parse is put aside under another name and said; it
 * is never silently replaced.
 */
import { constants } from "node:fs";
import { lstat, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";

/** Largest file that is read, bytes. */
const MAX_FILE = 4 * 1024 * 1024;

export type Loaded<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "absent" }
  /** It could not be understood; `keptAs` is where it lies now. */
  | { readonly kind: "corrupt"; readonly keptAs: string; readonly why: string };

/**
 * Makes the state folder, 0700, or checks the one that is there. Throws when it belongs to somebody else or
 * others may enter: keys live in it.
 */
export async function openStateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await lstat(path);
  const uid = process.getuid?.();
  if (!found.isDirectory() || (uid !== undefined && found.uid !== uid))
    throw new Error(`state folder ${path}: must be a folder of uid ${uid ?? "unknown"}; choose another`);
  if ((found.mode & 0o077) !== 0)
    throw new Error(
      `state folder ${path}: others may enter it (mode ${(found.mode & 0o777).toString(8)}), and keys live there; run chmod 700 on it`,
    );
}

/** One file of the state folder. Writes are done one after the other. */
export class StateFile<T> {
  readonly #folder: string;
  readonly #name: string;
  readonly #schema: z.ZodType<T>;
  #last: Promise<void> = Promise.resolve();

  constructor(folder: string, name: string, schema: z.ZodType<T>) {
    this.#folder = folder;
    this.#name = name;
    this.#schema = schema;
  }

  async load(): Promise<Loaded<T>> {
    const path = join(this.#folder, this.#name);
    let text: string;
    try {
      const { size } = await lstat(path);
      if (size > MAX_FILE) return await this.#putAside(path, `it has ${size} bytes`);
      text = await readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return { kind: "absent" };
      throw error;
    }
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return this.#putAside(path, "it is not JSON");
    }
    const parsed = this.#schema.safeParse(json);
    if (parsed.success) return { kind: "value", value: parsed.data };
    const issue = parsed.error.issues[0];
    return this.#putAside(path, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unknown shape"}`);
  }

  /** Writes the value; resolves when it is on the disk. */
  save(value: T): Promise<void> {
    return this.#enqueue(() => this.#write(`${JSON.stringify(value)}\n`));
  }

  remove(): Promise<void> {
    return this.#enqueue(async () => {
      await rm(join(this.#folder, this.#name), { force: true });
      await this.#syncFolder();
    });
  }

  /** Resolves when everything that was asked for is done. */
  settled(): Promise<void> {
    return this.#last;
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #write(text: string): Promise<void> {
    const temporary = join(this.#folder, `${this.#name}.new`);
    // Whatever a crash left under this name is removed; O_EXCL then refuses links that somebody planted.
    await rm(temporary, { force: true });
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(this.#folder, this.#name));
    await this.#syncFolder();
  }

  async #syncFolder(): Promise<void> {
    const folder = await open(this.#folder, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async #putAside(path: string, why: string): Promise<Loaded<T>> {
    const keptAs = `${path}.corrupt-${new Date().toISOString().replaceAll(":", "")}`;
    await rename(path, keptAs);
    return { kind: "corrupt", keptAs, why };
  }
}
