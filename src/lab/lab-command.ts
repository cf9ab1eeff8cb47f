/**
 * `npm run lab`: looks into the standing demo world from another terminal.
 *   hosts                       who is in it
 *   exec <host> -- <command…>   runs a program on a host, with this terminal
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { readWorldFile, type WorldFile } from "./world-file.ts";

const USAGE = `usage: npm run lab -- hosts
       npm run lab -- exec <host> -- <command> [arguments]
`;

/** The words that enter the sandbox, then the host. `uid` is the caller's. */
export function wordsToEnter(
  world: Pick<WorldFile, "sandboxPid" | "hosts">,
  host: string,
  command: readonly string[],
  uid: number,
): readonly [string, ...string[]] {
  const there = world.hosts.find((one) => one.name === host);
  if (there === undefined) {
    throw new Error(`there is no host "${host}"; there are ${world.hosts.map((one) => one.name).join(", ")}`);
  }
  if (world.sandboxPid === null) throw new Error("the demo world was not started by npm start; start it so");
  const pid = world.sandboxPid;
  return [
    "nsenter",
    `--target=${pid}`,
    // Without root the sandbox has a user namespace, in which we are root.
    ...(uid === 0 ? [] : ["--user", "--preserve-credentials"]),
    "--net",
    "--mount",
    // The sandbox's first process is a child of the one whose id we know.
    `--pid=/proc/${pid}/ns/pid_for_children`,
    "--",
    "nsenter",
    `--target=${there.pid}`,
    "--net",
    "--mount",
    "--",
    ...command,
  ];
}

/** Runs the command and returns its exit status: that of the program for `exec`, 1 when no world is up. */
export async function labCommand(args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args;
  if (verb !== "hosts" && verb !== "exec") {
    process.stderr.write(USAGE);
    return 2;
  }
  const world = await readWorldFile();
  if (world === undefined) {
    process.stderr.write("nanami: no demo world is up; start one with npm start\n");
    return 1;
  }
  if (verb === "hosts") {
    process.stdout.write(world.hosts.map(({ name, about }) => `${name.padEnd(18)}${about}\n`).join(""));
    return 0;
  }
  const [host, ...behind] = rest;
  const command = behind[0] === "--" ? behind.slice(1) : behind;
  if (host === undefined || command.length === 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  const [file, ...words] = wordsToEnter(world, host, command, process.getuid?.() ?? 0);
  const child = spawn(file, words, { stdio: "inherit" });
  // Ctrl-C is for the program in the world; we end when it does.
  process.on("SIGINT", () => undefined);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 1 : constants.signals[signal])),
    );
  });
}
