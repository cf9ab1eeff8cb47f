/**
 * The sandbox: namespaces of its own for network, mounts and processes, in which `src/lab` raises its hosts without
 * touching the machine. It needs no root. Everything in it ends with it.
 */
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";

const NAMESPACES = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];

/**
 * First process inside. It reaps what others leave behind (Node would not), passes on the signals whose names it
 * reads from descriptor 3, and takes the end of that pipe, which is the end of whoever started us, for a TERM and
 * five seconds later a KILL. When it ends, the kernel ends everything else in the namespace.
 */
const INIT = `
"$@" 3<&- &
child=$!
{
  while read -r name; do kill -s "$name" $child; done
  kill -s TERM $child
  sleep 5
  kill -s KILL $child
} <&3 >/dev/null 2>&1 &
exec 3<&-
wait $child
`;

/** Becomes the program that makes the namespaces and tells those inside its process id as seen from outside. */
const ANNOUNCE = 'NANAMI_SANDBOX_PID=$$ exec "$@"';

/** The words that run a program inside fresh namespaces. `uid` is the one of the caller. */
export function sandboxWords(uid: number, command: readonly string[]): readonly [string, ...string[]] {
  return ["unshare", ...(uid === 0 ? [] : ["--user", "--map-root-user"]), ...NAMESPACES, ...command];
}

/** What the machine says about namespaces; gathered by `examine`, judged by `obstacle`. */
export interface Examination {
  readonly uid: number;
  /** Exit status of an `unshare` that runs `true`; null when there is no such program. */
  readonly trial: number | null;
  readonly trialError: string;
  readonly tun: "usable" | "missing" | "forbidden";
  /** `kernel.apparmor_restrict_unprivileged_userns`, `kernel.unprivileged_userns_clone`, `user.max_user_namespaces` */
  readonly settings: {
    readonly apparmorRestricts: string | undefined;
    readonly usernsClone: string | undefined;
    readonly maxUserNamespaces: string | undefined;
  };
}

/** Why the sandbox cannot be made, with the remedy. Undefined when it can. */
export function obstacle(found: Examination): string | undefined {
  if (found.trial === null) return "the program unshare is missing; install the package util-linux";
  if (found.trial !== 0) {
    const setting = (name: string, value: string) =>
      `run\n  sudo sysctl -w ${name}=${value}\nor start the command as root`;
    if (found.uid !== 0) {
      const { apparmorRestricts, usernsClone, maxUserNamespaces } = found.settings;
      if (apparmorRestricts === "1")
        return `AppArmor forbids user namespaces here (Ubuntu 23.10 and newer do): ${setting("kernel.apparmor_restrict_unprivileged_userns", "0")}`;
      if (usernsClone === "0")
        return `user namespaces are switched off: ${setting("kernel.unprivileged_userns_clone", "1")}`;
      if (maxUserNamespaces === "0")
        return `user namespaces are switched off: ${setting("user.max_user_namespaces", "15000")}`;
    }
    return `namespaces are not allowed here (${found.trialError.trim()}). In a container, start it with --privileged; else start the command as root`;
  }
  switch (found.tun) {
    case "usable":
      return undefined;
    case "missing":
      return "/dev/net/tun is missing, and WireGuard needs it: run\n  sudo modprobe tun\nor, in a container, start it with --device /dev/net/tun";
    case "forbidden":
      return "/dev/net/tun is not accessible for this user, and WireGuard needs it: run\n  sudo chmod 666 /dev/net/tun\nor start the command as root";
  }
}

function readSetting(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8").trim() : undefined;
}

function examine(): Examination {
  const uid = process.getuid?.() ?? -1;
  const [file, ...args] = sandboxWords(uid, ["true"]);
  const trial = spawnSync(file, args, { encoding: "utf8" });
  let tun: Examination["tun"] = "usable";
  try {
    accessSync("/dev/net/tun", constants.R_OK | constants.W_OK);
  } catch {
    tun = existsSync("/dev/net/tun") ? "forbidden" : "missing";
  }
  return {
    uid,
    trial: trial.error === undefined ? trial.status : null,
    trialError: trial.stderr,
    tun,
    settings: {
      apparmorRestricts: readSetting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
      usernsClone: readSetting("/proc/sys/kernel/unprivileged_userns_clone"),
      maxUserNamespaces: readSetting("/proc/sys/user/max_user_namespaces"),
    },
  };
}

/** Two signals closer together than this are one: the terminal and a parent may both have sent it. */
const SAME_MS = 500;

/**
 * Runs `command` inside the sandbox and returns its exit status (128 + n when signal n ended it). The first SIGINT,
 * SIGTERM or SIGHUP is passed inside so that the command can clean up; the second ends everything at once. Throws
 * with the remedy where the sandbox cannot be made.
 */
export async function runInSandbox(
  command: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const found = examine();
  const problem = obstacle(found);
  if (problem !== undefined) throw new Error(`the network sandbox cannot be made: ${problem}`);

  const words = sandboxWords(found.uid, ["/bin/sh", "-c", INIT, "sandbox", ...command]);
  const child = spawn("/bin/sh", ["-c", ANNOUNCE, "sandbox", ...words], {
    // A session of its own: Ctrl-C comes from us, once, and not also from the terminal.
    detached: true,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
    env: { ...env, NANAMI_SANDBOX: "1" },
  });
  const signals = child.stdio[3];
  if (!signals || !("write" in signals)) throw new Error("the network sandbox: no pipe to its first process");
  // The other end is gone when everything inside has ended; there is nobody left to tell.
  signals.on("error", () => undefined);

  let firstAt = 0;
  const pass = (signal: NodeJS.Signals) => {
    if (firstAt === 0) {
      firstAt = Date.now();
      signals.write(`${signal.slice(3)}\n`);
    } else if (Date.now() - firstAt > SAME_MS) child.kill("SIGKILL");
  };
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of names) process.on(name, pass);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve(code ?? (signal === "SIGKILL" ? 137 : 143)));
    });
  } finally {
    for (const name of names) process.off(name, pass);
    signals.destroy();
  }
}
