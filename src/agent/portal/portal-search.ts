/** Looks for a page to sign in at, now and again while nothing answers. */
import type { PortalHint, PortalWatch } from "./portal-watch.ts";

/** Milliseconds between two looks. */
const LOOK_MS = 5_000;

export interface PortalSearchOptions {
  /** What the network announces. */
  readonly look: PortalWatch["look"];
  /** Told when a look found something new. */
  readonly onFound: () => void;
  /** Takes work that nobody waits for, and what becomes of it. */
  readonly background: (work: Promise<unknown>) => void;
}

export class PortalSearch {
  readonly #options: PortalSearchOptions;
  #found: PortalHint | null = null;
  #looking: NodeJS.Timeout | undefined;

  constructor(options: PortalSearchOptions) {
    this.#options = options;
  }

  /** The page that the network announced at the last look; null = none, or nobody looks. */
  get found(): PortalHint | null {
    return this.#found;
  }

  /** Nothing answers any more: looks until `end`. */
  begin(): void {
    if (this.#looking !== undefined) return;
    const { background } = this.#options;
    this.#looking = setInterval(() => background(this.#look()), LOOK_MS);
    this.#looking.unref();
    background(this.#look());
  }

  /** Something answers, or nothing is asked: what was found does not matter any more. */
  end(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
    this.#found = null;
  }

  async #look(): Promise<void> {
    const hint = await this.#options.look();
    if (this.#looking === undefined || hint?.host === this.#found?.host) return;
    this.#found = hint;
    this.#options.onFound();
  }
}
