/** Installs the agent for this user, by the packaged command line and with the administrator's word. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ShellRefusal } from "../src/face/desk.ts";
import type { HostTexts } from "./texts/index.ts";

const PKEXEC = "/usr/bin/pkexec";
/** As long as somebody may look for a password; milliseconds. */
const PATIENCE_MS = 5 * 60_000;
/** pkexec(1): the dialog was dismissed. */
const DISMISSED = 126;

/** The two programs that it takes, absolute. */
export interface Installer {
  readonly pkexec: string;
  readonly cli: string;
}

/** What this installation of the app can install the service with; null = the command is for copying. */
export function installerHere(platform: NodeJS.Platform, resources: string): Installer | null {
  const cli = join(resources, "bin", "nanami");
  return platform === "linux" && existsSync(PKEXEC) && existsSync(cli) ? { pkexec: PKEXEC, cli } : null;
}

/** Runs it with a fixed argument vector and an empty environment. Throws `ShellRefusal`. */
export async function installService(
  installer: Installer | null,
  uid: number,
  texts: HostTexts["service"],
): Promise<void> {
  if (installer === null) throw new ShellRefusal({ code: "unavailable", message: texts.notHere });
  // Loaded here: nearly nobody ever needs it, and it would be read at every start.
  const { execa } = await import("execa");
  const { exitCode } = await execa(
    installer.pkexec,
    [installer.cli, "service", "install", "--for", String(uid)],
    { reject: false, extendEnv: false, env: {}, stdio: "ignore", timeout: PATIENCE_MS },
  );
  if (exitCode === 0) return;
  throw new ShellRefusal(
    exitCode === DISMISSED
      ? { code: "cancelled", message: texts.cancelled, remedy: texts.cancelledRemedy }
      : { code: "unavailable", message: texts.failed, remedy: texts.failedRemedy },
  );
}
