import type { Locator, Page } from "playwright";
import { goTo } from "./screen.ts";

export type End = "Entry gateway" | "Exit gateway";

/** The choices of one layer, wherever they stand: on Preferences, or in "Try a change". */
export class Choices {
  readonly #page: Page;
  readonly within: Locator;

  constructor(page: Page, within: Locator) {
    this.#page = page;
    this.within = within;
  }

  async mode(mode: "Not set" | "Private network" | "Full tunnel"): Promise<void> {
    await this.#choose("Traffic mode", mode);
  }

  async gateways(way: "Not set" | "Automatic" | "By hand"): Promise<void> {
    await this.#choose("Gateways", way);
  }

  async #choose(group: string, name: string): Promise<void> {
    await this.within.getByRole("radiogroup", { name: group }).getByText(name, { exact: true }).click();
  }

  /** Chooses a gateway by hand. */
  async pin(end: End, gateway: string): Promise<void> {
    await this.within.getByRole("button", { name: end }).click();
    await this.#page.getByRole("option", { name: gateway }).click();
  }

  async press(button: string): Promise<void> {
    await this.within.getByRole("button", { name: button, exact: true }).click();
  }
}

export class Preferences {
  readonly #page: Page;
  readonly device: Choices;
  readonly user: Choices;

  constructor(page: Page) {
    this.#page = page;
    const layer = (name: string): Choices =>
      new Choices(page, page.getByRole("region", { name, exact: true }));
    this.device = layer("This device");
    this.user = layer("All your devices");
  }

  async open(): Promise<void> {
    await goTo(this.#page, "Preferences");
    await this.device.within.waitFor();
  }
}
