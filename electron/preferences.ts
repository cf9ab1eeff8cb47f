/** What the app itself remembers: presentation and the window's place, in one small file of electron-store. */
import { ipcMain } from "electron";
import Store from "electron-store";
import type { Presentation } from "../src/bridge/state.ts";
import { readPresentation } from "../src/face/presentation.ts";

/** What the file may hold; whatever else it holds is nobody's. */
interface Kept {
  presentation?: unknown;
  bounds?: unknown;
}

export class Preferences {
  readonly #store: Store<Kept>;

  constructor() {
    this.#store = new Store<Kept>({
      name: "presentation",
      // A file that is no JSON any more is begun anew: nothing in it protects anybody.
      clearInvalidConfig: true,
      accessPropertiesByDotNotation: false,
    });
    // The store answers any page that asks where it is. Ours have no business with that.
    ipcMain.removeAllListeners("electron-store-get-data");
  }

  /** What was stored, field by field. */
  get presentation(): Presentation {
    return readPresentation(this.#store.get("presentation"));
  }

  set presentation(presentation: Presentation) {
    this.#store.set("presentation", presentation);
  }

  /** As it was stored; `boundsFor` judges it. */
  get bounds(): unknown {
    return this.#store.get("bounds");
  }

  set bounds(bounds: unknown) {
    this.#store.set("bounds", bounds);
  }
}
