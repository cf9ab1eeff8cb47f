/** What the host suite runs on: the double always, and Electron itself wherever its program is installed. */
import { resolve } from "node:path";
import type { Browser } from "playwright";
import { electronRuntime } from "../../../src/launch/electron.ts";
import { startBrowser } from "../app/app-window.ts";
import type { Starter } from "./app-under-test.ts";
import { AppOnDouble, type DoubleStartOptions } from "./on-double.ts";
import { electronStarter } from "./on-electron.ts";

const runtime = electronRuntime(resolve("."));

let browser: Promise<Browser> | undefined;

/** The app on the double, with what only the double can be told. */
export async function startOnDouble(options: DoubleStartOptions): Promise<AppOnDouble> {
  browser ??= startBrowser();
  return AppOnDouble.start(await browser, options);
}

/** Ends what the starters share. */
export async function closeHosts(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

export const STARTERS: readonly Starter[] = [
  { name: "on the double", start: startOnDouble },
  ...(runtime === null ? [] : [electronStarter(runtime)]),
];

process.stdout.write(
  `host suite ${STARTERS.map(({ name }) => name).join(" and ")}${runtime === null ? " (Electron's runtime is not installed)" : ""}\n`,
);
