/**
 * `.nanami/world.json`: where the standing demo world is, for commands in other terminals. `sandboxPid` is the
 * process, as the machine outside numbers it, whose namespaces are the sandbox's; null where nobody said.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

export const STATE_FOLDER = ".nanami";
const FILE = join(STATE_FOLDER, "world.json");
const OPERATOR_FILE = join(STATE_FOLDER, "operator.curlrc");

const WorldFile = z.strictObject({
  /** Path of the agent's socket. */
  socket: z.string(),
  /** Folder with every state and log of the world. */
  state: z.string(),
  sandboxPid: z.number().int().positive().nullable(),
  hosts: z.array(z.strictObject({ name: z.string(), about: z.string(), pid: z.number().int().positive() })),
});
export type WorldFile = z.infer<typeof WorldFile>;

/** The standing world, or one that ended without removing its file; undefined when there is neither. */
export async function readWorldFile(): Promise<WorldFile | undefined> {
  try {
    return WorldFile.parse(JSON.parse(await readFile(FILE, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    // Half written or from another version: as good as none.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

export async function writeWorldFile(world: WorldFile): Promise<void> {
  await writeFile(FILE, `${JSON.stringify(world, null, 2)}\n`, { mode: 0o600 });
}

/**
 * `.nanami/operator.curlrc`: what lets `curl` speak to the control plane as acme's operator, readable by its owner
 * alone. `authority` is the path of the PEM to trust.
 */
export async function writeOperatorFile(token: string, authority: string): Promise<void> {
  const lines = [`cacert = "${authority}"`, `header = "Authorization: Bearer ${token}"`, ""];
  await rm(OPERATOR_FILE, { force: true });
  await writeFile(OPERATOR_FILE, lines.join("\n"), { mode: 0o600 });
}

/** Removes both files of a world that ended. */
export async function removeWorldFile(): Promise<void> {
  await Promise.all([rm(FILE, { force: true }), rm(OPERATOR_FILE, { force: true })]);
}
