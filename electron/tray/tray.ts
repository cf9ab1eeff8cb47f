/** Draws the menu and the icon that were decided, and only when they are others than before. */
import { Menu, Tray, type MenuItemConstructorOptions } from "electron";
import type { BridgeState } from "../../src/bridge/state.ts";
import { headline, protectionOf } from "../protection.ts";
import { shortened } from "../shortened.ts";
import type { HostTexts } from "../texts/index.ts";
import { trayImage } from "./icon.ts";
import { trayIcon, type IconShape } from "./icon-shape.ts";
import { trayMenu, type MenuAction, type MenuFacts, type MenuModel } from "./menu.ts";

export interface TrayOptions {
  readonly act: (action: MenuAction) => void;
  /** Somebody is about to look: what the menu says may be made fresh. */
  readonly onAttention: () => void;
}

export class AppTray {
  readonly #act: TrayOptions["act"];
  readonly #tray: Tray;
  #shape: IconShape = "gaps";
  /** The menu that is drawn, as text. */
  #drawn = "";

  constructor({ act, onAttention }: TrayOptions) {
    this.#act = act;
    this.#tray = new Tray(trayImage(this.#shape));
    this.#tray.on("click", () => act({ do: "open" }));
    this.#tray.on("mouse-enter", onAttention);
  }

  show(state: BridgeState, facts: MenuFacts, texts: HostTexts): void {
    const protection = protectionOf(state.agent, state.signingIn);
    const shape = trayIcon(protection);
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#tray.setImage(trayImage(shape));
    }
    const model = trayMenu(state, facts, texts);
    const drawn = JSON.stringify(model);
    // A menu that is replaced closes under the person's hand.
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#tray.setToolTip(`Nanami: ${headline(protection, texts)}`);
    this.#tray.setContextMenu(Menu.buildFromTemplate(this.#template(model)));
  }

  close(): void {
    this.#tray.destroy();
  }

  /** The system has drawn the mark at the entry that was clicked: whether it stands there is for the agent to say. */
  #choose(action: MenuAction): void {
    this.#drawn = "";
    this.#act(action);
  }

  #template(model: MenuModel): MenuItemConstructorOptions[] {
    return model.map((entry): MenuItemConstructorOptions => {
      switch (entry.kind) {
        case "line":
          return { type: "separator" };
        case "text":
          return { label: shown(entry.label), enabled: false };
        case "action":
          return { label: shown(entry.label), click: () => this.#act(entry.action) };
        case "choice":
          return {
            // A radio group in which nothing is chosen would be shown with its first entry chosen.
            type: "checkbox",
            label: shown(entry.label),
            checked: entry.chosen,
            enabled: entry.enabled,
            click: () => this.#choose(entry.action),
          };
        case "group":
          return { label: shown(entry.label), submenu: this.#template(entry.entries) };
      }
    });
  }
}

/** Names come from elsewhere: an ampersand would mark a key (`&&` is one that is shown), and some are long. */
function shown(label: string): string {
  return shortened(label, 80).replaceAll("&", "&&");
}
