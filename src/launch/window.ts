/**
 * The app's window for an agent: Electron where its runtime is installed, else the same interface in Chromium as an
 * app window, else, without a display or as root (Chromium refuses root its sandbox), an address to open by hand.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { buildDesktopApp, electronRuntime } from "./electron.ts";

const CHROMIUMS = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"] as const;
const FIRST_SIZE = "420,680";

/** What decides how a window is shown. */
export interface Surroundings {
  /** Absolute path of Electron's program; null = its runtime is not installed. */
  readonly electron: string | null;
  readonly uid: number;
  /** An X or Wayland display is there. */
  readonly display: boolean;
  /** Absolute path of a Chromium; null = none. */
  readonly chromium: string | null;
}

/** How the interface is shown. Neither Electron nor Chromium gives root its sandbox, and we do not go without. */
export function showingFor({
  uid,
  display,
  electron,
  chromium,
}: Surroundings): "electron" | "chromium" | "address" {
  if (uid === 0 || !display) return "address";
  if (electron !== null) return "electron";
  return chromium === null ? "address" : "chromium";
}

/** Builds the interface. Throws with the tool's words. */
export async function buildInterface(): Promise<void> {
  const words = [
    "node_modules/vite/bin/vite.js",
    "build",
    "--config",
    "renderer/vite.config.ts",
    "--logLevel=warn",
  ];
  const result = await execa(process.execPath, words, { all: true, reject: false, stdin: "ignore" });
  if (result.exitCode !== 0) throw new Error(`the interface cannot be built: ${result.all}`);
}

export interface Window {
  /** Where it is, for a person. */
  readonly text: string;
  /** Ends it. */
  close(): Promise<void>;
}

/** Shows the interface for the agent at `socket`. The agent may come later than the window. */
export async function openWindow(socket: string): Promise<Window> {
  const around = surroundings();
  const { electron, chromium } = around;
  const showing = showingFor(around);
  return showing === "electron" && electron !== null
    ? openElectron(electron, socket)
    : openInBrowser(socket, showing === "chromium" ? chromium : null);
}

async function openElectron(program: string, socket: string): Promise<Window> {
  await buildDesktopApp();
  const env = { ...process.env, NANAMI_SOCKET: socket };
  const app = spawn(program, ["."], { stdio: "ignore", detached: true, env });
  app.once("error", () => undefined);
  return { text: "It is in the tray, and in a window of its own.", close: () => end(app) };
}

/** `chromium`: its absolute path; null = the address is for a person. */
async function openInBrowser(socket: string, chromium: string | null): Promise<Window> {
  const host = spawn(process.execPath, ["src/bridge-host/main.ts", "--socket", socket], {
    // It ends with us, however we end: its standard input does.
    stdio: ["pipe", "pipe", "inherit"],
    // A session of its own: Ctrl-C ends the world first, and then its window.
    detached: true,
  });
  const address = await addressOf(host);
  if (chromium === null)
    return {
      text: `Open ${address} in a browser on this machine (once: the address holds a pass).`,
      close: () => end(host),
    };
  const profile = join(".nanami", "window");
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  const words = [
    `--app=${address}`,
    `--user-data-dir=${profile}`,
    `--window-size=${FIRST_SIZE}`,
    "--no-first-run",
  ];
  const browser = spawn(chromium, words, { stdio: "ignore", detached: true });
  browser.once("error", () => undefined);
  return {
    text: "It is in a window of its own. To open it again: npm run app",
    close: async () => {
      await Promise.all([end(browser), end(host)]);
    },
  };
}

async function addressOf(host: ChildProcess): Promise<string> {
  if (host.stdout === null) throw new Error("the window's host has no output");
  for await (const line of createInterface({ input: host.stdout })) {
    const address = /^window at (http:\/\/127\.0\.0\.1:\S+)$/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error("the window's host ended before it served; what it said is above");
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

function surroundings(): Surroundings {
  const { env } = process;
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
  const paths = CHROMIUMS.flatMap((name) => folders.map((folder) => join(folder, name)));
  return {
    uid: process.getuid?.() ?? 0,
    display: (env["DISPLAY"] ?? env["WAYLAND_DISPLAY"] ?? "") !== "",
    electron: electronRuntime(process.cwd()),
    chromium: paths.find(isExecutable) ?? null,
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
