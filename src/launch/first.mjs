/**
 * The first file of every npm command: plain JavaScript without dependencies, because it runs before anything is
 * installed and on whatever Node is there. It makes sure that the packages of package-lock.json are installed and
 * goes on under the Node that they pin. It prints nothing when there is nothing to do, and never to stdout.
 */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages, OLDEST_FOR_PRODUCT, productNode, SetupError } from "./setup-packages.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
/** The oldest Node for this file: the npm that comes with it reads our package-lock.json. */
const OLDEST = 18;

const COMMANDS = {
  start: "src/launch/start.ts",
  test: "src/launch/test.ts",
  bench: "src/launch/bench.ts",
  fix: "src/launch/fix.ts",
  lab: "src/launch/lab.ts",
  app: "src/launch/app.ts",
  screenshots: "src/launch/screenshots.ts",
  nanami: "src/cli/main.ts",
  "control-plane": "src/control-plane/main.ts",
  gateway: "src/gateway/main.ts",
  agent: "src/agent/main.ts",
};

const say = (text) => process.stderr.write(`nanami: ${text}\n`);

/** Socket of the agent in the demo world that this checkout runs, if it does. */
function socketOfWorld() {
  try {
    const { socket } = JSON.parse(fs.readFileSync(join(ROOT, ".nanami", "world.json"), "utf8"));
    return typeof socket === "string" && fs.existsSync(socket) ? socket : undefined;
  } catch {
    return undefined;
  }
}

async function main() {
  if (Number(process.versions.node.split(".")[0]) < OLDEST)
    throw new SetupError(
      `Node.js ${process.versions.node} is too old; install ${OLDEST} or newer and run the command again.`,
    );
  const [name, ...args] = process.argv.slice(2);
  if (!Object.keys(COMMANDS).includes(name))
    throw new SetupError(`unknown command ${name}; there are ${Object.keys(COMMANDS).join(", ")}.`);
  await installPackages(ROOT, say);

  const node = productNode(ROOT);
  const env = {
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
  };
  // Halves the time until a command answers. `npm ci` clears it. The agent keeps a cache of its own, as root.
  if (name !== "agent") env.NODE_COMPILE_CACHE = join(ROOT, "node_modules", ".cache", "compiled");
  const socket = name === "nanami" && !env.NANAMI_SOCKET ? socketOfWorld() : undefined;
  if (socket !== undefined) env.NANAMI_SOCKET = socket;

  const child = spawn(node, [join(ROOT, COMMANDS[name]), ...args], { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // Ctrl-C reaches the child from the terminal by itself.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.once("error", (error) => {
    say(
      `${node} does not run on this system (${error.message}): install Node.js ${OLDEST_FOR_PRODUCT} or newer.`,
    );
    process.exit(1);
  });
  child.once("exit", (code, signal) =>
    process.exit(signal === null ? code : 128 + constants.signals[signal]),
  );
}

main().catch((error) => {
  say(error instanceof SetupError ? error.message : error.stack);
  process.exit(1);
});
