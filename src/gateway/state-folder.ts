/**
 * The gateway's folder on disk: 0700, typed JSON files of mode 0600, written atomically (temporary file, fsync,
 * rename, fsync of the folder), parsed when read.
 */
import { constants } from "node:fs";
import { lstat, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";

export type Loaded<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "absent" }
  /** There is a file and it cannot be understood; it stays where it is until a new one is written. */
  | { readonly kind: "unreadable"; readonly why: string };

/** See the file's head. */
export class StateFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Makes or checks the folder. Throws when it belongs to somebody else or others may enter it. */
  static async open(path: string): Promise<StateFolder> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const found = await lstat(path);
    if (!found.isDirectory() || found.uid !== process.getuid?.())
      throw new Error(`state folder ${path}: not a folder of the user who runs the gateway; choose another`);
    if ((found.mode & 0o077) !== 0)
      throw new Error(`state folder ${path}: others may enter it, and keys live there; run chmod 700 on it`);
    return new StateFolder(path);
  }

  async load<T>(name: string, schema: z.ZodType<T>): Promise<Loaded<T>> {
    let text: string;
    try {
      text = await readFile(join(this.#path, name), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return { kind: "absent" };
      return { kind: "unreadable", why: `${name}: ${String(error)}` };
    }
    try {
      const parsed = schema.safeParse(JSON.parse(text));
      if (parsed.success) return { kind: "value", value: parsed.data };
      const issue = parsed.error.issues[0];
      return { kind: "unreadable", why: `${name}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}` };
    } catch {
      return { kind: "unreadable", why: `${name}: it is not JSON` };
    }
  }

  /** Resolves when the value is on the disk. */
  async save(name: string, value: unknown): Promise<void> {
    const temporary = join(this.#path, `${name}.new`);
    await rm(temporary, { force: true });
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await file.writeFile(`${JSON.stringify(value)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(this.#path, name));
    await this.#sync();
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#path, name), { force: true });
    await this.#sync();
  }

  async #sync(): Promise<void> {
    const folder = await open(this.#path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
