/**
 * The first file of every npm command: plain JavaScript without dependencies, because it runs before anything is
 * installed and on whatever Node is there. It makes sure that the packages of package-lock.json are installed and
 * goes on under the Node that they pin. It prints nothing when there is nothing to do, and never to stdout.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "./setup-lock.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const STATE = join(ROOT, ".nanami");
/** Where the hash of the package-lock.json that was installed is noted. `npm ci` removes it with its folder. */
const NOTE = join(ROOT, "node_modules", ".nanami-installed");
/** The oldest Node for this file: the npm that comes with it reads our package-lock.json. */
const OLDEST = 18;
/** The oldest Node for everything else: it runs TypeScript as it stands. */
const OLDEST_FOR_PRODUCT = 24;

const COMMANDS = {
  start: "src/launch/start.ts",
  test: "src/launch/test.ts",
  bench: "src/launch/bench.ts",
  fix: "src/launch/fix.ts",
  lab: "src/launch/lab.ts",
  nanami: "src/cli/main.ts",
};

/** A failure whose text says all that a person needs. */
class SetupError extends Error {}

const major = Number(process.versions.node.split(".")[0]);
const say = (text) => process.stderr.write(`nanami: ${text}\n`);

function hashOfLockFile() {
  return createHash("sha256")
    .update(fs.readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");
}

/** What was installed last, as the hash of its package-lock.json; undefined when nothing was. */
function installed() {
  try {
    return fs.readFileSync(NOTE, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Runs `npm ci`: with the npm that started us, else with the one on the PATH. */
function npmCi() {
  const path = process.env.npm_execpath;
  const own = path !== undefined && /npm-cli\.c?js$/.test(path);
  const child = spawn(
    own ? process.execPath : "npm",
    [...(own ? [path] : []), "ci", "--loglevel=error", "--no-audit", "--no-fund"],
    // What npm says is no part of the answer of the command that runs next: keep it off stdout.
    { cwd: ROOT, stdio: ["ignore", 2, 2], shell: !own && process.platform === "win32" },
  );
  return new Promise((resolve, reject) => {
    child.once("error", (error) =>
      reject(new SetupError(`npm does not start (${error.message}); install npm and run the command again.`)),
    );
    child.once("exit", (code) =>
      code === 0
        ? resolve()
        : reject(new SetupError("npm ci failed, see above; mend the cause and run the command again.")),
    );
  });
}

async function install() {
  if (installed() === hashOfLockFile()) return;
  await withLock(join(STATE, "setup.lock"), say, async () => {
    const hash = hashOfLockFile();
    const before = installed();
    if (before === hash) return;
    const started = Date.now();
    if (before === undefined) say("installing the packages of package-lock.json (npm ci); give it a minute…");
    else say("package-lock.json has changed, installing its packages (npm ci)…");
    await npmCi();
    fs.writeFileSync(NOTE, hash);
    say(`packages installed in ${Math.round((Date.now() - started) / 1000)} s.`);
  });
}

/** The pinned Node, else the one that runs this file when it is new enough. */
function productNode() {
  const [platform, name] = process.platform === "win32" ? ["win", "node.exe"] : [process.platform, "node"];
  const pinned = join(ROOT, "node_modules", `node-${platform}-${process.arch}`, "bin", name);
  if (fs.existsSync(pinned)) return pinned;
  if (major >= OLDEST_FOR_PRODUCT) return process.execPath;
  throw new SetupError(
    `no packaged Node.js is installed for ${process.platform} ${process.arch}, and the one that runs this is ` +
      `${process.versions.node}: install Node.js ${OLDEST_FOR_PRODUCT} or newer and run the command again.`,
  );
}

/** Socket of the agent in the demo world that this checkout runs, if it does. */
function socketOfWorld() {
  try {
    const { socket } = JSON.parse(fs.readFileSync(join(STATE, "world.json"), "utf8"));
    return typeof socket === "string" && fs.existsSync(socket) ? socket : undefined;
  } catch {
    return undefined;
  }
}

async function main() {
  if (major < OLDEST)
    throw new SetupError(
      `Node.js ${process.versions.node} is too old; install ${OLDEST} or newer and run the command again.`,
    );
  const [name, ...args] = process.argv.slice(2);
  if (!Object.keys(COMMANDS).includes(name))
    throw new SetupError(`unknown command ${name}; there are ${Object.keys(COMMANDS).join(", ")}.`);
  await install();

  const node = productNode();
  const env = {
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
    // Halves the time until a command answers. `npm ci` clears it.
    NODE_COMPILE_CACHE: join(ROOT, "node_modules", ".cache", "compiled"),
  };
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
