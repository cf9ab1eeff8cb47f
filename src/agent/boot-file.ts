/**
 * Lockdown before the agent starts: a file for `nft -f` that a unit loads before there is a network. It exists while
 * lockdown is on. Of the local network nothing is known so early, so nothing of it is let out.
 */
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { desiredState } from "../tunnel/desired-state.ts";
import { firewallText } from "../tunnel/linux/firewall.ts";
import type { Intent } from "../tunnel/types.ts";

/** Writes the file for what is in force at rest, or removes it (null). Replaced by renaming, 0600. */
export async function keepForBoot(folder: string, tunnel: string, rest: Intent | null): Promise<void> {
  const path = join(folder, "lockdown.nft");
  if (rest === null) {
    await rm(path, { force: true });
    return;
  }
  const state = desiredState(rest, { interface: tunnel, onLink: [], tracks: false, closed: true });
  const fresh = `${path}.new`;
  await rm(fresh, { force: true });
  await writeFile(fresh, firewallText(state.firewall), { mode: 0o600, flag: "wx" });
  await rename(fresh, path);
}
