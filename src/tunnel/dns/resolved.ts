/**
 * systemd-resolved, by its bus interface (org.freedesktop.resolve1(5)): servers and domains belong to a link, so the
 * tunnel's interface gets them. Domains are routing-only ones (`~domain`): they steer, and are no search list. What
 * belongs to other links is nobody's business of ours, and what we set goes with the interface at the latest.
 */
import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { bytesOf, familyOf, formatAddress } from "../../wireguard/address.ts";
import { OperationError } from "../operation-error.ts";
import { BusRefusal, onSystemBus, propertyOf, runs, variant, type Ask } from "./bus.ts";
import type { ForeignNames } from "../types.ts";
import type { Assignment, DnsDriver } from "./driver.ts";
import { FORWARDER_ADDRESS } from "./forwarder.ts";

const SERVICE = "org.freedesktop.resolve1";
const MANAGER = { destination: SERVICE, path: "/org/freedesktop/resolve1" } as const;
/** Links that systemd-networkd looks after are changed through it; its methods have other names and the same shape. */
const NETWORKD = {
  destination: "org.freedesktop.network1",
  path: "/org/freedesktop/network1",
  interface: "org.freedesktop.network1.Manager",
} as const;
/** Folder of its state; gone when it does not run. */
export const RESOLVED_FOLDER = "/run/systemd/resolve";
/** In the form of a `resolv.conf`, the servers that it asks itself. */
export const UPLINK_FILE = `${RESOLVED_FOLDER}/resolv.conf`;
/** resolved hears of a new interface a moment after it was made: looks, and milliseconds between them. */
const LOOKS = 20;
const LOOK_MS = 25;

const AF_INET = 2;
const AF_INET6 = 10;

/** The servers on which it answers on loopback; whoever names them, and nobody else, asks it. */
export const STUBS: readonly string[] = ["127.0.0.53", "127.0.0.54"];

const Address = z.instanceof(Uint8Array).transform((bytes) => formatAddress([...bytes]));
const Servers = z.array(z.tuple([z.number(), Address])).transform((list) => list.map(([, text]) => text));
const Domains = z.array(z.tuple([z.string(), z.boolean()]));
const LinkProperties = z
  .array(z.tuple([z.string(), z.unknown()]))
  .transform((list) => Object.fromEntries(list))
  .pipe(z.object({ DNS: variant(Servers), Domains: variant(Domains), DefaultRoute: variant(z.boolean()) }));
const AllServers = variant(z.array(z.tuple([z.number(), z.number(), Address])));
const AllDomains = variant(z.array(z.tuple([z.number(), z.string(), z.boolean()])));

/** What a link has, or shall have, as one comparable text each. */
interface LinkDns {
  readonly servers: readonly string[];
  /** Each with whether it only routes. */
  readonly domains: readonly (readonly [string, boolean])[];
  readonly defaultRoute: boolean;
}

export class Resolved implements DnsDriver {
  readonly manager = "systemd-resolved";
  readonly splits = true;
  readonly excludes = true;
  readonly #interface: string;

  constructor(interfaceName: string) {
    this.#interface = interfaceName;
  }

  /** Whether it runs now. */
  static async runs(): Promise<boolean> {
    if (!existsSync(RESOLVED_FOLDER)) return false;
    return (await onSystemBus((ask) => runs(ask, SERVICE)).catch(() => null)) === true;
  }

  async set(assignment: Assignment): Promise<boolean> {
    const index = this.#index();
    // Without an interface nothing passes, and there is no place to write it to.
    if (index === null) return false;
    return (
      (await onResolved(async (ask) => {
        const wanted = wantedOf(assignment);
        const current = await awaitLink(ask, index);
        if (current !== null && isSame(current, wanted)) return false;
        const servers = wanted.servers.map((server) => [
          familyOf(server) === 6 ? AF_INET6 : AF_INET,
          bytesOf(server),
        ]);
        // Sent one after the other, and carried out so; waiting for each would make a connect wait.
        await Promise.all([
          change(ask, "SetLinkDNS", "ia(iay)", [index, servers]),
          change(ask, "SetLinkDomains", "ia(sb)", [index, wanted.domains]),
          change(ask, "SetLinkDefaultRoute", "ib", [index, wanted.defaultRoute]),
          // The tunnel is the encryption; a server inside it that speaks no TLS must not be unreachable for that.
          change(ask, "SetLinkDNSOverTLS", "is", [index, "no"]),
          // Neither has an answer inside, and both would ask.
          change(ask, "SetLinkLLMNR", "is", [index, "no"]),
          change(ask, "SetLinkMulticastDNS", "is", [index, "no"]),
        ]);
        await flush(ask);
        return true;
      })) ?? false
    );
  }

  async revert(): Promise<void> {
    const index = this.#index();
    if (index === null || !existsSync(RESOLVED_FOLDER)) return;
    await onResolved(async (ask) => {
      if (!(await runs(ask, SERVICE))) return;
      const current = await linkDns(ask, index);
      if (current === null || current.servers.length === 0) return;
      await change(ask, "RevertLink", "i", [index]);
      await flush(ask);
    });
  }

  async others(): Promise<readonly string[]> {
    const index = this.#index();
    const found = await onResolved(async (ask) => {
      const [link, servers] = await Promise.all([
        index === null ? null : linkDns(ask, index),
        propertyOf(ask, MANAGER, `${SERVICE}.Manager`, "DNS"),
      ]);
      const own = link?.servers ?? [];
      const all = AllServers.parse(servers);
      return all.filter(
        ([at, , server]) =>
          at !== index &&
          isIP(server) !== 0 &&
          // Where `resolv.conf` is not its own it reads it, and takes what we wrote there for everybody's (link 0).
          !(at === 0 && (server === FORWARDER_ADDRESS || own.includes(server))),
      );
    });
    return [...new Set((found ?? []).map(([, , server]) => server))];
  }

  async differences(assignment: Assignment): Promise<readonly ForeignNames[]> {
    const index = this.#index();
    const by = "systemd-resolved";
    if (index === null)
      return [
        {
          message: `${by} cannot be told: the tunnel's interface is gone.`,
          said: { code: "resolver_without_interface", facts: { by } },
        },
      ];
    const wanted = wantedOf(assignment);
    const found = await onResolved(async (ask) => {
      const current = await linkDns(ask, index);
      const all = AllDomains.parse(await propertyOf(ask, MANAGER, `${SERVICE}.Manager`, "Domains"));
      return { current, all };
    });
    if (found === null)
      return [
        {
          message: `${by} does not answer on the system's bus.`,
          said: { code: "resolver_silent", facts: { by } },
        },
      ];
    const { current, all } = found;
    const facts = { by, wanted: inWords(wanted) };
    const changed: readonly ForeignNames[] =
      current === null || !isSame(current, wanted)
        ? [
            {
              message: `${by} asks ${inWords(current)} for ${this.#interface} instead of ${inWords(wanted)}: another program changed it.`,
              said:
                current === null || current.servers.length === 0
                  ? { code: "resolver_nobody", facts }
                  : { code: "resolver_other", facts: { ...facts, named: inWords(current) } },
            },
          ]
        : [];
    const rivals = all.filter(
      ([link, domain]) => link !== index && link !== 0 && takesFrom(domain, assignment.domains),
    );
    const [rival] = rivals;
    if (rival === undefined) return changed;
    const [number, domain] = rival;
    const link = String(number);
    return [
      ...changed,
      {
        message: `Another network (link ${link}) claims names in ${domain === "" ? "everything" : domain} too, so its server is asked for them as well.`,
        said:
          domain === ""
            ? { code: "names_claimed_all", facts: { link } }
            : { code: "names_claimed", facts: { link, domain } },
      },
    ];
  }

  #index(): number | null {
    try {
      return Number(readFileSync(`/sys/class/net/${this.#interface}/ifindex`, "utf8"));
    } catch {
      return null;
    }
  }
}

/** What the link shall have: all names are asked of it by the routing domain `~.`, or the match domains alone. */
function wantedOf({ servers, domains }: Assignment): LinkDns {
  return {
    servers,
    domains: (domains ?? ["."]).map((domain) => [domain, true] as const),
    defaultRoute: domains === null,
  };
}

/** Whether names that are ours would be asked of a link with this domain: the same one, or one further down. */
function takesFrom(domain: string, ours: readonly string[] | null): boolean {
  // Against `~.` only another `~.` counts here: a network's own search domain is refused by the firewall.
  if (ours === null) return domain === "." || domain === "";
  return ours.some((own) => domain === own || domain.endsWith(`.${own}`));
}

function isSame(a: LinkDns, b: LinkDns): boolean {
  const text = ({ servers, domains, defaultRoute }: LinkDns): string =>
    JSON.stringify([
      servers,
      domains.map(([name, routes]) => `${String(routes)} ${name}`).sort(),
      defaultRoute,
    ]);
  return text(a) === text(b);
}

function inWords(link: LinkDns | null): string {
  if (link === null || link.servers.length === 0) return "nobody";
  const domains = link.domains.map(([name, routes]) => `${routes ? "~" : ""}${name}`).join(", ");
  return `${link.servers.join(", ")} (${domains === "" ? "no domain" : domains})`;
}

/** Opens the bus; what resolved or the bus refuses becomes an error that a person can read. */
async function onResolved<T>(work: (ask: Ask) => Promise<T>): Promise<T | null> {
  try {
    return await onSystemBus(work);
  } catch (error) {
    throw new OperationError({
      code: "resolver_refused",
      message: `systemd-resolved could not be told whom to ask: ${error instanceof Error ? error.message : String(error)}.`,
      facts: { detail: error instanceof Error ? error.message : String(error) },
      remedy: "It is tried again by itself. Look at: systemctl status systemd-resolved",
    });
  }
}

async function change(ask: Ask, member: string, signature: string, body: readonly unknown[]): Promise<void> {
  try {
    await ask({ ...MANAGER, interface: `${SERVICE}.Manager`, member, signature, body });
  } catch (error) {
    if (!(error instanceof BusRefusal) || error.code !== `${SERVICE}.LinkBusy`) throw error;
    const there = member === "RevertLink" ? "RevertLinkDNS" : member;
    await ask({ ...NETWORKD, member: there, signature, body });
  }
}

async function flush(ask: Ask): Promise<void> {
  await ask({ ...MANAGER, interface: `${SERVICE}.Manager`, member: "FlushCaches" });
}

/** What a link has now; null when resolved does not know it. */
async function linkDns(ask: Ask, index: number): Promise<LinkDns | null> {
  let path: string;
  try {
    const call = { ...MANAGER, interface: `${SERVICE}.Manager`, member: "GetLink" };
    path = z.string().parse(await ask({ ...call, signature: "i", body: [index] }));
  } catch (error) {
    if (error instanceof BusRefusal && error.code === `${SERVICE}.NoSuchLink`) return null;
    throw error;
  }
  const all = { destination: SERVICE, path, interface: "org.freedesktop.DBus.Properties", member: "GetAll" };
  const properties = await ask({ ...all, signature: "s", body: [`${SERVICE}.Link`] });
  const { DNS, Domains: domains, DefaultRoute } = LinkProperties.parse(properties);
  return { servers: DNS, domains, defaultRoute: DefaultRoute };
}

async function awaitLink(ask: Ask, index: number): Promise<LinkDns | null> {
  for (let look = 0; look < LOOKS; look += 1) {
    const link = await linkDns(ask, index);
    if (link !== null) return link;
    await sleep(LOOK_MS);
  }
  return null;
}
