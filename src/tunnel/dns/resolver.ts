/**
 * The system's resolver in a plain `resolv.conf`. In `full_tunnel` it names the tunnel's servers; in `vpn_only`
 * with match domains it names our loopback forwarder, since such a file cannot split. What was there is kept and
 * comes back, unless another program wrote meanwhile: then theirs stays.
 */
import { lstat, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import type { DnsState } from "../network-state.ts";
import { OperationError } from "../operation-error.ts";
import type { Record as TunnelRecord, ResolverUndo } from "../record.ts";
import { startForwarder, FORWARDER_ADDRESS, type Forwarder } from "./forwarder.ts";

/** How a `resolv.conf` of our own writing begins. */
export const RESOLV_CONF_HEADER =
  "# Written by Nanami while its tunnel is up. The former content returns on disconnect.\n";

type Wish = Pick<DnsState, "mode"> & {
  readonly servers: readonly string[];
  readonly matchDomains: readonly string[];
};

export class Resolver {
  readonly #path: string;
  readonly #record: TunnelRecord;
  #forwarder: Forwarder | null = null;

  constructor(path: string, record: TunnelRecord) {
    this.#path = path;
    this.#record = record;
  }

  /** Makes the file say what the state asks for. Idempotent; notices when somebody else wrote. */
  async apply(wish: Wish): Promise<void> {
    const splits = wish.mode === "vpn_only" && wish.servers.length > 0 && wish.matchDomains.length > 0;
    const replaces = wish.mode === "full_tunnel" && wish.servers.length > 0;
    if (!splits && !replaces) {
      await this.restore();
      return;
    }
    const undo = this.#record.readUndo();
    const current = await readState(this.#path);
    const ours = undo.resolver !== null && textOf(current) === undo.resolver.written;
    const former = ours && undo.resolver !== null ? undo.resolver.former : notOurs(current);
    const formerText = textOf(former) ?? "";
    if (splits) {
      await this.#forward(wish, resolversOf(formerText));
    } else {
      await this.#stopForwarding();
    }
    const text = splits ? splitText(formerText) : fullText(wish.servers);
    if (ours && textOf(current) === text) return;
    this.#record.changeUndo({ resolver: { former, written: text } });
    await replace(this.#path, text, former.kind === "file" ? former.mode : 0o644);
  }

  /** Puts back what was there, unless another program wrote meanwhile. */
  async restore(): Promise<void> {
    const undo = this.#record.readUndo();
    if (undo.resolver !== null) {
      const current = await readState(this.#path);
      if (textOf(current) === undo.resolver.written) await putBack(this.#path, undo.resolver.former);
      this.#record.changeUndo({ resolver: null });
    }
    await this.#stopForwarding();
  }

  /** Stops the forwarder and leaves the file. */
  async close(): Promise<void> {
    await this.#stopForwarding();
  }

  async #forward(wish: Wish, others: readonly string[]): Promise<void> {
    const settings = { inside: wish.servers, outside: others, matchDomains: wish.matchDomains };
    if (this.#forwarder === null) this.#forwarder = await startForwarder(settings);
    else this.#forwarder.change(settings);
  }

  async #stopForwarding(): Promise<void> {
    const forwarder = this.#forwarder;
    this.#forwarder = null;
    await forwarder?.close();
  }
}

function fullText(servers: readonly string[]): string {
  // glibc asks three at most.
  return (
    RESOLV_CONF_HEADER +
    servers
      .slice(0, 3)
      .map((server) => `nameserver ${server}\n`)
      .join("")
  );
}

function splitText(former: string): string {
  const kept = former.split("\n").filter((line) => /^\s*(search|domain|options|sortlist)\s/.test(line));
  return RESOLV_CONF_HEADER + [...kept, `nameserver ${FORWARDER_ADDRESS}`, ""].join("\n");
}

/** The servers that a `resolv.conf` names, without ourselves. */
export function resolversOf(text: string): readonly string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .map((match) => match[1] ?? "")
    .filter((server) => server !== FORWARDER_ADDRESS);
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
    const text = await readFile(path, "utf8").catch(() => "");
    return { kind: "link", target: await readlink(path), text };
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
    remedy: "Make it writable for the agent (in its service unit: ReadWritePaths=/etc).",
  });
}
