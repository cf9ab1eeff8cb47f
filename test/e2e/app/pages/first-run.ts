import type { Locator, Page } from "playwright";

/** What somebody sees whose device is in no network yet. */
export class FirstRun {
  readonly #page: Page;
  readonly link: Locator;
  readonly host: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.link = page.getByRole("textbox", { name: "Enrolment link" });
    this.host = page.getByRole("definition");
  }

  async read(link: string): Promise<void> {
    await this.link.fill(link);
    await this.#page.getByRole("button", { name: "Read link" }).click();
  }

  async enroll(name: string): Promise<void> {
    await this.#page.getByRole("textbox", { name: "Name of this device" }).fill(name);
    await this.#page.getByRole("button", { name: "Enrol this device" }).click();
  }
}
