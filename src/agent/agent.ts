/**
 * The agent: its parts put together, and what follows for the others from what one of them learns. What is in force is
 * the business of `Protection`, what the layers say that of `Preferences`, what is remembered that of `Memory`, what
 * the control plane says that of `ControlPlaneLink`.
 */
import type { Connect } from "../api/connection.ts";
import type { BackOff, SessionState } from "../api/session.ts";
import type { Params, Result, Snapshot } from "../rpc/contract.ts";
import { RpcRefusal, type Handlers } from "../rpc/server.ts";
import type { AGENT_BLOCKAGES } from "../rpc/said.ts";
import { Settings } from "../rpc/settings.ts";
import type { Intent, TunnelEngine } from "../tunnel/types.ts";
import type { Prefix } from "../wireguard/prefix.ts";
import type { AddressBook } from "./address-book.ts";
import type { Peer } from "./authorization.ts";
import { machineFacts } from "./profiles/machine-facts.ts";
import { Choices } from "./choices.ts";
import { ControlPlaneLink } from "./control-plane-link.ts";
import { Connecting, type ChosenMode } from "./connecting.ts";
import { Diagnostics, type DiagnosticsSystem } from "./diagnostics/diagnostics.ts";
import { Enrolment } from "./enrolment.ts";
import { Explaining, type ExplainingOptions } from "./explaining.ts";
import { Failover } from "./failover.ts";
import type { Identity } from "./identity.ts";
import { Measurements } from "./measurements.ts";
import type { Memory } from "./memory.ts";
import { PortalSearch } from "./portal/portal-search.ts";
import type { PortalWatch } from "./portal/portal-watch.ts";
import { Preferences } from "./preferences.ts";
import { ManualTunnel } from "./profiles/manual-tunnel.ts";
import type { ProfileStore } from "./profiles/profile-store.ts";
import { Profiles } from "./profiles/profiles.ts";
import { Protection } from "./protection.ts";
import { refuseUndone } from "./refuse-undone.ts";
import {
  effectivePath,
  isChosen,
  judgePath,
  pathAfter,
  type Path,
  type Preference,
} from "./routing-state.ts";
import { shownSnapshot, type Parts } from "./shown-snapshot.ts";
import { intentAtRest, refusedChange } from "./settings.ts";
import { SnapshotBoard } from "./snapshot-board.ts";
import { ToldTunnel } from "./told-tunnel.ts";

export interface AgentOptions {
  readonly version: string;
  readonly memory: Memory;
  readonly profiles: ProfileStore;
  readonly engine: TunnelEngine;
  readonly book: AddressBook;
  /** Connections to the control plane, over the agent's own sockets. */
  readonly connect: Connect;
  /** The underlay's resolvers, which the agent's own sockets may ask. */
  readonly resolvers: () => readonly string[];
  /** Networks that this machine is attached to outside the tunnel. */
  readonly lan: () => readonly Prefix[];
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void;
  /** Keeps what is in force at rest for the next boot of the machine. */
  readonly keepForBoot: (rest: Intent | null) => Promise<void>;
  readonly explaining: Pick<ExplainingOptions, "interface" | "nameServers" | "attempt">;
  readonly diagnostics: DiagnosticsSystem;
  readonly ping: (address: string) => Promise<number | undefined>;
  /** What the network says of a page to sign in at. */
  readonly portal: Pick<PortalWatch, "look" | "moved">;
  /** For tests: pauses of the session, and the time one answer may take. */
  readonly backOff?: BackOff;
  readonly requestTimeoutMs?: number;
}

/** See the file's head. `start` once; `close` ends it and leaves the protection in place. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #memory: Memory;
  readonly board: SnapshotBoard;
  readonly #link: ControlPlaneLink;
  readonly #protection: Protection;
  readonly #failover: Failover;
  readonly #preferences: Preferences;
  readonly #measurements: Measurements;
  readonly #choices: Choices;
  readonly #profiles: Profiles;
  readonly #manual: ManualTunnel;
  readonly #portal: PortalSearch;
  readonly #connecting: Connecting;
  readonly #enrolment: Enrolment;
  readonly #explaining: Explaining;
  readonly #diagnostics: Diagnostics;
  /** Those who know what is shown. */
  readonly #parts: Parts;
  #closing = false;

  constructor(options: AgentOptions) {
    this.#options = options;
    const { memory, engine, book, resolvers } = options;
    this.#memory = memory;
    this.board = new SnapshotBoard(options.version);
    const { profiles: store, lan } = options;
    this.#link = new ControlPlaneLink({
      identity: () => memory.identity,
      connect: options.connect,
      epoch: () => memory.routing.served?.epoch,
      onPath: (path) => {
        this.#take(path);
        this.#show();
      },
      onState: (state, identity) => this.#sessionChanged(state, identity),
      backOff: options.backOff,
      requestTimeoutMs: options.requestTimeoutMs,
    });
    this.#failover = new Failover({
      path: () => this.#protection.followed,
      left: () => memory.routing.inForce,
      move: () => this.#settle(),
      onChange: () => this.#show(),
      log: options.log,
    });
    this.#protection = new Protection({
      steer: (path) => this.#failover.steer(path),
      onUnusable: () => this.#failover.unusable(),
      background: (work) => this.#background(work),
      ...{ engine, memory, book, resolvers },
      looksUpMore: () => this.#manual.looksUpNames(),
      onProblem: () => this.#show(),
    });
    this.#manual = new ManualTunnel({
      ...{ engine, memory, store, book, resolvers, lan },
      background: (work) => this.#background(work),
      onChange: () => this.#show(),
    });
    this.#portal = new PortalSearch({
      look: () => options.portal.look(),
      onFound: () => this.#show(),
      background: (work) => this.#background(work),
    });
    this.#parts = {
      ...{ memory, engine, protection: this.#protection, failover: this.#failover, manual: this.#manual },
      ...{ link: this.#link, portal: this.#portal },
      told: new ToldTunnel(engine, () => this.#show()),
    };
    if (this.#manual.active !== null) this.#protection.yield();
    this.#profiles = new Profiles({
      store,
      facts: () => {
        const path = effectivePath(memory.routing);
        return machineFacts({ book, lan, resolvers, controlPlane: memory.identity?.remote.host, path });
      },
      active: () => memory.activeProfile.id,
      // Also of those that are not connected: their endpoints' names have to be looked up from inside a tunnel.
      onChange: () => {
        this.#background(this.#manual.follow());
        this.#settle();
      },
    });
    this.#preferences = new Preferences({
      memory,
      controlPlane: () => this.#link.reach(),
      onChange: () => this.#settle(),
      onWaiting: () => this.#background(this.#preferences.saveWaiting()),
    });
    this.#connecting = new Connecting({
      ...{ memory, engine, link: this.#link, protection: this.#protection, manual: this.#manual },
      ...{ profiles: this.#profiles, preferences: this.#preferences },
      take: (path) => this.#take(path),
    });
    this.#enrolment = new Enrolment({
      ...{ memory, engine, book, link: this.#link, connect: options.connect, log: options.log },
      disconnect: () => this.#disconnect(),
      onChange: () => this.#settle(),
    });
    this.#measurements = new Measurements({
      engine,
      ping: options.ping,
      path: () => {
        const path = this.#manual.active === null ? effectivePath(memory.routing) : null;
        return path === null ? null : this.#failover.steer(path);
      },
      report: (roundTrips) => this.#link.report(roundTrips),
      onTraffic: (traffic) => this.board.update({ traffic }),
    });
    this.#choices = new Choices({
      ...{ memory, link: this.#link },
      roundTrips: () => this.#measurements.roundTrips,
    });
    this.#explaining = new Explaining({
      ...{ engine, lan, ...options.explaining },
      snapshot: () => this.board.current,
    });
    this.#diagnostics = new Diagnostics({
      ...{ engine, resolvers, system: options.diagnostics },
      snapshot: () => this.board.current,
      identity: () => memory.identity,
      profiles: () => [...store.all(), ...store.removed()],
      checkHealth: () => this.#explaining.checkHealth(),
      looksAgain: (what) => this.networkChanged(what),
    });
  }

  /** Continues what was: the session, and the tunnel if the user was connected. */
  start(): void {
    const { engine, log } = this.#options;
    for (const damage of [...this.#memory.damage, ...this.#options.profiles.damage]) log(damage);
    engine.onStatus((tunnel) => {
      log("tunnel", { ...tunnel });
      this.#failover.statusChanged(tunnel);
      // While another gateway is tried, what is known of the network stays.
      if (tunnel.state === "reconnecting") this.#portal.begin();
      else if (tunnel.state !== "connecting") this.#portal.end();
      this.#show();
      this.#measurements.tunnelChanged(tunnel);
    });
    // The firewall lets the agent's own look-ups out to these and to nobody else.
    engine.onOutsideResolvers(() => this.networkChanged("moved"));
    engine.onPathMtu(() => this.#show());
    this.#measurements.tunnelChanged(engine.status);
    if (this.#memory.identity !== null) this.#link.begin(this.#memory.identity);
    this.#background(this.#manual.follow());
    this.#settle();
    if (this.#memory.settings.connectAtStart === "on" && this.#memory.identity !== null)
      if (engine.atRest) this.#background(this.#connecting.connect(undefined).then(() => this.#show()));
  }

  /** The machine woke up, or is on another network: nothing waits for a time-out to find out. */
  networkChanged(what: "woke" | "moved"): void {
    this.#options.log("the network around changed", { what });
    this.#options.portal.moved();
    this.#link.retryNow();
    const { status } = this.#options.engine;
    if (status.state === "disconnected" && status.reason === undefined) return;
    this.#options.engine.checkNow();
    this.#settle();
  }

  /** How many faces watch: traffic is read often only while somebody looks. */
  watchers(count: number): void {
    this.#measurements.watchers(count);
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#portal.end();
    this.#link.end();
    this.#measurements.close();
    this.#failover.close();
    this.#protection.close();
    this.#manual.close();
    this.#diagnostics.close();
    await this.#options.engine.close();
    await this.#memory.settled();
  }

  /** What faces may ask; who may ask what was decided before (`authorization.ts`). */
  get handlers(): Handlers<Peer> {
    return {
      connect: ({ mode, profile }, peer) => this.#connect(mode, profile, peer),
      disconnect: () => this.#disconnect(),
      enroll: (params, peer) => this.#enrolment.enroll(params, peer),
      logout: () => this.#enrolment.logout(),
      getPreferences: () => this.#preferences.list(),
      setPreference: async ({ layer, value, etag }) => {
        const saving = await this.#preferences.set(layer, () => value, { etag });
        await this.#consentTo(layer, saving.stored.value);
        return saving;
      },
      previewPath: ({ layers }) => this.#choices.preview(layers),
      gateways: () => this.#choices.gateways(),
      ...this.#profiles.handlers,
      getSettings: () => Promise.resolve(this.#memory.settings),
      setSettings: (change, peer) => this.#setSettings(change, peer),
      explainRoute: (params, peer) => this.#explaining.explainRoute(params, peer),
      checkHealth: () => this.#explaining.checkHealth(),
      ...this.#diagnostics.handlers,
    };
  }

  async #connect(mode: ChosenMode | undefined, profile: string | undefined, peer: Peer): Promise<Snapshot> {
    if (profile === undefined) await this.#connecting.connect(mode);
    else await this.#connecting.connectProfile(profile, mode, peer);
    this.#show();
    return this.board.current;
  }

  async #disconnect(): Promise<Snapshot> {
    await this.#connecting.disconnect();
    this.board.update({ traffic: null });
    this.#show();
    return this.board.current;
  }

  /** The person chose this value: whatever mode comes of it is wanted. */
  async #consentTo(layer: "device" | "user", value: Preference): Promise<void> {
    const { served } = this.#memory.routing;
    if (served === null) return;
    const after = pathAfter(served, layer, value);
    this.#protection.consent(after.trafficMode.value, isChosen(after));
    await this.#protection.follow();
  }

  #sessionChanged(state: SessionState, identity: Identity): void {
    switch (state.state) {
      case "connected":
        this.#options.book.confirm(identity.remote.host);
        this.#measurements.measureSoon();
        this.#background(this.#preferences.saveWaiting());
        break;
      case "revoked":
        this.#options.log("revoked", { why: state.message });
        this.#memory.setRevoked(state.message.slice(0, 1000));
        // A manual profile does not depend on the network that this device was thrown out of.
        if (this.#manual.active !== null) break;
        this.#protection.block({
          code: "revoked" satisfies (typeof AGENT_BLOCKAGES)[number],
          message: `This device was removed from its network: ${state.message}`,
          remedy: "Disconnect to use the Internet without protection, or ask your operator for a new link.",
        });
        break;
      case "waiting":
        this.#options.log("no session with the control plane", { ...state });
        // The control plane's name may have moved to addresses that the firewall does not let out to yet.
        this.#background(this.#followRest());
        this.#background(this.#protection.follow());
    }
    this.#show();
  }

  /** Takes a path that the control plane sent. */
  #take(path: Path): void {
    const { identity, routing } = this.#memory;
    if (identity === null) return;
    const verdict = judgePath(routing.served, path, identity);
    if (verdict !== "news") {
      this.#options.log(`a path was ignored: ${verdict}`, { epoch: path.epoch });
      return;
    }
    // A control plane that serves paths again has taken this device back.
    this.#memory.setRevoked(null);
    this.#memory.setRouting({ served: path });
    this.#settle();
  }

  /** Says to the engine what stays in force while nobody is connected. Throws `RpcRefusal` where that cannot be done. */
  async #followRest(): Promise<void> {
    const { engine, book, resolvers } = this.#options;
    const { settings, identity } = this.#memory;
    const rest = intentAtRest(settings, identity, (host) => book.known(host), resolvers());
    const resting = engine.rest(rest).catch((error: unknown) => refuseUndone(error, engine));
    await Promise.all([resting, this.#options.keepForBoot(rest)]);
  }

  async #setSettings(change: Params<"setSettings">, peer: Peer): Promise<Result<"setSettings">> {
    const before = this.#memory.settings;
    const refusal = refusedChange(before, change, peer, this.#memory.identity?.owner ?? null);
    if (refusal !== undefined) throw new RpcRefusal(refusal);
    const settings = Settings.parse({ ...before, ...change });
    await this.#memory.setSettings(settings);
    this.#options.log("settings", settings);
    const { engine } = this.#options;
    await this.#followRest().finally(() => this.#show());
    await this.#protection.follow();
    await this.#manual.follow();
    await engine.settled();
    this.#show();
    // It was wanted before and could not be had: whoever asks for it again is told again.
    const { status } = engine;
    if (change.lockdown === "on" && status.state === "disconnected" && status.reason !== undefined)
      refuseUndone(status.reason.message, engine);
    return settings;
  }

  /** Brings what is in force and what is shown in line with what is known. */
  #settle(): void {
    this.#background(this.#followRest());
    this.#background(this.#protection.follow());
    this.#show();
  }

  #show(): void {
    this.board.update(shownSnapshot(this.#parts));
  }

  /** Work that nobody waits for: its failure is logged, never unhandled. */
  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!this.#closing) this.#options.log("work in the background failed", { error: String(error) });
    });
  }
}
