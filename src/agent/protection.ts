/**
 * Keeps the tunnel as the effective path says, once the user connected and until the user disconnects. Nothing
 * that the control plane says or does opens what is closed: a path that cannot be used changes nothing, one that
 * loosens what the person chose waits for consent, and one without gateways closes.
 */
import { loosens, type Loosening } from "../routing/loosens.ts";
import type { AGENT_BLOCKAGES, Trouble } from "../rpc/said.ts";
import type { Blockage, ControlException, Intent, TunnelEngine, TunnelStatus } from "../tunnel/types.ts";
import { checkEndpointAddress } from "../wireguard/endpoint.ts";
import { parseAddress, type Address } from "../wireguard/address.ts";
import type { AddressBook } from "./address-book.ts";
import { endpointNames, intentFromPath, type FromPath } from "./intent-from-path.ts";
import type { Identity } from "./identity.ts";
import type { Memory } from "./memory.ts";
import { pathFaultFacts } from "./path-fault.ts";
import { effectivePath, isChosen, type Path } from "./routing-state.ts";
import { withSettings } from "./settings.ts";

type TrafficMode = Path["trafficMode"]["value"];

/** Milliseconds between look-ups of endpoint names while the gateways do not answer. */
const LOOK_AGAIN_MS = 10_000;

export interface ProtectionOptions {
  readonly engine: TunnelEngine;
  readonly memory: Memory;
  readonly book: AddressBook;
  readonly resolvers: () => readonly string[];
  /** Whether names have to be looked up beside those of the path: endpoints of profiles. */
  readonly looksUpMore: () => boolean;
  /** The path as it is to be used now: through another of its pairs where its own is silent. */
  readonly steer: (path: Path) => Path;
  /** Told when that other pair cannot even be tried, for example since nobody knows its name. */
  readonly onUnusable: () => void;
  /** Told when `problem` or `announcement` changed. */
  readonly onProblem: () => void;
  /** Takes work that nobody waits for, and what becomes of it. */
  readonly background: (work: Promise<unknown>) => void;
}

/** Why the newest path is not in force. */
export interface Problem {
  /** For a person. */
  readonly message: string;
  readonly trouble: Trouble;
  /** What it would loosen, where it waits for the person's consent. */
  readonly consent: Loosening | null;
}

/** Whether somebody asked for what the engine has. A disconnect that does not succeed asks for nothing. */
export function isAskedFor({ intent, atRest, recordLost }: TunnelEngine): boolean {
  return intent !== null && !atRest && !recordLost;
}

/** See the file's head. */
export class Protection {
  readonly #options: ProtectionOptions;
  #turn = 0;
  /** What the engine was asked for last; undefined = it has to be asked (anew). */
  #asked: string | undefined;
  #connected: boolean;
  #consented: TrafficMode | null = null;
  #problem: Problem | null = null;
  #announcement: Loosening | null = null;
  #looking: NodeJS.Timeout | undefined;
  /** The path that was brought in force last, as it was before it was steered. */
  #base: Path | null = null;
  /** What the resolver said last of gateways that are silent, and what it is being asked. */
  readonly #fresh = new Map<string, readonly string[]>();
  readonly #asking = new Set<string>();

  constructor(options: ProtectionOptions) {
    this.#options = options;
    options.engine.onStatus((status) => this.#statusChanged(status));
    // What was connected before is known by the engine, which recorded it before it acted. A record that was lost
    // keeps everything closed until the user decides, so there is nothing to follow.
    this.#connected = isAskedFor(options.engine);
    if (!this.#connected && options.memory.routing.inForce !== null)
      options.memory.setRouting({ inForce: null, chosen: false });
  }

  /** The user connected and did not disconnect since. */
  get connected(): boolean {
    return this.#connected;
  }

  /** The path that the tunnel follows: the newest one, or what is in force while that one waits. null = none. */
  get followed(): Path | null {
    const { routing } = this.#options.memory;
    const path = effectivePath(routing);
    if (!this.#connected || path === null) return null;
    return this.#waitsForConsent(path) === null ? path : (this.#base ?? routing.inForce);
  }

  /** What an operator loosened since the person connected or chose a mode; null = nothing. */
  get announcement(): Loosening | null {
    return this.#announcement;
  }

  /** Why the newest path is not in force; null when it is. */
  get problem(): Problem | null {
    return this.#problem;
  }

  /**
   * The person chose a mode: a path that brings it may loosen what was chosen before. `chosen`: a layer of theirs
   * decides it; false = they left it to others.
   */
  consent(mode: TrafficMode, chosen: boolean): void {
    this.#consented = mode;
    this.#announce(null);
    if (this.#options.memory.routing.chosen !== chosen) this.#options.memory.setRouting({ chosen });
  }

  /** The user connects: from now on the effective path is followed. */
  async connect(): Promise<void> {
    this.#connected = true;
    this.#announce(null);
    await this.follow();
  }

  /** What would be asked of the engine for this path. */
  async prepare(path: Path, identity: Identity): Promise<FromPath> {
    const { book, engine } = this.#options;
    const names = endpointNames(path);
    await Promise.all(
      names.filter((name) => book.known(name).length === 0).map((name) => book.resolve(name)),
    );
    // A gateway that is silent may have moved to another address; one that answers is where it is known to be. Nobody
    // waits for the resolver meanwhile, which may be as dead as the gateway.
    const silent = isSilent(engine.status);
    if (silent) for (const name of names) this.#askAgain(name);
    const prepared = intentFromPath(path, {
      publicKey: identity.publicKey,
      addressOf: (name) => usable([...((silent && this.#fresh.get(name)) || []), ...book.known(name)]),
      control: this.#control(identity, names),
      allowLocalNetwork: true,
    });
    if (prepared.kind === "refused") return prepared;
    return { kind: "intent", intent: withSettings(prepared.intent, this.#options.memory.settings) };
  }

  /** Asks the resolver for a gateway that is silent, and follows when it says something new. */
  #askAgain(name: string): void {
    if (this.#asking.has(name)) return;
    this.#asking.add(name);
    const asked = this.#options.book.resolve(name).then(async (addresses) => {
      this.#asking.delete(name);
      const before = this.#fresh.get(name) ?? [];
      // Many resolvers turn the order of their answers; that alone is no news.
      if (addresses.every((address) => before.includes(address))) return;
      this.#fresh.set(name, addresses);
      if (isSilent(this.#options.engine.status)) await this.follow();
    });
    this.#options.background(asked);
  }

  /** Brings the effective path in force, if the user is connected. Safe to call at any time, in any order. */
  async follow(): Promise<void> {
    const { memory } = this.#options;
    const { identity } = memory;
    const turn = (this.#turn += 1);
    const path = effectivePath(memory.routing);
    if (identity === null || path === null || !this.#connected || memory.revoked !== null) return;
    const { inForce: before } = memory.routing;
    const loosening =
      before === null || this.#consented === path.trafficMode.value ? undefined : loosens(before, path);
    const waits = this.#waitsForConsent(path);
    const steered = waits === null ? this.#options.steer(path) : null;
    const problem = steered === null ? waits : await this.#try(steered, identity, turn);
    if (turn !== this.#turn) return;
    if (problem === null) this.#base = path;
    this.#say(problem);
    if (problem === null && loosening !== undefined) this.#announce(loosening);
    // What is in force stays; after a restart the engine has to be told of it, and given the key, anew.
    const { inForce } = memory.routing;
    if (problem === null || inForce === null) return;
    // A gateway that is silent is left also while a newer path waits.
    await this.#try(waits === null ? inForce : this.#options.steer(this.#base ?? inForce), identity, turn);
    if (steered !== null && steered !== path && turn === this.#turn) this.#options.onUnusable();
  }

  /** Brings one path in force. Says why that cannot be, or null. */
  async #try(path: Path, identity: Identity, turn: number): Promise<Problem | null> {
    const { memory } = this.#options;
    const prepared = await this.prepare(path, identity);
    // Something newer came meanwhile: another path, a block, or the user's disconnect.
    if (turn !== this.#turn) return null;
    const refused = prepared.kind === "refused" ? prepared : this.#ask(prepared.intent, identity, path);
    if (refused !== null)
      return {
        message: `The control plane's path cannot be used (${refused.message}); what is in force stays as it was.`,
        trouble: { code: "path_unusable", facts: pathFaultFacts(refused) },
        consent: null,
      };
    const { inForce, chosen } = memory.routing;
    if (inForce !== path) memory.setRouting({ inForce: path, chosen: chosen || isChosen(path) });
    return null;
  }

  /** Closes everything that the mode in force closes, until the next `follow` or the user's disconnect. */
  block(reason: Blockage): void {
    this.#turn += 1;
    this.#asked = undefined;
    if (!this.#options.engine.atRest) this.#options.engine.block(reason);
  }

  /** Something else is connected in place of the managed path: nothing is followed any more, nothing is opened. */
  yield(): void {
    this.#turn += 1;
    this.#connected = false;
    this.#asked = undefined;
    this.#consented = null;
    this.#base = null;
    this.#say(null);
    this.#announce(null);
    this.#options.memory.setRouting({ inForce: null, chosen: false });
  }

  close(): void {
    clearInterval(this.#looking);
  }

  /** Endpoints that are names are looked up anew until the gateways answer; where they did is worth keeping. */
  #statusChanged(status: TunnelStatus): void {
    const { engine, memory, book } = this.#options;
    if (isSilent(status) && this.#connected) {
      this.#looking ??= setInterval(() => {
        const { inForce } = memory.routing;
        if (inForce !== null && endpointNames(inForce).length > 0) this.#options.background(this.follow());
      }, LOOK_AGAIN_MS);
      return;
    }
    clearInterval(this.#looking);
    this.#looking = undefined;
    this.#fresh.clear();
    if (status.state !== "connected" || !this.#connected) return;
    for (const hop of [memory.routing.inForce?.ingress, memory.routing.inForce?.egress]) {
      const used = engine.intent?.peers.find((peer) => peer.publicKey === hop?.publicKey);
      const [name] = hop === undefined ? [] : endpointNames({ ingress: hop });
      if (name !== undefined && used !== undefined) book.keep(name, used.endpoint.address);
    }
  }

  /** The one way out of protection. */
  async disconnect(): Promise<void> {
    this.yield();
    await this.#options.engine.disconnect();
  }

  #waitsForConsent(path: Path): Problem | null {
    const { inForce, chosen } = this.#options.memory.routing;
    const loosening = inForce === null ? undefined : loosens(inForce, path);
    if (loosening === undefined || !(loosening.needsConsent || chosen)) return null;
    if (this.#consented === path.trafficMode.value) return null;
    return {
      message: `A change waits for your consent. ${loosening.message} Until you choose a mode yourself, everything stays as it was.`,
      trouble: { code: "consent_needed", facts: {} },
      consent: loosening,
    };
  }

  /** Asks the engine; says why it would not, or null. */
  #ask(
    intent: Intent,
    identity: Identity,
    path: Path,
  ): { readonly code: string; readonly message: string } | null {
    const { engine } = this.#options;
    const asked = JSON.stringify([intent, path.status, path.reason]);
    if (asked !== this.#asked) {
      try {
        engine.apply(intent, identity.privateKey.reveal());
      } catch (error) {
        return { code: "engine", message: error instanceof Error ? error.message : String(error) };
      }
      this.#asked = asked;
      if (path.status === "unavailable") engine.block(unavailable(path));
    }
    if (this.#consented === path.trafficMode.value) this.#consented = null;
    return null;
  }

  /** Where the agent's own sockets may go: its control plane, and resolvers where a name has to be looked up. */
  #control(identity: Identity, names: readonly string[]): readonly ControlException[] {
    const { book, resolvers } = this.#options;
    const { host, port } = identity.remote;
    const addresses = book.known(host);
    const asks = names.length > 0 || !addresses.includes(host) || this.#options.looksUpMore();
    return [
      ...addresses.map((address) => ({ protocol: "tcp", address, port }) as const),
      ...(asks ? resolvers().map((address) => ({ protocol: "udp", address, port: 53 }) as const) : []),
    ];
  }

  #announce(announcement: Loosening | null): void {
    if (announcement?.message === this.#announcement?.message) return;
    this.#announcement = announcement;
    this.#options.onProblem();
  }

  #say(problem: Problem | null): void {
    if (problem?.message === this.#problem?.message) return;
    this.#problem = problem;
    this.#options.onProblem();
  }
}

function isSilent({ state }: TunnelStatus): boolean {
  return state === "connecting" || state === "reconnecting";
}

function unavailable({ reason }: Path): Blockage {
  return {
    code: reason?.code ?? ("unavailable" satisfies (typeof AGENT_BLOCKAGES)[number]),
    message: reason?.message ?? "There is no path for this device.",
    remedy: "Choose another gateway, or let the platform choose; or disconnect.",
  };
}

/** The first address at which a peer can be. */
function usable(addresses: readonly string[]): Address | undefined {
  for (const text of addresses) {
    const address = parseAddress(text);
    if (address.ok && checkEndpointAddress(address.value).ok) return address.value;
  }
  return undefined;
}
