/**
 * Keeps the tunnel as a profile says, once the user connected it and until something else is connected or the user
 * disconnects. The same engine, and so the same promises, as for managed paths: switching between the two is a
 * reconcile, and what was closed stays closed.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Snapshot } from "../../rpc/contract.ts";
import type { AGENT_BLOCKAGES, ProfileTrouble } from "../../rpc/said.ts";
import type { TrafficMode } from "../../routing/types.ts";
import type { ControlException, Intent, TunnelEngine, TunnelStatus } from "../../tunnel/types.ts";
import type { Prefix } from "../../wireguard/prefix.ts";
import { failure, type Result } from "../../wireguard/result.ts";
import type { AddressBook } from "../address-book.ts";
import type { Memory } from "../memory.ts";
import { isAskedFor } from "../protection.ts";
import { withSettings } from "../settings.ts";
import { NO_PROFILE, type ActiveProfile } from "./active-profile.ts";
import { intentFromProfile, profileNames, type ProfileIntentCode } from "./intent-from-profile.ts";
import { parsedAddresses } from "./machine-facts.ts";
import type { ProfileStore } from "./profile-store.ts";
import { narrowedToMode, steering, unservedNames, unservedText } from "./steering.ts";
import type { ProfileRecord } from "./stored.ts";

/** Milliseconds between look-ups of endpoint names while the peers do not answer. */
const LOOK_AGAIN_MS = 10_000;
const ATTEMPTS = 4;
const BETWEEN_ATTEMPTS_MS = 300;

export interface ManualTunnelOptions {
  readonly engine: TunnelEngine;
  readonly memory: Memory;
  readonly store: ProfileStore;
  readonly book: AddressBook;
  readonly resolvers: () => readonly string[];
  /** Networks that this machine is attached to outside the tunnel. */
  readonly lan: () => readonly Prefix[];
  /** Told when `active` changed. */
  readonly onChange: () => void;
  /** Takes work that nobody waits for, and what becomes of it. */
  readonly background: (work: Promise<unknown>) => void;
}

/** What a connection needs beside the profile. */
interface Prepared {
  readonly record: ProfileRecord;
  readonly mode: TrafficMode | null;
  readonly intent: Intent;
  /** How often something else had been connected, or nothing, when this was begun. */
  readonly releases: number;
}

type PrepareCode = ProfileIntentCode | "widens" | "narrow_to_nothing";

/** Something else was connected while this was under way, or nothing was any more. */
export class Overtaken extends Error {
  override readonly name = "Overtaken";
}

/** See the file's head. */
export class ManualTunnel {
  readonly #options: ManualTunnelOptions;
  #turn = 0;
  #releases = 0;
  #problem: { readonly message: string; readonly trouble: ProfileTrouble } | null = null;
  #looking: NodeJS.Timeout | undefined;

  constructor(options: ManualTunnelOptions) {
    this.#options = options;
    const { engine, memory } = options;
    engine.onStatus((status) => this.#statusChanged(status));
    // The engine knows what was connected; a profile without a tunnel is a leftover.
    if (memory.activeProfile.id !== null && !isAskedFor(engine))
      options.background(this.#remember(NO_PROFILE));
  }

  /** The profile that is connected; null = none is. */
  get active(): Snapshot["profile"] {
    const { id } = this.#options.memory.activeProfile;
    if (id === null) return null;
    return {
      id,
      name: this.#record(id)?.name ?? "a profile that was lost",
      problem: this.#problem?.message ?? null,
      trouble: this.#problem?.trouble ?? null,
    };
  }

  /** What would be asked of the engine; changes nothing. Looks names up. */
  async prepare(record: ProfileRecord, mode: TrafficMode | null): Promise<Result<Prepared, PrepareCode>> {
    const narrowed = mode === null ? record.narrowed : narrowedToMode(record.config, record.narrowed, mode);
    if (narrowed === undefined)
      return mode === "full_tunnel"
        ? failure(
            "widens",
            "The profile carries no default route, and a profile can be narrowed, not widened.",
          )
        : failure(
            "narrow_to_nothing",
            "The profile names nothing but the default route, so there is no private part of it to connect.",
          );
    const { book, lan } = this.#options;
    const releases = this.#releases;
    const names = profileNames(record.config);
    const fresh = new Map(
      await Promise.all(names.map(async (name) => [name, await this.#lookUp(name)] as const)),
    );
    const intent = intentFromProfile(record.config, narrowed, {
      // Fresh answers first; the last good ones where the resolver is away or answers nonsense.
      addressesOf: (name) => parsedAddresses([...(fresh.get(name) ?? []), ...book.known(name)]),
      lan: lan(),
      control: this.#control(),
      allowLocalNetwork: true,
    });
    if (!intent.ok) return intent;
    const settled = withSettings(intent.value, this.#options.memory.settings);
    return { ok: true, value: { record, mode, intent: settled, releases } };
  }

  /** Connects what was prepared. Throws why not; nothing has changed then. */
  async connect({ record, mode, intent, releases }: Prepared): Promise<void> {
    const overtaken = () => releases !== this.#releases;
    if (overtaken())
      throw new Overtaken("Something else was connected meanwhile, or the tunnel was disconnected.");
    this.#turn += 1;
    const before = this.#options.memory.activeProfile;
    // Written down before it is acted on: after a crash the tunnel that is found has its owner.
    await this.#remember({ version: 1, id: record.id, mode });
    if (overtaken()) return;
    try {
      this.#apply(record, intent, mode);
    } catch (error) {
      await this.#remember(before);
      throw error;
    }
    this.#options.onChange();
  }

  /** Brings the profile in force again: after a restart, a change of it, or an endpoint that moved. */
  async follow(): Promise<void> {
    const { engine, memory } = this.#options;
    const { id, mode } = memory.activeProfile;
    if (id === null) return;
    const turn = (this.#turn += 1);
    const record = this.#record(id);
    if (record === undefined) {
      engine.block({
        code: "profile_lost" satisfies (typeof AGENT_BLOCKAGES)[number],
        message: "The profile that was connected cannot be read any more.",
        remedy: "Connect another one, or disconnect to use the Internet without protection.",
      });
      return;
    }
    const prepared = await this.prepare(record, mode);
    if (turn !== this.#turn) return;
    if (!prepared.ok) {
      const trouble = { code: prepared.code, facts: {} };
      this.#say({ message: `${prepared.message} What is in force stays as it was.`, trouble });
      return;
    }
    try {
      this.#apply(record, prepared.value.intent, mode);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#say({ message, trouble: { code: "tunnel_refused", facts: { detail: message } } });
    }
  }

  /** Something else is connected, or nothing: the tunnel is not touched. */
  async release(): Promise<void> {
    this.#turn += 1;
    this.#releases += 1;
    clearInterval(this.#looking);
    this.#looking = undefined;
    if (this.active === null) return;
    this.#problem = null;
    // Whether it can be written or not: letting go always works.
    const written = this.#remember(NO_PROFILE).catch(() => undefined);
    this.#options.onChange();
    await written;
  }

  close(): void {
    this.#turn += 1;
    clearInterval(this.#looking);
  }

  #apply({ config, narrowed }: ProfileRecord, intent: Intent, mode: TrafficMode | null): void {
    this.#options.engine.apply(intent, config.interface.privateKey.reveal());
    const only = mode === null ? narrowed : narrowedToMode(config, narrowed, mode);
    const { peers } = steering(config, only ?? null);
    const message = unservedText(peers);
    const facts = { prefixes: unservedNames(peers) };
    this.#say(message === null ? null : { message, trouble: { code: "unserved", facts } });
  }

  #remember(active: ActiveProfile): Promise<void> {
    return this.#options.memory.setActiveProfile(active);
  }

  #record(id: string): ProfileRecord | undefined {
    return this.#options.store.all().find((record) => record.id === id);
  }

  #statusChanged({ state }: TunnelStatus): void {
    const { id } = this.#options.memory.activeProfile;
    const record = id === null ? undefined : this.#record(id);
    const silent = state === "connecting" || state === "reconnecting";
    if (record !== undefined && silent && profileNames(record.config).length > 0) {
      this.#looking ??= setInterval(() => this.#options.background(this.follow()), LOOK_AGAIN_MS);
      return;
    }
    clearInterval(this.#looking);
    this.#looking = undefined;
    if (record !== undefined && state === "connected") this.#keepAddresses(record);
  }

  /** The peers answered: the addresses in use are good ones. */
  #keepAddresses({ config }: ProfileRecord): void {
    const { book, engine } = this.#options;
    for (const { publicKey, endpoint } of config.peers) {
      const used = engine.intent?.peers.find((peer) => peer.publicKey === publicKey);
      if (endpoint?.kind === "name" && used !== undefined) book.keep(endpoint.name, used.endpoint.address);
    }
  }

  /**
   * Asks the resolvers; where something is in force, more than once: the firewall may be about to let a look-up for a
   * new profile out.
   */
  async #lookUp(name: string): Promise<readonly string[]> {
    const { book, engine } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const found = await book.resolve(name);
      if (found.length > 0 || attempt === ATTEMPTS || engine.atRest) return found;
      await pause(BETWEEN_ATTEMPTS_MS);
    }
  }

  /** Whether a name of any profile may have to be looked up while something is in force. */
  looksUpNames(): boolean {
    return this.#options.store.all().some(({ config }) => profileNames(config).length > 0);
  }

  /** Where the agent's own sockets may go: its control plane, and resolvers where a name has to be looked up. */
  #control(): readonly ControlException[] {
    const { book, memory, resolvers } = this.#options;
    const remote = memory.identity?.remote;
    const known = remote === undefined ? [] : book.known(remote.host);
    const asks = this.looksUpNames() || (remote !== undefined && !known.includes(remote.host));
    return [
      ...known.map((address) => ({ protocol: "tcp", address, port: remote?.port ?? 443 }) as const),
      ...(asks ? resolvers().map((address) => ({ protocol: "udp", address, port: 53 }) as const) : []),
    ];
  }

  #say(problem: { readonly message: string; readonly trouble: ProfileTrouble } | null): void {
    if (problem?.message === this.#problem?.message) return;
    this.#problem = problem;
    this.#options.onChange();
  }
}
