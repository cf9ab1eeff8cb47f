/**
 * Whom this system asks for names while the tunnel is up. In `full_tunnel` the tunnel's servers for everything; in
 * `vpn_only` for the match domains alone, through our loopback forwarder where what manages the resolver cannot
 * split. Who manages it is found out at every `apply`; what an earlier manager was told is taken back.
 */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { DnsState } from "../network-state.ts";
import type { Record as TunnelRecord } from "../record.ts";
import type { ForeignNames } from "../types.ts";
import { detect } from "./detect.ts";
import type { Assignment, DnsDriver, DnsManager } from "./driver.ts";
import { startForwarder, FORWARDER_ADDRESS, type Forwarder } from "./forwarder.ts";
import { ResolvConfFile } from "./resolv-conf.ts";
import { Resolvconf } from "./resolvconf.ts";
import { Resolved, RESOLVED_FOLDER } from "./resolved.ts";

export interface ResolverOptions {
  /** `/etc/resolv.conf`. */
  readonly path: string;
  readonly record: TunnelRecord;
  /** Name of the tunnel's interface. */
  readonly interface: string;
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void;
}

/** What is wanted of names: the tunnel's servers, and the domains that they are for in `vpn_only`. */
export type DnsWish = Pick<DnsState, "mode"> & {
  readonly servers: readonly string[];
  readonly matchDomains: readonly string[];
};

/** How names are asked now. */
export interface DnsStanding {
  /** Who was told; the first decides about `resolv.conf`. */
  readonly managers: readonly DnsManager[];
  readonly forwards: boolean;
  /** When another program changed it last and it was put right, milliseconds since the epoch; null = never. */
  readonly repairedAt: number | null;
}

/** What each manager was told, by the driver that told it. */
interface Told {
  readonly driver: DnsDriver;
  readonly assignment: Assignment;
}

export class Resolver {
  readonly #options: ResolverOptions;
  readonly #drivers: Readonly<Record<DnsManager, DnsDriver>>;
  #forwarder: Forwarder | null = null;
  #told: readonly Told[] = [];
  /** The wish that was fulfilled last, as text to compare; null = none since the start or a restore. */
  #fulfilled: string | null = null;
  #outside: readonly string[] | null = null;
  #repairedAt: number | null = null;
  /** Nothing of ours was there when it was last looked at, and nothing was done since. */
  #clean = false;

  constructor(options: ResolverOptions) {
    this.#options = options;
    const { path, record, interface: name } = options;
    this.#drivers = {
      "resolv.conf": new ResolvConfFile(path, record),
      openresolv: new Resolvconf("openresolv", name, path),
      "debian-resolvconf": new Resolvconf("debian-resolvconf", name, path),
      "systemd-resolved": new Resolved(name),
    };
  }

  /** The servers that the network gave, the newest known; null while nothing is in force. */
  get outside(): readonly string[] | null {
    return this.#outside;
  }

  /** Null while names are not asked of the tunnel. */
  get standing(): DnsStanding | null {
    if (this.#told.length === 0) return null;
    const managers = this.#told.map(({ driver }) => driver.manager);
    return { managers, forwards: this.#forwarder !== null, repairedAt: this.#repairedAt };
  }

  /**
   * Makes the system ask as the state says. Idempotent; notices when somebody else changed it. `interfaceThere` ends
   * when the tunnel's interface was made, or could not be: a manager may need it.
   */
  async apply(wish: DnsWish, interfaceThere: Promise<unknown>): Promise<void> {
    const { mode, servers, matchDomains } = wish;
    const splits = mode === "vpn_only" && servers.length > 0 && matchDomains.length > 0;
    if (!splits && (mode === "vpn_only" || servers.length === 0)) {
      if (!this.#clean) await this.restore();
      const [manager] = await detect(this.#options.path);
      this.#outside = await this.#drivers[manager].others();
      return;
    }
    this.#clean = false;
    const managers = await detect(this.#options.path);
    const wished = JSON.stringify(wish);
    const repairs = this.#fulfilled === wished;
    const before = this.#told.map(({ driver }) => driver.manager);
    const told: Told[] = [];
    let changed = false;
    for (const manager of managers) {
      if (manager === "systemd-resolved") await interfaceThere.catch(() => undefined);
      const one = await this.#tell(manager, wish);
      changed ||= one.changed;
      told.push(one.told);
    }
    const kept = told.map(({ driver }) => driver.manager);
    // What another manager was told, in this life or an earlier one.
    for (const driver of Object.values(this.#drivers))
      if (!kept.includes(driver.manager)) await this.#leave(driver);
    this.#told = told;
    if (!told.some(({ assignment }) => assignment.servers.includes(FORWARDER_ADDRESS)))
      await this.#stopForwarding();
    if (repairs && (changed || kept.join() !== before.join())) {
      this.#repairedAt = Date.now();
      this.#options.log("another program changed whom names are asked of; put right", { managers: kept });
    }
    this.#fulfilled = wished;
  }

  /** Puts back what was there, unless another program wrote meanwhile. Throws after everything was tried. */
  async restore(): Promise<void> {
    const results = await Promise.allSettled(Object.values(this.#drivers).map((driver) => driver.revert()));
    this.#told = [];
    this.#fulfilled = null;
    this.#outside = null;
    this.#repairedAt = null;
    await this.#stopForwarding();
    for (const result of results) if (result.status === "rejected") throw result.reason;
    this.#clean = true;
  }

  /** What is not as it was made, one sentence each. */
  async inspect(): Promise<readonly ForeignNames[]> {
    const { path } = this.#options;
    const [first] = this.#told;
    if (first === undefined) return [];
    const [manager] = await detect(path);
    if (manager !== first.driver.manager)
      return [
        {
          message: `${path} was taken from ${first.driver.manager}, which was told of the tunnel: it is ${manager}'s now.`,
          said: { code: "resolver_manager", facts: { path, former: first.driver.manager, manager } },
        },
      ];
    const found = await Promise.all(
      this.#told.map(async ({ driver, assignment }) => {
        try {
          return await driver.differences(assignment);
        } catch (error) {
          return [{ message: error instanceof Error ? error.message : String(error), said: null }];
        }
      }),
    );
    return found.flat();
  }

  /** Stops the forwarder and leaves the rest. */
  async close(): Promise<void> {
    await this.#stopForwarding();
  }

  /** Tells one manager; the plain file is written where another one does not do as it is told. */
  async #tell(
    manager: DnsManager,
    wish: DnsWish,
  ): Promise<{ readonly told: Told; readonly changed: boolean }> {
    const driver = this.#drivers[manager];
    try {
      const assignment = await this.#assign(driver, wish);
      return { told: { driver, assignment }, changed: await driver.set(assignment) };
    } catch (error) {
      if (manager === "resolv.conf") throw error;
      const why = error instanceof Error ? error.message : String(error);
      this.#options.log("the resolver's manager failed; its file is written instead", { manager, why });
      await this.#leave(driver);
      return await this.#tell("resolv.conf", wish);
    }
  }

  /** What a driver is asked for, with the forwarder ready where it needs one. */
  async #assign(driver: DnsDriver, { mode, servers, matchDomains }: DnsWish): Promise<Assignment> {
    const others = await driver.others();
    this.#outside = others;
    const keepsSearch = mode === "vpn_only";
    if (keepsSearch && driver.splits) return { servers, domains: matchDomains, keepsSearch };
    if (!keepsSearch && driver.excludes) return { servers, domains: null, keepsSearch };
    const outside = keepsSearch ? others : servers;
    const settings = { inside: servers, outside, matchDomains: keepsSearch ? matchDomains : [] };
    if (this.#forwarder === null) this.#forwarder = await startForwarder(settings);
    else this.#forwarder.change(settings);
    return { servers: [FORWARDER_ADDRESS], domains: null, keepsSearch };
  }

  /** A manager that is not in use any more cannot be in anybody's way for long. */
  async #leave(driver: DnsDriver): Promise<void> {
    try {
      await driver.revert();
    } catch (error) {
      this.#options.log("a former manager of the resolver keeps what we told it", { error: String(error) });
    }
  }

  async #stopForwarding(): Promise<void> {
    const forwarder = this.#forwarder;
    this.#forwarder = null;
    await forwarder?.close();
  }
}

/** The folders in which any manager writes; to be watched. */
export function resolverFolders(path: string): readonly string[] {
  const folders = [
    dirname(path),
    "/run/resolvconf",
    "/run/resolvconf/interface",
    "/run/resolvconf/interfaces",
    RESOLVED_FOLDER,
    `${RESOLVED_FOLDER}/netif`,
    "/run/NetworkManager",
  ];
  return folders.filter((folder) => existsSync(folder));
}
