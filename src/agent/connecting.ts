/**
 * Connects and disconnects for a person: the managed path, or a profile in its place. What is connected stays when what
 * was asked for cannot be, and whoever disconnects is not overtaken by a connect that was under way.
 */
import { layersOfPath } from "../routing/layers-of-path.ts";
import type { Params } from "../rpc/contract.ts";
import { RpcRefusal } from "../rpc/server.ts";
import type { TunnelEngine } from "../tunnel/types.ts";
import type { Peer } from "./authorization.ts";
import { problemOf } from "./control-plane.ts";
import type { ControlPlaneLink } from "./control-plane-link.ts";
import type { Memory } from "./memory.ts";
import type { Preferences } from "./preferences.ts";
import { Overtaken, type ManualTunnel } from "./profiles/manual-tunnel.ts";
import type { Profiles } from "./profiles/profiles.ts";
import type { Protection } from "./protection.ts";
import { pathFaultFacts } from "./path-fault.ts";
import { refuse } from "./refuse.ts";
import { refuseUndone } from "./refuse-undone.ts";
import { effectivePath, type Path } from "./routing-state.ts";

/** Milliseconds that a control plane has to store a mode that is to be connected: until then nothing is closed. */
const MODE_PATIENCE_MS = 1000;

export type ChosenMode = NonNullable<Params<"connect">["mode"]>;

export interface ConnectingOptions {
  readonly memory: Memory;
  readonly engine: Pick<TunnelEngine, "status" | "settled">;
  readonly link: Pick<ControlPlaneLink, "identity" | "reach">;
  readonly protection: Protection;
  readonly manual: ManualTunnel;
  readonly profiles: Pick<Profiles, "find">;
  readonly preferences: Preferences;
  /** Takes a path that the control plane answered with. */
  readonly take: (path: Path) => void;
}

/** See the file's head. What is refused is an `RpcRefusal`. */
export class Connecting {
  readonly #options: ConnectingOptions;
  /** How often somebody disconnected: a connect that was under way then must not go on. */
  #disconnects = 0;

  constructor(options: ConnectingOptions) {
    this.#options = options;
  }

  /** Connects the managed path, in this mode where one is chosen. Resolves when it is in force. */
  async connect(mode: ChosenMode | undefined): Promise<void> {
    const { memory, engine, link, protection, manual } = this.#options;
    const identity = link.identity();
    const disconnects = this.#disconnects;
    const { revoked } = memory;
    if (revoked !== null)
      refuse(
        ["unavailable", "revoked"],
        `This device was removed from its network: ${revoked}`,
        "Log out and enrol it anew.",
      );
    if (mode !== undefined) await this.#chooseMode(mode);
    const path = await this.#pathToUse(mode);
    if (!protection.connected) {
      if (path.status === "unavailable")
        refuse(
          ["unavailable", "no_path", { why: path.reason?.code ?? "unavailable" }],
          path.reason?.message ?? "There is no path for this device.",
        );
      const prepared = await protection.prepare(path, identity);
      if (prepared.kind === "refused")
        refuse(
          ["refused", "path_unusable", pathFaultFacts(prepared)],
          `The control plane's path cannot be used: ${prepared.message}`,
        );
    }
    this.#requireStillWanted(disconnects);
    await manual.release();
    this.#requireStillWanted(disconnects);
    await protection.connect();
    // The answer is the promise: from now on nothing leaves outside.
    await engine.settled();
  }

  /** Connects a profile in place of the managed path. What is connected stays when it cannot be. */
  async connectProfile(id: string, mode: ChosenMode | undefined, peer: Peer): Promise<void> {
    const { memory, engine, protection, manual, profiles } = this.#options;
    const disconnects = this.#disconnects;
    const prepared = await manual.prepare(profiles.find(id, peer), mode ?? null);
    if (!prepared.ok)
      refuse(
        ["refused", `profile_${prepared.code}`],
        prepared.message,
        "See the profile: nanami config show <profile>",
      );
    this.#requireStillWanted(disconnects);
    const managed = protection.connected;
    const { inForce, chosen } = memory.routing;
    protection.yield();
    try {
      await manual.connect(prepared.value);
    } catch (error) {
      if (managed) {
        // What was in force is so still: what loosens it goes on waiting for consent.
        memory.setRouting({ inForce, chosen });
        await protection.connect();
      }
      const detail = error instanceof Error ? error.message : String(error);
      if (error instanceof Overtaken) refuse(["refused", "overtaken"], detail);
      refuse(["refused", "tunnel_refused", { detail }], detail);
    }
    await engine.settled();
  }

  /** Ends what is connected, whatever it is. Resolves when everything was put back. */
  async disconnect(): Promise<void> {
    const { engine, protection, manual } = this.#options;
    this.#disconnects += 1;
    try {
      await manual.release();
      await protection.disconnect();
    } catch (error) {
      refuseUndone(error, engine);
    }
  }

  #requireStillWanted(disconnects: number): void {
    if (disconnects !== this.#disconnects)
      refuse(
        ["conflict", "disconnected_meanwhile"],
        "Somebody disconnected meanwhile.",
        "Connect again if that was not meant.",
      );
  }

  /** Writes the mode to the device layer, unless it says so already. */
  async #chooseMode(mode: ChosenMode): Promise<void> {
    const { memory, preferences, protection } = this.#options;
    const { served, unsaved } = memory.routing;
    const said = served === null ? undefined : layersOfPath(served).device.trafficMode;
    // The path that follows from what was stored a moment ago may still be on its way.
    const stored = preferences.lastSeen("device");
    const isSo = said === mode && (stored === undefined || stored.trafficMode === mode);
    if (!isSo || unsaved !== null || preferences.isChanging("device"))
      await preferences.set("device", (stored) => ({ ...stored, trafficMode: mode }), {
        patienceMs: MODE_PATIENCE_MS,
      });
    protection.consent(mode, true);
  }

  /** The newest path; asked for where there is none yet, or where it does not know of a mode just chosen. */
  async #pathToUse(mode: ChosenMode | undefined): Promise<Path> {
    const { memory, link, take } = this.#options;
    const have = effectivePath(memory.routing);
    const knows = mode === undefined || have?.trafficMode.value === mode;
    if (have !== null && knows) return have;
    const answer = await link.reach().path();
    if (answer.ok) {
      take(answer.body);
      return effectivePath(memory.routing) ?? answer.body;
    }
    if (have === null) throw new RpcRefusal(problemOf(answer));
    return have;
  }
}
