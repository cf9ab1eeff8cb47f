import type { Locator, Page } from "playwright";
import { Choices } from "./preferences.ts";
import { goTo } from "./screen.ts";

export class Path {
  readonly #page: Page;
  readonly layers: Locator;
  readonly gateways: Locator;
  readonly try: Choices;

  constructor(page: Page) {
    this.#page = page;
    this.layers = page.getByRole("table", { name: "Layers" });
    this.gateways = page.getByRole("region", { name: "Gateways", exact: true });
    this.try = new Choices(page, page.getByRole("region", { name: "Try a change", exact: true }));
  }

  async open(): Promise<void> {
    await goTo(this.#page, "Path");
    await this.layers.waitFor();
  }

  /** Opens "Try a change"; nothing is changed by that. */
  async tryChange(): Promise<Choices> {
    await this.try.press("Try a change…");
    return this.try;
  }
}
