/**
 * The leak self-test: tries, as an ordinary program would, to get past what is promised. Changes nothing, sends nothing
 * that arrives (`leak-attempt.ts`), and takes no longer than an echo's patience.
 */
import type { Params, Result } from "../../rpc/contract.ts";
import { LEAK_CHECKS, type LeakCheck, type LeakCheckCode } from "../../rpc/diagnostics.ts";
import type { Heard } from "../../tunnel/linux/echo.ts";
import type { KernelRoute } from "../../tunnel/linux/route-get.ts";
import type { NetworkState, OnLink } from "../../tunnel/network-state.ts";
import type { Deviation, TunnelEngine } from "../../tunnel/types.ts";
import { familyOf, parseAddress, type Address } from "../../wireguard/address.ts";
import { isLoopback } from "../../wireguard/address-kind.ts";
import { addressesIn } from "../asked-prefixes.ts";
import type { Peer } from "../authorization.ts";
import { handshakeAge } from "../traffic.ts";
import type { Attempt, Outcome } from "./leak-attempt.ts";
import { leakCheck, type Found } from "./leak-words.ts";

/** Addresses that nobody has (RFC 2544, RFC 5180). */
const NOBODY = { internet4: "198.18.0.1" as Address, internet6: "2001:2::1" as Address };
/** Discard (RFC 863). */
const DISCARD = 9;
const DNS_ATTEMPTS = [
  ["udp", 53],
  ["tcp", 53],
  ["tcp", 853],
] as const;
const MOST_LINKS = 4;
const MOST_PREFIXES = 16;
/** Milliseconds for an echo. */
const PATIENCE_MS = 2000;
/** WireGuard drops keys after this many seconds (REJECT_AFTER_TIME). */
const HANDSHAKE_LIFETIME_S = 180;

export interface LeakTestOptions {
  readonly engine: TunnelEngine;
  /** Networks that this machine is attached to outside the tunnel. */
  readonly links: () => readonly OnLink[];
  /** Servers of the underlay. */
  readonly resolvers: () => readonly string[];
  readonly tryToLeave: (attempt: Attempt) => Outcome;
  /** Where the kernel sends an ordinary packet of this user. */
  readonly kernelRoute: (address: Address, uid: number) => Promise<KernelRoute>;
  readonly ask: (address: Address, patienceMs: number) => Promise<Heard>;
  /** Seconds since the epoch. */
  readonly now: () => number;
}

type Finding = readonly [
  found: Found,
  facts?: Readonly<Record<string, string>>,
  changed?: readonly Deviation[],
];

/** See the file's head. */
export class LeakTest {
  readonly #options: LeakTestOptions;

  constructor(options: LeakTestOptions) {
    this.#options = options;
  }

  async run({ only }: Params<"testLeaks">, peer: Peer): Promise<Result<"testLeaks">> {
    const { network } = this.#options.engine;
    if (network === null) return { protected: false, promise: "nothing", mode: null, checks: [] };
    const codes = only === undefined ? LEAK_CHECKS : [only];
    const checks = await Promise.all(codes.map((code) => this.#check(code, network, peer.uid)));
    const promise = network.mode === "full_tunnel" ? "everything" : "private_network";
    // What could not be tried was not seen to hold.
    const kept = checks.every(({ verdict, found }) => verdict !== "bad" && found !== "untested");
    return { protected: kept, promise, mode: network.mode, checks };
  }

  async #check(code: LeakCheckCode, network: NetworkState, uid: number): Promise<LeakCheck> {
    try {
      return leakCheck(code, ...(await this.#find(code, network, uid)));
    } catch (error) {
      return leakCheck(code, "untested", { reason: error instanceof Error ? error.message : String(error) });
    }
  }

  async #find(code: LeakCheckCode, network: NetworkState, uid: number): Promise<Finding> {
    const everything = network.mode === "full_tunnel";
    switch (code) {
      case "internet4":
      case "internet6":
        return everything ? this.#closed([NOBODY[code]], uid) : ["not_promised"];
      case "private_network":
        return this.#privateNetwork(network, uid);
      case "underlay_resolver":
        return everything ? this.#underlayResolver() : ["not_promised"];
      case "system_resolver":
        return this.#systemResolver(network);
      case "tunnel":
        return this.#tunnel();
      case "local_network":
        return everything ? this.#localNetwork(network, uid) : ["local_untouched"];
    }
  }

  /** Whether nothing gets to these addresses but through the tunnel: by its own way, or held to another network. */
  async #closed(addresses: readonly Address[], uid: number): Promise<Finding> {
    const others = [];
    for (const address of addresses) {
      const { way, interface: name } = await this.#options.kernelRoute(address, uid);
      if (way === "direct" || way === "local") return ["astray", { target: address, interface: name ?? "?" }];
      if (way !== "loopback") others.push(address);
    }
    return this.#attempts(others, [["udp", DISCARD]]);
  }

  #attempts(
    addresses: readonly Address[],
    ports: readonly (readonly [Attempt["protocol"], number])[],
    leak: Found = "let_out",
    held: Found = "refused",
  ): Finding {
    const links = [...new Set(this.#options.links().map((link) => link.interface))].slice(0, MOST_LINKS);
    if (links.length === 0) return ["no_link"];
    let refused = addresses.length === 0;
    for (const name of links)
      for (const address of addresses)
        for (const [protocol, port] of ports) {
          const outcome = this.#options.tryToLeave({ interface: name, protocol, address, port });
          if (outcome === "let_out") return [leak, { target: address, interface: name }];
          refused ||= outcome === "refused";
        }
    return refused ? [held] : ["no_way"];
  }

  async #privateNetwork({ firewall: { guarded } }: NetworkState, uid: number): Promise<Finding> {
    const addresses = guarded.slice(0, MOST_PREFIXES).flatMap((prefix) => addressesIn(prefix).slice(0, 1));
    return addresses.length === 0 ? ["no_private_prefixes"] : this.#closed(addresses, uid);
  }

  #underlayResolver(): Finding {
    const resolvers = this.#options.resolvers().flatMap((text) => {
      const address = parseAddress(text);
      return address.ok && !isLoopback(address.value) ? [address.value] : [];
    });
    return this.#attempts(resolvers.length === 0 ? [NOBODY.internet4] : resolvers, DNS_ATTEMPTS);
  }

  async #systemResolver({ dns: { mode, servers, matchDomains } }: NetworkState): Promise<Finding> {
    const { engine } = this.#options;
    if (servers.length === 0 || (mode === "vpn_only" && matchDomains.length === 0)) return ["resolver_kept"];
    if (engine.names === null) return ["resolver_waiting"];
    const changed = (await engine.inspect()).filter(({ what }) => what === "dns");
    return changed.length === 0
      ? ["resolver_ours", { servers: servers.join(", ") }]
      : ["resolver_foreign", { reason: changed.map(({ message }) => message).join(" ") }, changed];
  }

  async #tunnel(): Promise<Finding> {
    const { engine, ask, now } = this.#options;
    if (engine.atRest || engine.intent === null) return ["closed"];
    const probe = engine.intent.probe === undefined ? null : parseAddress(engine.intent.probe);
    if (probe?.ok === true) {
      const heard = await ask(probe.value, PATIENCE_MS);
      return heard === "answer" ? ["answered", { address: probe.value }] : ["silent"];
    }
    const age = handshakeAge(await engine.readings(), now());
    return age !== null && age < HANDSHAKE_LIFETIME_S
      ? ["handshake", { seconds: String(Math.round(age)) }]
      : ["silent"];
  }

  async #localNetwork({ firewall: { local } }: NetworkState, uid: number): Promise<Finding> {
    const links = this.#options.links().filter(({ prefix }) => familyOf(prefix) === 4);
    if (links.length === 0) return ["no_link"];
    const neighbours = [];
    for (const { prefix } of links)
      for (const address of addressesIn(prefix)) {
        const { way } = await this.#options.kernelRoute(address, uid);
        // This machine's own address is no neighbour.
        if (way !== "loopback") neighbours.push({ prefix, address, way });
      }
    if (local === null) {
      const addresses = neighbours.map(({ address }) => address);
      return this.#attempts(addresses, [["udp", DISCARD]], "local_let_out", "local_refused");
    }
    const reachable = neighbours.filter(({ way }) => way === "local").map(({ prefix }) => prefix);
    return reachable.length === 0
      ? ["local_closed"]
      : ["local_reachable", { networks: [...new Set(reachable)].join(", ") }];
  }
}
