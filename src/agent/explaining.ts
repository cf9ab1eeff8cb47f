/** Answers where traffic goes and whether all is well: looks, compares, and changes nothing. */
import { lookup } from "node:dns/promises";
import type { Params, Result, Snapshot } from "../rpc/contract.ts";
import type { Decider, ResolverSaid, RouteReason } from "../rpc/said.ts";
import { expectRoute, FIREWALL } from "../tunnel/explain.ts";
import { askOnce } from "../tunnel/linux/echo.ts";
import { kernelRoute, rulesBeforeOurs } from "../tunnel/linux/route-get.ts";
import { isAtRest } from "../tunnel/lockdown.ts";
import type { TunnelEngine } from "../tunnel/types.ts";
import { parseAddress, type Address } from "../wireguard/address.ts";
import { parsePrefix, prefixParts, type Prefix } from "../wireguard/prefix.ts";
import { addressesIn, askPrefixes } from "./asked-prefixes.ts";
import type { Peer } from "./authorization.ts";
import { judgeHealth, type Seen } from "./health.ts";
import { refuse } from "./refuse.ts";

/** An address that nobody has (RFC 2544), for packets that must not leave. */
const NOBODY = "198.18.0.1";
/** An address of the IPv6 Internet (RFC 3849), which is asked about and never sent to. */
const SOMEWHERE_6 = "2001:db8::1" as Address;
const MOST_ADDRESSES = 8;
const LOOKUP_MS = 5000;

export interface ExplainingOptions {
  readonly engine: TunnelEngine;
  readonly snapshot: () => Snapshot;
  /** Name of the tunnel's interface. */
  readonly interface: string;
  /** Networks that this machine is attached to outside the tunnel. */
  readonly lan: () => readonly Prefix[];
  /** Servers that the system asks now. */
  readonly nameServers: () => readonly string[];
  /** Sends a packet past the tunnel, to this address; null = there is no way out to try. */
  readonly attempt: (address: string) => Promise<Seen["attempts"]>;
}

/** See the file's head. */
export class Explaining {
  readonly #options: ExplainingOptions;

  constructor(options: ExplainingOptions) {
    this.#options = options;
  }

  async explainRoute({ target }: Params<"explainRoute">, peer: Peer): Promise<Result<"explainRoute">> {
    const { engine, interface: tunnel } = this.#options;
    const literal = parseAddress(target);
    const addresses = literal.ok ? [literal.value] : await addressesOf(target);
    const names = new Map(engine.intent?.peers.map(({ publicKey, name }) => [publicKey, name]));
    const nameOf = (publicKey: string): string => names.get(publicKey) ?? "a gateway";
    const routes = addresses.map(async (address) => {
      const expected = expectRoute(engine.network, address, nameOf);
      const because: RouteReason = expected.because;
      const actual = await kernelRoute(address, peer.uid, tunnel);
      const decided = expected.table === FIREWALL;
      // A way that is missing altogether is a matter of the network around us.
      const unconnected = expected.way === "direct" && actual.table === "-";
      return {
        address,
        expected: { ...expected, because },
        actual,
        agrees: decided || unconnected || expected.way === actual.way,
      };
    });
    return {
      target,
      ...(literal.ok ? { dns: null, resolver: null } : this.#dnsSource(target)),
      ...this.#decidedBy(),
      routes: await Promise.all(routes),
    };
  }

  async checkHealth(): Promise<Result<"checkHealth">> {
    const { engine, lan, attempt, interface: tunnel, snapshot } = this.#options;
    const { network, intent } = engine;
    const prefixes = (intent?.privatePrefixes ?? snapshot().path?.tunnel.privatePrefixes ?? []).flatMap(
      (text) => {
        const prefix = parsePrefix(text);
        return prefix.ok ? [prefix.value] : [];
      },
    );
    const first = prefixes.map((prefix) => prefixParts(prefix)).find(({ family }) => family === 4);
    const target = network?.mode === "full_tunnel" ? NOBODY : first?.address;
    const [asked, deviations, foreignRules, publicRoute6, attempts, ...routes] = await Promise.all([
      this.#askForProfile(),
      engine.inspect(),
      rulesBeforeOurs(),
      kernelRoute(SOMEWHERE_6, 0, tunnel),
      network === null || target === undefined ? null : attempt(target),
      ...prefixes.map((prefix) => kernelRoute(prefixParts(prefix).address, 0, tunnel)),
    ]);
    const checks = judgeHealth({
      snapshot: snapshot(),
      privatePrefixes: prefixes,
      privateRoutes: prefixes.flatMap((prefix, index) => {
        const route = routes[index];
        return route === undefined ? [] : [{ prefix, route }];
      }),
      names: engine.names,
      lastRepair: engine.lastRepair,
      lan: lan(),
      ...{ network, deviations, foreignRules, publicRoute6, attempts, asked },
    });
    return { healthy: checks.every(({ verdict }) => verdict !== "bad"), checks };
  }

  /** Asks the gateway for what the connected profile steers into the tunnel. */
  async #askForProfile(): Promise<Seen["asked"]> {
    const { engine, snapshot } = this.#options;
    const { profile, tunnel } = snapshot();
    if (profile === null || tunnel.state !== "connected") return null;
    const { network, intent } = engine;
    const wanted = (intent?.peers ?? [])
      .flatMap(({ allowedIps }) => allowedIps)
      .flatMap((text) => {
        const prefix = parsePrefix(text);
        return prefix.ok ? [prefix.value] : [];
      })
      // What another way than the tunnel takes tells nothing about the gateway.
      .filter((prefix) =>
        addressesIn(prefix).every((address) => expectRoute(network, address, String).way === "tunnel"),
      );
    return askPrefixes([...new Set(wanted)], askOnce);
  }

  #decidedBy(): Pick<Result<"explainRoute">, "decidedBy" | "decider"> {
    const { snapshot, engine } = this.#options;
    const { tunnel, profile, path } = snapshot();
    const by = (decidedBy: string, decider: Decider) => ({ decidedBy, decider });
    // Where a new lockdown could not be made, a former one may still be in force.
    const stands = tunnel.state === "disconnected" && tunnel.reason !== undefined && engine.network !== null;
    if (tunnel.state === "disconnected" && !stands)
      return by("nobody: not connected", { code: "nobody", facts: {} });
    if (isAtRest(tunnel)) return by("lockdown", { code: "lockdown", facts: {} });
    if (profile !== null)
      return by(`the profile ${profile.name}`, { code: "profile", facts: { profile: profile.name } });
    if (path === null) return by("the last record", { code: "last_record", facts: {} });
    const layer = path.trafficMode.decidedBy;
    return by(`the ${layer} layer`, { code: "layer", facts: { layer } });
  }

  #dnsSource(name: string): Pick<Result<"explainRoute">, "dns" | "resolver"> {
    const dns = this.#options.engine.network?.dns;
    const by = (sentence: string, resolver: ResolverSaid) => ({ dns: sentence, resolver });
    const servers = this.#options.nameServers().join(", ");
    const own = by(`the machine's own resolver (${servers})`, { code: "own", facts: { servers } });
    if (dns === undefined || dns.servers.length === 0) return own;
    const matches = dns.matchDomains.some(
      (domain) => name.toLowerCase() === domain || name.toLowerCase().endsWith(`.${domain}`),
    );
    const tunnel = dns.servers.join(", ");
    if (dns.mode === "full_tunnel" || matches)
      return by(`the tunnel's resolver (${tunnel})`, { code: "tunnel", facts: { servers: tunnel } });
    return this.#options.engine.names?.forwards === true
      ? by("the machine's own resolver, by the agent's forwarder", { code: "own_by_forwarder", facts: {} })
      : own;
  }
}

/** What a program on this machine gets for the name. */
async function addressesOf(name: string): Promise<readonly Address[]> {
  if (!/^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?$/.test(name))
    refuse(
      ["bad_request", "target_malformed", { target: name }],
      `${JSON.stringify(name)} is neither an address nor a host name.`,
    );
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error("no answer in time")), LOOKUP_MS).unref();
  });
  try {
    const found = await Promise.race([lookup(name, { all: true }), late]);
    return found.slice(0, MOST_ADDRESSES).flatMap(({ address }) => {
      const parsed = parseAddress(address);
      return parsed.ok ? [parsed.value] : [];
    });
  } catch (error) {
    return refuse(
      ["not_found", "target_unknown", { target: name }],
      `The name ${name} has no address here: ${error instanceof Error ? error.message : String(error)}`,
      "Ask about an address, or see whether DNS works: nanami doctor",
    );
  }
}
