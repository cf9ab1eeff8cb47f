/**
 * Entry of the bridge host: `node src/bridge-host/main.ts --socket <agent's socket> [--port <n>] [--presentation
 * <file>] [--renderer <folder>]`. Prints `window at <address>` when it serves; the address opens one browser, once.
 * SIGTERM ends it, and so does the end of whoever holds the other side of its standard input, where that is a pipe.
 */
import { fstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { AgentLink } from "../face/agent-link.ts";
import { Desk, ShellRefusal } from "../face/desk.ts";
import { connectAgent } from "../rpc/client.ts";
import type { RefusalReason } from "../rpc/said.ts";
import type { HostFacts } from "../bridge/state.ts";
import { readPageFiles } from "../face/page-files.ts";
import { loadPresentation, storePresentation } from "./presentation-file.ts";
import { TELLS_OWNERS } from "./peer-owner.ts";
import { startBridgeHost } from "./server.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const USAGE =
  "usage: node src/bridge-host/main.ts --socket <path> [--port <n>] [--presentation <file>] [--renderer <folder>]";

function usage(message: string): never {
  process.stderr.write(`${message}\n${USAGE}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        socket: { type: "string" },
        port: { type: "string", default: "0" },
        presentation: { type: "string", default: join(ROOT, ".nanami", "presentation.json") },
        renderer: { type: "string", default: join(ROOT, ".nanami", "app", "renderer") },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65535)
      return usage(`--port ${values.port}: not a port`);
    if (values.socket === undefined) return usage("--socket is needed");
    return { ...values, socket: values.socket, port };
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function facts(): HostFacts {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  const platform =
    process.platform === "darwin" ? "macos" : process.platform === "win32" ? "windows" : "linux";
  return {
    kind: "browser",
    appVersion: version,
    platform,
    canInstallService: false,
    installCommand: `sudo nanami service install --for ${process.getuid?.() ?? 0}`,
    startCommand: "sudo systemctl start nanamid",
    tray: false,
    canStartAtLogin: false,
    canOpenLinks: false,
  };
}

function notHere(what: string): never {
  throw new ShellRefusal({
    ...{ code: "unavailable", reason: "request_unknown" satisfies RefusalReason },
    message: `A browser window cannot ${what}.`,
  });
}

const options = readArguments();
const shellFacts = facts();
const link: AgentLink = new AgentLink({
  connect: () => connectAgent(options.socket),
  now: () => new Date(),
  onState: () => desk.agentChanged(),
  onPatch: (patch) => desk.snapshotChanged(patch),
});
let storing = Promise.resolve();
const desk = new Desk(link, {
  facts: shellFacts,
  presentation: await loadPresentation(options.presentation),
  keepPresentation: (presentation) => {
    storing = storing
      .then(() => storePresentation(options.presentation, presentation))
      .catch((error: unknown) => void process.stderr.write(`nanami: ${String(error)}\n`));
  },
  // The page itself answers these three with what a browser offers.
  chooseFiles: () => notHere("open the system's file dialog"),
  saveFile: () => notHere("open the system's file dialog"),
  openPlace: () => notHere("open other programs"),
  installService: () => notHere("install the service; run the command that it shows"),
});
const host = await startBridgeHost({
  desk,
  files: await readPageFiles(options.renderer),
  port: options.port,
}).catch((error: unknown) =>
  usage(`The window cannot be served: ${error instanceof Error ? error.message : String(error)}`),
);
link.start();
if (!TELLS_OWNERS)
  process.stderr.write(
    "nanami: this system does not say whose program a connection is. Another user of this machine who reads the " +
      "address before your browser opens it could use it in your place.\n",
  );
process.stdout.write(`window at ${host.address}\n`);

async function end(): Promise<void> {
  link.close();
  await host.close();
  await storing;
  process.exit(0);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void end());
const input = fstatSync(0);
if (input.isFIFO() || input.isSocket()) process.stdin.resume().once("end", () => void end());
