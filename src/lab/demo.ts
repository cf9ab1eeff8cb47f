/**
 * What `npm start` runs inside the sandbox: the demo world with the whole product in it. It shows the resolved path
 * with its reasons, the state and the proof, and stays up for commands from other terminals. With `--once` it
 * walks through the modes and pins, proves each, and exits 0 only if every proof held.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { AgentUnreachable, connectAgent } from "../rpc/client.ts";
import { DemoNetwork } from "./demo-network.ts";
import { showOnce } from "./demo-once.ts";
import { showAndStay } from "./demo-stay.ts";
import { makeSocketFolder } from "./socket-folder.ts";
import { paragraph, print, Steps, verdict } from "./terminal.ts";
import {
  readWorldFile,
  removeWorldFile,
  STATE_FOLDER,
  writeOperatorFile,
  writeWorldFile,
} from "./world-file.ts";

/** Exit status of a script that somebody ended before it was through. */
const INTERRUPTED = 130;

/** Refuses to start beside a standing world; removes what one left behind that was killed. */
async function clearTheWay(): Promise<void> {
  const old = await readWorldFile();
  if (old === undefined) return;
  try {
    (await connectAgent(old.socket, { timeoutMs: 2000 })).close();
  } catch (error) {
    if (!(error instanceof AgentUnreachable)) throw error;
    await Promise.all([
      rm(join(old.socket, ".."), { recursive: true, force: true }),
      rm(old.state, { recursive: true, force: true }),
      removeWorldFile(),
    ]);
    return;
  }
  throw new Error(
    "a demo world of this checkout is already up; use it (npm run nanami -- status) or end it with Ctrl-C in its terminal",
  );
}

/** Resolves with the name of the first signal that asks us to end. */
function endRequested(): Promise<NodeJS.Signals> {
  return new Promise((end) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => end(signal));
  });
}

/** What other terminals need to find their way in. */
async function announce(network: DemoNetwork): Promise<void> {
  const { state, socket } = network.options;
  const authority = network.path("authority.pem");
  await writeFile(authority, network.authority);
  await writeOperatorFile(network.seed.operators.acme, authority);
  await writeWorldFile({
    socket,
    state,
    sandboxPid: Number(process.env["NANAMI_SANDBOX_PID"] ?? "") || null,
    hosts: network.world.description.hosts.map(({ name, about }) => ({
      name,
      about,
      pid: network.world.host(name).pid,
    })),
  });
}

interface Options {
  readonly once: boolean;
  /** A fresh folder for the agent's socket, of whoever started us. It is removed here too: they may be killed. */
  readonly socketFolder?: string | undefined;
  /** Where the app's window is, for a person. */
  readonly window?: string | undefined;
}

async function run({ once, socketFolder, window }: Options): Promise<number> {
  const ending = endRequested();
  const ended = ending.then(() => "ended" as const);
  if (!once) await clearTheWay();
  await mkdir(STATE_FOLDER, { recursive: true });
  const state = resolve(await mkdtemp(join(STATE_FOLDER, "world-")));
  const folder = socketFolder ?? (await makeSocketFolder());
  const steps = new Steps();
  let network: DemoNetwork | undefined;
  let failed = false;
  try {
    const raising = DemoNetwork.raise({
      state,
      socket: join(folder, "agent.sock"),
      onStep: (step) => steps.begin(step),
    });
    // Whoever asks us to end does not wait for the world: the sandbox takes everything with it.
    raising.catch(() => undefined);
    const raised = await Promise.race([raising, ended]);
    if (raised === "ended") return INTERRUPTED;
    network = raised;
    steps.done();
    if (once) {
      const proving = showOnce(network, steps);
      proving.catch(() => undefined);
      const status = await Promise.race([proving, ended]);
      if (status === "ended") return INTERRUPTED;
      failed = status !== 0;
      return status;
    }
    await announce(network);
    const showing = showAndStay(network, steps, { ending, window });
    showing.catch(() => undefined);
    await Promise.race([showing, ended]);
    return 0;
  } catch (error) {
    failed = true;
    steps.fail();
    print();
    verdict(false, error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    steps.drop();
    await network?.close();
    await rm(folder, { recursive: true, force: true });
    if (!failed) await rm(state, { recursive: true, force: true });
    else paragraph(`The logs of this run are in ${join(state, "logs")}.`);
    // Last: whatever a kill in between leaves is named there, for the next start to remove.
    if (!once) await removeWorldFile();
  }
}

// A terminal that has gone takes nothing any more; what we made is removed all the same.
process.stdout.on("error", () => undefined);
const { values } = parseArgs({
  options: {
    once: { type: "boolean", default: false },
    "socket-folder": { type: "string" },
    window: { type: "string" },
  },
});
process.exit(await run({ ...values, socketFolder: values["socket-folder"] }));
