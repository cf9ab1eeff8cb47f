/**
 * Keeps what the menu shows beyond the snapshot. Asked when the path is another one, a profile comes or goes, or
 * somebody is about to look; never by a clock.
 */
import type { AgentLink } from "../../src/face/agent-link.ts";
import type { MenuFacts } from "./menu.ts";

/** Looking again and again asks no more often than this; milliseconds. */
const AT_MOST_EVERY_MS = 1000;

const NOTHING: MenuFacts = { gateways: [], profiles: [] };

export class MenuFactsKeeper {
  readonly #agent: Pick<AgentLink, "call" | "state">;
  readonly #changed: () => void;
  #facts = NOTHING;
  /** What the facts were asked for. */
  #key = "";
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(agent: Pick<AgentLink, "call" | "state">, changed: () => void) {
    this.#agent = agent;
    this.#changed = changed;
  }

  get facts(): MenuFacts {
    return this.#facts;
  }

  /** The agent said something new: asks if what the facts rest on is another one. */
  follow(): void {
    const { state } = this.#agent;
    if (state.state !== "ready") {
      this.#key = "";
      return;
    }
    const { enrollment, path, profile, controlPlane } = state.snapshot;
    const key = JSON.stringify([enrollment?.deviceId, path?.epoch, profile?.id, controlPlane.connected]);
    if (key === this.#key) return;
    this.#key = key;
    void this.#ask();
  }

  /** Somebody is about to look. */
  refresh(): void {
    if (this.#key !== "" && performance.now() - this.#askedAt > AT_MOST_EVERY_MS) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#askedAt = performance.now();
    const key = this.#key;
    const { state } = this.#agent;
    const enrolled = state.state === "ready" && state.snapshot.enrollment !== null;
    const [gateways, profiles] = await Promise.all([
      // What cannot be said now stays as it was known.
      enrolled ? this.#agent.call("gateways", {}).catch(() => this.#facts.gateways) : [],
      this.#agent.call("listProfiles", {}).catch(() => this.#facts.profiles),
    ]);
    if (key !== this.#key) return;
    this.#facts = { gateways, profiles };
    this.#changed();
  }
}
