/**
 * Entry of the desktop app. One instance runs; a second hands over what it was given and ends. What comes from
 * outside before the app is ready waits for it.
 */
import { join, resolve } from "node:path";
import { app } from "electron";
import { SCHEME } from "./association/entry.ts";
import { HandedOver, readArguments, readGiven, type Given } from "./given/arguments.ts";
import { Host } from "./host.ts";
import type { HostTexts } from "./texts/index.ts";
import { setAppMenu } from "./window/app-menu.ts";
import { hardenApp } from "./window/hardening.ts";
import { announcePage } from "./window/page.ts";

/** A message to the first instance has to stay below 32 KiB (Chromium, process_singleton_posix.cc). */
const MAX_HANDED_OVER = 8 * 1024;

type Reader = (texts: HostTexts["given"]) => Given;

/** What this process was started with, without the program's own words; null when it is too much to hand over. */
function startWords(): HandedOver | null {
  const words = process.argv.slice(1);
  // `electron <switches> <folder of the app> <words>`
  const program = process.defaultApp ? words.findIndex((word) => resolve(word) === app.getAppPath()) : -1;
  const own = words.slice(program + 1).filter((word) => word === "--hidden" || !word.startsWith("-"));
  return own.join("").length > MAX_HANDED_OVER ? null : { words: own, folder: process.cwd() };
}

const tooLong: Reader = (texts) => ({ kind: "refused", message: texts.tooLong });

function run(): void {
  const first = startWords();
  if (!app.requestSingleInstanceLock({ handedOver: first })) {
    app.quit();
    return;
  }
  announcePage();
  hardenApp();
  app.setAppUserModelId("net.nanami.desktop");
  // On Linux the package's entry says it, or a person's switch; what they chose instead later stays.
  if (app.isPackaged && process.platform !== "linux") app.setAsDefaultProtocolClient(SCHEME);

  let host: Host | undefined;
  const early: Reader[] = [];
  const take = (reader: Reader): void => {
    if (host !== undefined) host.take(reader);
    else if (early.length < 16) early.push(reader);
  };
  // What the first instance is told by a second one is whatever that one likes.
  app.on("second-instance", (_event, _argv, _folder, data) => {
    const handed = HandedOver.safeParse((data as { handedOver?: unknown } | null)?.handedOver);
    take(
      handed.success ? (texts) => readArguments(handed.data.words, handed.data.folder, texts).given : tooLong,
    );
  });
  const takeItem = (event: { preventDefault(): void }, item: string): void => {
    event.preventDefault();
    take((texts) => readGiven([item], process.cwd(), texts));
  };
  app.on("open-url", takeItem);
  app.on("open-file", takeItem);
  // Closed windows leave the tray.
  app.on("window-all-closed", () => undefined);
  app.on("activate", () => take(() => ({ kind: "nothing" })));
  app.on("before-quit", () => host?.close());

  void app.whenReady().then(async () => {
    setAppMenu(!app.isPackaged);
    host = new Host({ built: join(import.meta.dirname, "..") });
    const started = host.start((texts) =>
      first === null
        ? { hidden: false, given: tooLong(texts) }
        : readArguments(first.words, first.folder, texts),
    );
    for (const reader of early) host.take(reader);
    await started;
  });
}

run();
