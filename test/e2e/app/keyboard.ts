/** A person who has no pointer. */
import type { Page } from "playwright";

/** Most steps of Tab around any window of ours. */
const ALL_AROUND = 80;

export class Keyboard {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#page.keyboard.press(key);
  }

  /** Puts in text, as from the clipboard. */
  async insert(text: string): Promise<void> {
    await this.#page.keyboard.insertText(text);
  }

  /** Opens a screen, and waits until it shows these words: nobody looks for them before. */
  async open(shortcut: string, words: RegExp): Promise<void> {
    await this.press(shortcut);
    await this.#page.getByText(words).first().waitFor();
  }

  /** Goes on with Tab until something by this name has the focus. Throws when nothing has. */
  async tabTo(name: RegExp): Promise<void> {
    const met = new Set<string>();
    for (let step = 0; step < ALL_AROUND; step += 1) {
      const label = await this.#focused();
      if (name.test(label)) return;
      met.add(label);
      await this.press("Tab");
    }
    throw new Error(`no Tab leads to ${String(name)}, only to: ${[...met].join(" | ")}`);
  }

  /** Goes to something and presses Enter on it. */
  async enter(name: RegExp): Promise<void> {
    await this.tabTo(name);
    await this.press("Enter");
  }

  /** Opens a list or a menu, goes to an entry by its first letters, and takes it. */
  async choose(from: RegExp, entry: string): Promise<void> {
    await this.#chooseBy(from, () => this.#page.keyboard.type(entry));
  }

  /** The same for the last entry, in whatever script it is written. */
  async chooseLast(from: RegExp): Promise<void> {
    await this.#chooseBy(from, () => this.press("End"));
  }

  async #chooseBy(from: RegExp, go: () => Promise<void>): Promise<void> {
    await this.enter(from);
    const list = this.#page.locator("[role=listbox], [role=menu]");
    await list.waitFor();
    await go();
    await this.press("Enter");
    await list.waitFor({ state: "detached" });
  }

  /** Every name that what has the focus goes by, as far as a person hears it. */
  async #focused(): Promise<string> {
    return this.#page.evaluate<string>(`(() => {
      const one = document.activeElement;
      if (one === document.body) return "";
      const by = one?.getAttribute("aria-labelledby")?.split(" ") ?? [];
      return [
        one?.getAttribute("aria-label"),
        ...by.map((id) => document.getElementById(id)?.textContent),
        ...[...(one?.labels ?? [])].map((label) => label.textContent),
        one?.localName === "button" ? one.textContent : undefined,
      ].filter(Boolean).join(" ");
    })()`);
  }
}
