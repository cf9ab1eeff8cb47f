import type { Locator, Page } from "playwright";
import { goTo } from "./screen.ts";

export interface HandedFile {
  readonly name: string;
  readonly buffer: Buffer;
}

export class Manual {
  readonly #page: Page;
  /** The report on what was handed in. */
  readonly report: Locator;
  readonly saved: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.report = page.getByRole("dialog", { name: "Check before saving" });
    this.saved = page.getByRole("main");
  }

  async open(): Promise<void> {
    await goTo(this.#page, "Manual");
    await this.#page.getByRole("heading", { level: 1 }).waitFor();
  }

  async addFiles(...files: readonly HandedFile[]): Promise<void> {
    const chooser = this.#page.waitForEvent("filechooser");
    await this.#page.getByRole("button", { name: "Add files…" }).click();
    await (
      await chooser
    ).setFiles(files.map(({ name, buffer }) => ({ name, buffer, mimeType: "application/octet-stream" })));
  }

  async paste(text: string): Promise<void> {
    await this.#page.getByRole("button", { name: "Paste text…" }).click();
    const dialog = this.#page.getByRole("dialog", { name: "Paste a configuration" });
    await dialog.getByRole("textbox", { name: "Text of the configuration" }).fill(text);
    await dialog.getByRole("button", { name: "Check it" }).click();
  }

  /** Drops files on the window, as from a file manager; none = the text that somebody dragged from a page. */
  async drop(...files: readonly HandedFile[]): Promise<void> {
    const given = files.map(({ name, buffer }) => ({ name, text: buffer.toString("base64") }));
    const transfer = await this.#page.evaluateHandle(
      `(() => {
        const transfer = new DataTransfer();
        for (const { name, text } of ${JSON.stringify(given)})
          transfer.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name));
        if (transfer.items.length === 0) transfer.items.add("[Interface]", "text/plain");
        return transfer;
      })()`,
    );
    for (const type of ["dragenter", "dragover", "drop"])
      await this.#page.dispatchEvent("main", type, { dataTransfer: transfer });
  }

  /** Closes the report; nothing of it was saved. */
  async leave(): Promise<void> {
    await this.report.getByRole("button", { name: /Cancel|Close/ }).click();
    await this.report.waitFor({ state: "detached" });
  }

  async saveAs(name: string): Promise<void> {
    await this.report.getByRole("textbox", { name: "Save as" }).fill(name);
    await this.report.getByRole("button", { name: "Save", exact: true }).click();
    await this.report.waitFor({ state: "detached" });
  }

  /** Opens a saved configuration. */
  async choose(name: string): Promise<void> {
    await this.#page
      .getByRole("list", { name: "Saved configurations" })
      .getByRole("button", { name })
      .click();
    await this.#page.getByRole("heading", { level: 1, name }).waitFor();
  }

  /** Does something with the configuration that is open. */
  async act(name: string, act: string): Promise<void> {
    await this.#page.getByRole("button", { name: `Actions for ${name}` }).click();
    await this.#page.getByRole("menuitem", { name: act }).click();
  }

  async connect(): Promise<void> {
    await this.#page.getByRole("button", { name: "Connect", exact: true }).click();
  }

  async disconnect(): Promise<void> {
    await this.#page.getByRole("button", { name: "Disconnect", exact: true }).click();
  }
}
