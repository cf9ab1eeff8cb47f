/** Shows notices through the system, once each, when the person is not looking at the window anyway. */
import { Notification } from "electron";
import type { BridgeState } from "../../src/bridge/state.ts";
import type { HostTexts } from "../texts/index.ts";
import type { MenuAction } from "../tray/menu.ts";
import { notificationFor, settlesIn, type Notice } from "./providers.ts";

export interface NotifierOptions {
  readonly texts: () => HostTexts;
  /** Whether the window has the person's attention. */
  readonly isWatched: () => boolean;
  /** A notice was clicked. */
  readonly onClick: () => void;
  /** The button of a notice was pressed. */
  readonly onOffer: (action: MenuAction) => void;
}

export class Notifier {
  readonly #options: NotifierOptions;
  /** The last state that was judged by. */
  #before: BridgeState | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Kept while they are shown: one that is collected can no longer be clicked. */
  readonly #shown = new Map<string, Notification>();

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Takes the newest state. */
  consider(state: BridgeState): void {
    clearTimeout(this.#timer);
    const wait = settlesIn(state, Date.now());
    if (wait !== 0) {
      if (wait !== null) this.#timer = setTimeout(() => this.consider(state), wait).unref();
      this.#before ??= state;
      return;
    }
    const before = this.#before;
    this.#before = state;
    if (before === undefined || this.#options.isWatched()) return;
    const notice = notificationFor(before, state, this.#options.texts());
    if (notice !== null) this.show(notice);
  }

  /** Shows one; it takes the place of the former about the same. */
  show({ about, title, body, urgent, offer }: Omit<Notice, "about"> & { readonly about: string }): void {
    if (!Notification.isSupported()) return;
    this.#shown.get(about)?.close();
    const notification = new Notification({
      title,
      body,
      silent: !urgent,
      // Only Linux knows it: one that needs the person stays until it was seen.
      ...(urgent ? { urgency: "critical" as const } : {}),
      ...(offer === undefined ? {} : { actions: [{ type: "button" as const, text: offer.label }] }),
    });
    if (offer !== undefined) notification.on("action", () => this.#options.onOffer(offer.action));
    notification.on("click", () => this.#options.onClick());
    notification.on("close", () => {
      if (this.#shown.get(about) === notification) this.#shown.delete(about);
    });
    this.#shown.set(about, notification);
    notification.show();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const notification of this.#shown.values()) notification.close();
  }
}
