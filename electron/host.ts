/**
 * The app while it runs: one link to the agent, one desk, and what shows them: tray, notices, a window now and then.
 * It holds nothing but presentation, and can be killed at any time without touching the tunnel.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { app, nativeTheme } from "electron";
import { languageFor } from "../src/bridge/language.ts";
import type { Presentation } from "../src/bridge/state.ts";
import { AgentLink } from "../src/face/agent-link.ts";
import { Desk } from "../src/face/desk.ts";
import { readPageFiles, type PageFile } from "../src/face/page-files.ts";
import { AgentRefusal, connectAgent } from "../src/rpc/client.ts";
import { serviceSocket } from "../src/rpc/service-socket.ts";
import { Association } from "./association/association.ts";
import { plannedFiles } from "./association/install.ts";
import type { Start } from "./desktop-command.ts";
import type { Given, ReadArguments } from "./given/arguments.ts";
import { offerFor } from "./given/offers.ts";
import { setStartAtLogin } from "./login.ts";
import { Notifier } from "./notices/notifier.ts";
import { Preferences } from "./preferences.ts";
import { installerHere } from "./service.ts";
import { desktopShell } from "./shell.ts";
import { tellSystemEvents } from "./system-events.ts";
import { hostTexts, type HostTexts } from "./texts/index.ts";
import { windowImage } from "./tray/icon.ts";
import { MenuFactsKeeper } from "./tray/menu-facts.ts";
import type { MenuAction } from "./tray/menu.ts";
import { steer } from "./tray/steer.ts";
import { AppTray } from "./tray/tray.ts";
import { hasTray } from "./tray/watcher.ts";
import { MainWindow } from "./window/window.ts";

/** What came from outside and waits to be read. */
const MAX_WAITING = 16;

export interface HostOptions {
  /** Folder with `main`, `preload` and `renderer`. */
  readonly built: string;
}

export class Host {
  readonly #preferences = new Preferences();
  readonly #association: Association;
  readonly #link: AgentLink;
  readonly #desk: Desk;
  readonly #window: MainWindow;
  readonly #notifier: Notifier;
  readonly #facts: MenuFactsKeeper;
  #tray: AppTray | undefined;
  #reading = Promise.resolve();
  #waiting = 0;
  #closed = false;

  constructor({ built }: HostOptions) {
    this.#association = new Association({
      platform: process.platform,
      env: process.env,
      files: async () => {
        const icon = await readFile(join(built, "renderer", "icon.svg"), "utf8");
        return plannedFiles(this.#start, icon, process.env);
      },
    });
    const socket = process.env["NANAMI_SOCKET"] ?? serviceSocket(process.platform);
    this.#link = new AgentLink({
      connect: () => connectAgent(socket),
      now: () => new Date(),
      onState: () => this.#desk.agentChanged(),
      onPatch: (patch) => this.#desk.snapshotChanged(patch),
    });
    this.#desk = new Desk(
      this.#link,
      desktopShell({
        installer: app.isPackaged ? installerHere(process.platform, process.resourcesPath) : null,
        tray: () => this.#tray !== undefined,
        canOpenLinks: () => this.#association.isOffered(this.#preferences.presentation.openLinks),
        texts: () => this.#texts,
        window: () => this.#window.current,
        presentation: this.#preferences.presentation,
        keepPresentation: (presentation) => this.#keep(presentation),
      }),
    );
    let files: Promise<ReadonlyMap<string, PageFile>> | undefined;
    this.#window = new MainWindow({
      desk: this.#desk,
      preload: join(built, "preload", "preload.cjs"),
      icon: windowImage(),
      files: () => (files ??= readPageFiles(join(built, "renderer"))),
      developer: !app.isPackaged,
      bounds: () => this.#preferences.bounds,
      keepBounds: (bounds) => (this.#preferences.bounds = bounds),
      mayGo: () => this.#mayGo(),
      onLeft: () => this.#facts.refresh(),
    });
    this.#notifier = new Notifier({
      texts: () => this.#texts,
      isWatched: () => this.#window.isWatched,
      onClick: () => this.#window.open(),
      onOffer: (action) => void this.#act(action),
    });
    this.#facts = new MenuFactsKeeper(this.#link, () => this.#showTray());
  }

  get #texts(): HostTexts {
    const { language } = this.#desk.state.presentation;
    return hostTexts(languageFor(language, app.getPreferredSystemLanguages()));
  }

  /** Begins: tray, agent, and the window unless it was asked to stay away. */
  async start(read: (texts: HostTexts["given"]) => ReadArguments): Promise<void> {
    const { appearance, startHidden, startAtLogin, openLinks } = this.#desk.state.presentation;
    nativeTheme.themeSource = appearance;
    // The program may have moved since it was noted.
    if (startAtLogin) this.#noteLogin(true);
    this.#noted(this.#association.begin(openLinks));
    const looked = this.#lookForTray();
    this.#desk.subscribe(() => this.#changed());
    this.#link.start();
    tellSystemEvents(this.#link);
    const { hidden, given } = read(this.#texts.given);
    const away = (hidden || startHidden) && given.kind === "nothing";
    if (!away) this.take(() => given);
    await looked;
    if (away && this.#tray === undefined) this.#window.open("minimised");
  }

  /** Shows the window with what was given. Nothing is done with it: it waits for the person. */
  take(read: (texts: HostTexts["given"]) => Given): void {
    this.#window.open();
    const texts = this.#texts.given;
    const given = read(texts);
    if (given.kind === "nothing" || this.#waiting >= MAX_WAITING) return;
    this.#waiting += 1;
    this.#reading = this.#reading.then(async () => {
      const offer = await offerFor(given, texts);
      this.#waiting -= 1;
      if (offer !== null) this.#desk.offer(offer);
    });
  }

  /** Everything goes but the tunnel. */
  close(): void {
    this.#closed = true;
    this.#window.leave();
    this.#notifier.close();
    this.#tray?.close();
    this.#link.close();
  }

  #changed(): void {
    this.#notifier.consider(this.#desk.state);
    this.#facts.follow();
    this.#showTray();
  }

  #showTray(): void {
    this.#tray?.show(this.#desk.state, this.#facts.facts, this.#texts);
  }

  /** A desktop's tray comes and goes. */
  async #lookForTray(): Promise<void> {
    const there = await hasTray();
    if (this.#closed || there === (this.#tray !== undefined)) return;
    this.#tray?.close();
    this.#tray = there
      ? new AppTray({
          act: (action) => void this.#act(action),
          onAttention: () => this.#facts.refresh(),
        })
      : undefined;
    this.#showTray();
    this.#desk.hostChanged();
  }

  async #act(action: MenuAction): Promise<void> {
    if (action.do === "open") this.#window.open();
    else if (action.do === "quit") app.quit();
    else {
      try {
        await steer(this.#link, action);
      } catch (error) {
        // A menu is gone when the answer comes: it is said where it can be read.
        const { state } = this.#texts;
        this.take(() =>
          error instanceof AgentRefusal
            ? {
                kind: "refused",
                message: [error.problem.message, error.problem.remedy].filter(Boolean).join(" "),
                problem: error.problem,
              }
            : { kind: "refused", message: state.not_running },
        );
      }
      this.#showTray();
    }
  }

  /** The window may go where a tray stays. What becomes of it is said once. */
  async #mayGo(): Promise<boolean> {
    await this.#lookForTray();
    const tray = this.#tray !== undefined;
    const { hintsSeen } = this.#desk.state.presentation;
    if (!hintsSeen.includes("closed_to_tray")) {
      const { hint } = this.#texts;
      this.#notifier.show({
        about: "hint",
        title: tray ? hint.stillHereTitle : hint.minimisedTitle,
        body: tray ? hint.stillHereBody : hint.minimisedBody,
        urgent: false,
      });
      await this.#desk.answer("setPresentation", { hintsSeen: [...hintsSeen, "closed_to_tray"] });
    }
    this.#facts.refresh();
    return tray;
  }

  #keep(presentation: Presentation): void {
    const before = this.#preferences.presentation;
    this.#preferences.presentation = presentation;
    nativeTheme.themeSource = presentation.appearance;
    if (presentation.startAtLogin !== before.startAtLogin) this.#noteLogin(presentation.startAtLogin);
    if (presentation.openLinks !== before.openLinks)
      this.#noted(this.#association.turn(presentation.openLinks));
  }

  /** This app as the session starts it. */
  get #start(): Start {
    // An AppImage runs from a mount that is gone at the next login.
    const program = process.env["APPIMAGE"] ?? process.execPath;
    return { program, words: app.isPackaged ? [] : [app.getAppPath()] };
  }

  #noteLogin(wanted: boolean): void {
    if (app.isPackaged) this.#noted(setStartAtLogin(wanted, this.#start));
  }

  /** What the system would not let be noted is said where it can be read. */
  #noted(work: Promise<void>): void {
    work.catch((error: unknown) => this.take(() => ({ kind: "refused", message: String(error) })));
  }
}
