/** Keeps the desktop at what is wanted of it: one thing after the other, and what was wanted last counts. */
import type { Environment } from "./folders.ts";
import {
  canAssociate,
  hasOwnEntry,
  hasPackage,
  removeFiles,
  takeDefault,
  undo,
  writeFiles,
  type PlannedFile,
} from "./install.ts";

export interface AssociationOptions {
  readonly platform: NodeJS.Platform;
  readonly env: Environment;
  /** What is written where it is wanted (see `plannedFiles`). */
  readonly files: () => Promise<readonly PlannedFile[]>;
}

export class Association {
  readonly #options: AssociationOptions;
  /** Which wish is the last one. */
  #wish = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(options: AssociationOptions) {
    this.#options = options;
  }

  /** Whether a person is asked: where it can be done, or was and can be undone. `wanted`: what they said last. */
  isOffered(wanted: boolean): boolean {
    const { platform, env } = this.#options;
    if (canAssociate(platform, env)) return true;
    return platform === "linux" && !hasPackage(platform, env) && wanted && hasOwnEntry(env);
  }

  /**
   * At the app's start: the program may have moved since, and a package may have come, which an entry in the user's
   * own folder would hide for ever. Which program opens what is left as it is.
   */
  begin(wanted: boolean): Promise<void> {
    return this.#next(async (isLast) => {
      const { platform, env, files } = this.#options;
      if (hasPackage(platform, env)) {
        if (hasOwnEntry(env)) await removeFiles(env);
      } else if (wanted && canAssociate(platform, env)) await writeFiles(await files(), env, isLast);
    });
  }

  /** At a person's word. It is undone wherever it was done. */
  turn(wanted: boolean): Promise<void> {
    return this.#next(async (isLast) => {
      const { platform, env, files } = this.#options;
      if (platform !== "linux") return;
      if (!wanted) return undo(env);
      if (!canAssociate(platform, env)) return;
      await writeFiles(await files(), env, isLast);
      if (isLast()) await takeDefault(env);
    });
  }

  /** `isLast`: whether nothing else was wanted meanwhile; if it was, that comes next and does the whole of it. */
  #next(work: (isLast: () => boolean) => Promise<void>): Promise<void> {
    const wish = ++this.#wish;
    const isLast = (): boolean => wish === this.#wish;
    const done = this.#work.then(() => (isLast() ? work(isLast) : undefined));
    this.#work = done.catch(() => undefined);
    return done;
  }
}
