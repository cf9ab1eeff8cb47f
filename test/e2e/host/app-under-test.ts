/** The desktop app as the host suite drives it, whatever runs it: Electron, or its double. */
import type { Page } from "playwright";

export interface StartOptions {
  /** Words after the program's own. */
  readonly words?: readonly string[];
  /** Path of the agent's socket. */
  readonly socket: string;
  /** Folder of the app's own data; absent = a fresh one. */
  readonly userData?: string;
  /** Address of the session's message bus; absent = none, and so no tray. */
  readonly bus?: string;
  /** The test itself does what no page should, so that the browser complains: else that fails it at the app's end. */
  readonly hostile?: boolean;
}

/** An entry of the tray's menu, with its sub-menu's. */
export interface TrayEntry {
  readonly label: string;
  readonly checked: boolean;
  readonly enabled: boolean;
  readonly entries: readonly TrayEntry[];
}

export interface Shown {
  readonly title: string;
  readonly body: string;
}

export interface AppUnderTest extends AsyncDisposable {
  /** Waits for the window and gives its page. */
  page(): Promise<Page>;
  /** hidden: it is made and not shown yet. */
  windowState(): Promise<"none" | "hidden" | "shown" | "minimised">;
  /** As the click on the window's cross. */
  closeWindow(): Promise<void>;
  /** The person looks elsewhere, so that notices are shown. */
  lookAway(): Promise<void>;
  /** null = there is no tray. */
  tray(): Promise<{ readonly toolTip: string; readonly entries: readonly TrayEntry[] } | null>;
  /** Clicks the entry at these labels. */
  choose(...labels: readonly string[]): Promise<void>;
  notices(): Promise<readonly Shown[]>;
  clickNotice(title: string): Promise<void>;
  /** Presses the only button of a notice; fails where it has none. */
  pressNotice(title: string): Promise<void>;
  /** Starts the program a second time with these words. */
  startAgain(words: readonly string[]): Promise<void>;
  /** What a second instance hands over, as an attacker's would. */
  handOver(data: unknown): Promise<void>;
  /** The system's own events (macOS). */
  open(what: "open-url" | "open-file", item: string): Promise<void>;
  power(event: "suspend" | "resume" | "unlock-screen"): Promise<void>;
  /** What the person answers to the next dialogs; null closes them. */
  answerDialogs(answers: { readonly open?: readonly string[]; readonly save?: string | null }): Promise<void>;
  openedOutside(): Promise<readonly string[]>;
  quit(): Promise<void>;
  hasEnded(): Promise<boolean>;
}

/** What the tray says when it is pointed at, to be asked for again and again; undefined = there is no tray. */
export function tipOf(app: AppUnderTest): () => Promise<string | undefined> {
  return async () => (await app.tray())?.toolTip;
}

export interface Starter {
  /** For the report of what ran. */
  readonly name: string;
  readonly start: (options: StartOptions) => Promise<AppUnderTest>;
}
