/**
 * A plain `resolv.conf` (resolv.conf(5)). It cannot split. What was there is kept and comes back, unless another
 * program wrote meanwhile: then theirs stays.
 */
import { lstat, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { OperationError } from "../operation-error.ts";
import type { Record as TunnelRecord, ResolverUndo } from "../record.ts";
import type { ForeignNames } from "../types.ts";
import type { Assignment, DnsDriver } from "./driver.ts";
import { otherResolver } from "./foreign-names.ts";
import { FORWARDER_ADDRESS } from "./forwarder.ts";

/** How a `resolv.conf` of our own writing begins. */
export const RESOLV_CONF_HEADER =
  "# Written by Nanami while its tunnel is up. The former content returns on disconnect.\n";

/** The servers that a `resolv.conf` names, without ourselves. */
export function resolversOf(text: string): readonly string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .map((match) => match[1] ?? "")
    .filter((server) => server !== FORWARDER_ADDRESS);
}

/** The lines of a `resolv.conf` that say anything but whom to ask. */
export function searchOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => /^\s*(search|domain|options|sortlist)\s/.test(line));
}

/** The text of a `resolv.conf`, behind a symbolic link too; "" where there is none. */
export async function readResolvConf(path: string): Promise<string> {
  return await readFile(path, "utf8").catch(() => "");
}

export class ResolvConfFile implements DnsDriver {
  readonly manager = "resolv.conf";
  readonly splits = false;
  readonly excludes = true;
  readonly #path: string;
  readonly #record: TunnelRecord;

  constructor(path: string, record: TunnelRecord) {
    this.#path = path;
    this.#record = record;
  }

  async set(assignment: Assignment): Promise<boolean> {
    const current = await readState(this.#path);
    const former = this.#former(current);
    const text = textFor(assignment, await this.#given(former));
    if (this.#isOurs(current) && textOf(current) === text) return false;
    this.#record.changeUndo({ resolver: { former, written: text } });
    await this.#record.settled();
    await replace(this.#path, text, former.kind === "file" ? former.mode : 0o644);
    return true;
  }

  async revert(): Promise<void> {
    const { resolver } = this.#record.readUndo();
    if (resolver === null) return;
    if (this.#isOurs(await readState(this.#path))) await putBack(this.#path, resolver.former);
    this.#record.changeUndo({ resolver: null });
  }

  async others(): Promise<readonly string[]> {
    return resolversOf(await this.#given(this.#former(await readState(this.#path))));
  }

  async differences(assignment: Assignment): Promise<readonly ForeignNames[]> {
    const current = await readState(this.#path);
    if (this.#isOurs(current)) return [];
    const named = resolversOf(textOf(current) ?? "");
    return [otherResolver(this.#path, named, assignment.servers, "another program wrote it")];
  }

  #isOurs(current: FileState): boolean {
    const { resolver } = this.#record.readUndo();
    return resolver !== null && textOf(current) === resolver.written;
  }

  /** What there is without us. */
  #former(current: FileState): FileState {
    const { resolver } = this.#record.readUndo();
    return resolver !== null && this.#isOurs(current) ? resolver.former : notOurs(current);
  }

  /** What the network says by it now: where it was a link, its owner goes on writing behind it. */
  async #given(former: FileState): Promise<string> {
    if (former.kind !== "link") return textOf(former) ?? "";
    const target = resolve(dirname(this.#path), former.target);
    return await readFile(target, "utf8").catch(() => former.text);
  }
}

function textFor({ servers, keepsSearch }: Assignment, given: string): string {
  // glibc asks three at most.
  const lines = servers.slice(0, 3).map((server) => `nameserver ${server}`);
  return RESOLV_CONF_HEADER + [...(keepsSearch ? searchOf(given) : []), ...lines, ""].join("\n");
}

type FileState = ResolverUndo["former"];

/** Text of our own whose record was lost is nobody's former one: without it there was no file as far as we know. */
function notOurs(state: FileState): FileState {
  return state.kind === "file" && state.text.startsWith(RESOLV_CONF_HEADER) ? { kind: "absent" } : state;
}

function textOf(state: FileState): string | null {
  return state.kind === "absent" ? null : state.text;
}

async function readState(path: string): Promise<FileState> {
  try {
    const entry = await lstat(path);
    if (!entry.isSymbolicLink())
      return { kind: "file", text: await readFile(path, "utf8"), mode: entry.mode & 0o777 };
    return { kind: "link", target: await readlink(path), text: await readResolvConf(path) };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { kind: "absent" };
    throw unwritable(path, error);
  }
}

async function putBack(path: string, former: FileState): Promise<void> {
  switch (former.kind) {
    case "file": {
      await replace(path, former.text, former.mode);
      return;
    }
    case "link":
      // What a crash left under this name would be in the way for ever.
      await rm(`${path}.nanami`, { force: true });
      await symlink(former.target, `${path}.nanami`);
      await rename(`${path}.nanami`, path);
      return;
    case "absent":
      await rm(path, { force: true });
  }
}

/** Replaces the file by renaming, so that nobody reads half of it; in place where it is mounted by itself (EBUSY). */
async function replace(path: string, text: string, mode: number): Promise<void> {
  const fresh = `${path}.nanami`;
  try {
    await rm(fresh, { force: true });
    await writeFile(fresh, text, { mode, flag: "wx" });
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    if (!(error instanceof Error && "code" in error && error.code === "EBUSY")) throw unwritable(path, error);
    await writeFile(path, text).catch((cause: unknown) => {
      throw unwritable(path, cause);
    });
  }
}

function unwritable(path: string, error: unknown): OperationError {
  return new OperationError({
    code: "resolver_unwritable",
    message: `${path} could not be changed: ${error instanceof Error ? error.message : String(error)}.`,
    facts: { detail: `${path}: ${error instanceof Error ? error.message : String(error)}` },
    remedy: "Make it writable for the agent (in its service unit: ReadWritePaths=/etc).",
  });
}
