import type { Locator, Page } from "playwright";
import { goTo } from "./screen.ts";

export class Health {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async open(): Promise<void> {
    await goTo(this.#page, "Health");
    await this.card("Leak self-test").waitFor();
  }

  /** One of the cards by its title. */
  card(title: string): Locator {
    return this.#page.getByRole("region", { name: title, exact: true });
  }

  async press(card: string, button: string): Promise<void> {
    await this.card(card).getByRole("button", { name: button, exact: true }).click();
  }

  async ask(target: string): Promise<void> {
    await this.card("Where does this go?").getByRole("textbox", { name: "Address or name" }).fill(target);
    await this.press("Where does this go?", "Show");
  }
}
