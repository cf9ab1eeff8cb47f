/**
 * Installs the packages of package-lock.json with npm, and knows the Node that they pin. Plain JavaScript without
 * dependencies: it runs before there are any, on whatever Node is there.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { withLock } from "./setup-lock.mjs";

/** The oldest Node for the product: it runs TypeScript as it stands. */
export const OLDEST_FOR_PRODUCT = 24;

/** A failure whose text says all that a person needs. */
export class SetupError extends Error {}

const majorOf = (version) => Number(version.split(".")[0]);

/** The package that brings the pinned Node for this machine, and the program in it. */
const PINNED =
  process.platform === "win32"
    ? { name: `node-win-${process.arch}`, program: join("bin", "node.exe") }
    : { name: `node-${process.platform}-${process.arch}`, program: join("bin", "node") };

/** The pinned Node where `root` has it installed, else `running` when that is new enough. Throws `SetupError`. */
export function productNode(root, running = { path: process.execPath, version: process.versions.node }) {
  const pinned = join(root, "node_modules", PINNED.name, PINNED.program);
  if (fs.existsSync(pinned)) return pinned;
  if (majorOf(running.version) >= OLDEST_FOR_PRODUCT) return running.path;
  throw new SetupError(
    `no packaged Node.js is installed for ${process.platform} ${process.arch}, and the one that runs this is ` +
      `${running.version}: install Node.js ${OLDEST_FOR_PRODUCT} or newer and run the command again.`,
  );
}

/**
 * Runs `npm ci` in `folder`: with the npm that started us, else with the one on the PATH; under `node` where given.
 */
function npmCi(folder, node) {
  const script = process.env.npm_execpath;
  const own = script !== undefined && /npm-cli\.c?js$/.test(script);
  const env = { ...process.env };
  if (node !== undefined) env.PATH = `${dirname(node)}${delimiter}${env.PATH}`;
  const child = spawn(
    own ? node || process.execPath : "npm",
    [
      ...(own ? [script] : []),
      "ci",
      // Native parts come inside the packages. Scripts would only compile them anew, and run strangers' code.
      "--ignore-scripts",
      "--loglevel=error",
      "--no-audit",
      "--no-fund",
      `--prefix=${folder}`,
    ],
    // What npm says is no part of the answer of the command that runs next: keep it off stdout.
    { cwd: folder, env, stdio: ["ignore", 2, 2], shell: !own && process.platform === "win32" },
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

/**
 * Installs the pinned Node alone, under the same integrity hash, into `folder`. npm leaves out every optional package
 * whose `engines` exclude the Node that runs npm, native bindings among them: under an older Node half of the
 * packages' binaries would be missing, without a word. Returns the program; undefined where no Node is pinned.
 */
async function fetchPinnedNode(root, folder) {
  const lock = JSON.parse(fs.readFileSync(join(root, "package-lock.json"), "utf8"));
  const path = `node_modules/${PINNED.name}`;
  const entry = lock.packages ? lock.packages[path] : undefined;
  if (entry === undefined) return undefined;
  const manifest = { name: "node", dependencies: { [PINNED.name]: entry.version } };
  const packages = { "": manifest, [path]: { ...entry, optional: false } };
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  fs.writeFileSync(
    join(folder, "package-lock.json"),
    JSON.stringify({ name: "node", lockfileVersion: lock.lockfileVersion, requires: true, packages }),
  );
  await npmCi(folder);
  return join(folder, path, PINNED.program);
}

/**
 * Makes `root/node_modules` what package-lock.json says, under a lock, unless it is already; prints nothing then.
 *
 * @param root the checkout
 * @param say told what is done, a sentence at a time
 * @param version of the Node that runs us
 */
export async function installPackages(root, say, version = process.versions.node) {
  const state = join(root, ".nanami");
  // `npm ci` removes the note with its folder: an installation that was interrupted is never taken for done.
  const note = join(root, "node_modules", ".nanami-installed");
  const noted = () => (fs.existsSync(note) ? fs.readFileSync(note, "utf8") : undefined);
  const wanted = () =>
    createHash("sha256")
      .update(fs.readFileSync(join(root, "package-lock.json")))
      .digest("hex");
  if (noted() === wanted()) return;
  await withLock(join(state, "setup.lock"), say, async () => {
    const before = noted();
    const hash = wanted();
    if (before === hash) return;
    const started = Date.now();
    if (before === undefined) say("installing the packages of package-lock.json (npm ci); give it a minute…");
    else say("package-lock.json has changed, installing its packages (npm ci)…");
    const folder = join(state, "node");
    let node;
    if (majorOf(version) < OLDEST_FOR_PRODUCT) {
      say(`Node.js ${version} runs this; fetching the one that package-lock.json pins first…`);
      node = await fetchPinnedNode(root, folder);
    }
    await npmCi(root, node);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.writeFileSync(note, hash);
    say(`packages installed in ${Math.round((Date.now() - started) / 1000)} s.`);
  });
}
