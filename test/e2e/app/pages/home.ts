import type { Locator, Page } from "playwright";
import { goTo } from "./screen.ts";

export class Home {
  readonly #page: Page;
  readonly headline: Locator;
  readonly switch: Locator;
  /** The one card that says what is wrong, or what has to be decided. */
  readonly card: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.headline = page.getByRole("heading", { level: 1 });
    this.switch = page.getByRole("switch", { name: "Connection" });
    this.card = page.getByRole("main").getByRole("alert");
  }

  async open(): Promise<void> {
    await goTo(this.#page, "Home");
  }

  /** Turns the large switch. */
  async turn(): Promise<void> {
    // The input itself is hidden behind what is drawn.
    await this.switch.press("Space");
  }

  /** Chooses another mode than the one in force. */
  async chooseMode(mode: "Private network" | "Full tunnel"): Promise<void> {
    const modes = this.#page.getByRole("radiogroup", { name: "Traffic mode" });
    // To press what is chosen does nothing: a window that has not heard yet what came before would lose the choice.
    await modes
      .getByRole("radio", { name: mode, exact: true, checked: false })
      .waitFor({ state: "attached" });
    await modes.getByText(mode, { exact: true }).click();
  }

  /** Presses a button of the card. */
  async answer(label: string): Promise<void> {
    await this.card.getByRole("button", { name: label }).click();
  }

  /** The path as a screen reader hears it: one text for each place. */
  async path(): Promise<string[]> {
    return this.#page
      .getByRole("region", { name: "Where traffic goes" })
      .getByRole("listitem")
      .allInnerTexts();
  }
}
