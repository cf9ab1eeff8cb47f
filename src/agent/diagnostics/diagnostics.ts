/** What a person turns to when something seems wrong; and hints from faces, taken at a pace of our own. */
import type { Params, Snapshot } from "../../rpc/contract.ts";
import type { diagnosticsMethods } from "../../rpc/diagnostics.ts";
import type { Handlers } from "../../rpc/server.ts";
import type { TunnelEngine } from "../../tunnel/types.ts";
import type { Peer } from "../authorization.ts";
import type { Identity } from "../identity.ts";
import type { ProfileRecord } from "../profiles/stored.ts";
import { bundle } from "./bundle.ts";
import { LeakTest, type LeakTestOptions } from "./leak-test.ts";
import type { LogRing } from "./log-ring.ts";
import type { SystemSections } from "./system-sections.ts";

/** Milliseconds between two looks that faces ask for; hints in between become one. */
const HINT_MS = 2000;
const WHOLE_LOG = 2000;

/** What the system around gives; tests hand in their own. */
export interface DiagnosticsSystem extends Pick<
  LeakTestOptions,
  "links" | "tryToLeave" | "kernelRoute" | "ask"
> {
  readonly ring: LogRing;
  readonly sections: () => Promise<SystemSections>;
}

export interface DiagnosticsOptions {
  readonly system: DiagnosticsSystem;
  readonly engine: TunnelEngine;
  readonly resolvers: () => readonly string[];
  readonly snapshot: () => Snapshot;
  readonly identity: () => Identity | null;
  /** All of them, also those that were removed and can be restored. */
  readonly profiles: () => readonly ProfileRecord[];
  readonly checkHealth: Handlers<Peer>["checkHealth"];
  readonly looksAgain: (what: "woke" | "moved") => void;
}

/** See the file's head. */
export class Diagnostics {
  readonly #options: DiagnosticsOptions;
  readonly #leaks: LeakTest;
  #lastHint = Number.NEGATIVE_INFINITY;
  #waiting: NodeJS.Timeout | undefined;

  constructor(options: DiagnosticsOptions) {
    this.#options = options;
    const { engine, resolvers, system } = options;
    this.#leaks = new LeakTest({
      ...{ engine, resolvers },
      ...system,
      now: () => Date.now() / 1000,
    });
  }

  get handlers(): Pick<Handlers<Peer>, keyof typeof diagnosticsMethods> {
    return {
      testLeaks: (params, peer) => this.#leaks.run(params, peer),
      readLog: ({ after, limit }) => Promise.resolve(this.#options.system.ring.read(after, limit)),
      diagnostics: async ({ hide }, peer) => ({ sections: await this.#bundle(hide, peer) }),
      noteEvent: ({ event }) => {
        this.#note(event);
        return Promise.resolve({});
      },
    };
  }

  close(): void {
    clearTimeout(this.#waiting);
  }

  async #bundle(hide: Params<"diagnostics">["hide"], peer: Peer) {
    const { system, engine, snapshot, identity, profiles, checkHealth } = this.#options;
    const [{ sections, names }, health, readings] = await Promise.all([
      system.sections(),
      checkHealth({}, peer),
      engine.readings(),
    ]);
    const log = system.ring.read(0, WHOLE_LOG).lines;
    const own = { snapshot: snapshot(), identity: identity(), intent: engine.intent, profiles: profiles() };
    return bundle({ ...own, readings, health, log, system: sections, systemNames: names }, hide);
  }

  #note(event: Params<"noteEvent">["event"]): void {
    // What is in force holds through sleep by itself.
    if (event === "suspend" || this.#waiting !== undefined) return;
    const wait = Math.max(0, this.#lastHint + HINT_MS - performance.now());
    this.#waiting = setTimeout(() => {
      this.#waiting = undefined;
      this.#lastHint = performance.now();
      this.#options.looksAgain(event === "resume" ? "woke" : "moved");
    }, wait);
    this.#waiting.unref();
  }
}
