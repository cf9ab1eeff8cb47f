/**
 * The verdicts of `nanami doctor`. Pure: what was seen goes in, one plain verdict for each check comes out. Only
 * `bad` means that a promise is broken or cannot be kept.
 */
import type { Snapshot } from "../rpc/contract.ts";
import type { Check } from "../rpc/health.ts";
import type { Found } from "../rpc/said.ts";
import type { DnsManager } from "../tunnel/dns/driver.ts";
import type { DnsStanding } from "../tunnel/dns/resolver.ts";
import type { Way } from "../tunnel/explain.ts";
import type { KernelRoute } from "../tunnel/linux/route-get.ts";
import { isAtRest } from "../tunnel/lockdown.ts";
import type { NetworkState } from "../tunnel/network-state.ts";
import type { Blockage, Deviation, Repair } from "../tunnel/types.ts";
import { contains, type Prefix } from "../wireguard/prefix.ts";
import { isRefused, type AskedPrefix } from "./asked-prefixes.ts";
import { deviationsSaid } from "./deviations-said.ts";

/** Everything that was looked at. */
export interface Seen {
  readonly snapshot: Snapshot;
  /** What is in force; null = nothing. */
  readonly network: NetworkState | null;
  readonly privatePrefixes: readonly Prefix[];
  readonly deviations: readonly Deviation[];
  /** What was put right last after somebody else changed it; null = nothing. */
  readonly lastRepair: Repair | null;
  readonly foreignRules: readonly string[];
  /** How names are asked; null = the tunnel's servers are asked for none. */
  readonly names: DnsStanding | null;
  /** The kernel's answers for one address of each private prefix. */
  readonly privateRoutes: readonly { readonly prefix: Prefix; readonly route: KernelRoute }[];
  /** The kernel's answer for an address of the IPv6 Internet. */
  readonly publicRoute6: KernelRoute;
  /** Whether a packet past the tunnel was let out, with the agent's mark and without; null = not tried. */
  readonly attempts: { readonly marked: boolean; readonly unmarked: boolean } | null;
  readonly lan: readonly Prefix[];
  /** Prefixes that the connected profile asks for, each with what the gateway said; null = no profile is connected. */
  readonly asked: readonly AskedPrefix[] | null;
}

type Finding = readonly [verdict: Check["verdict"], ...Found];

/** The checks in the order in which a person reads them. */
export function judgeHealth(seen: Seen): Check[] {
  const { snapshot, network, attempts } = seen;
  const check = (
    code: string,
    title: string,
    [verdict, found, message, facts = {}]: Finding,
    changed: readonly Deviation[] = [],
  ): Check => ({
    ...{ code, verdict, title, message, found },
    facts: { ...facts },
    ...deviationsSaid(changed),
  });
  return [
    check("agent", "Agent", [
      "good",
      "agent_answers",
      `Version ${snapshot.agentVersion} answers.`,
      { version: snapshot.agentVersion },
    ]),
    check("enrolment", "Enrolment", enrolment(snapshot)),
    check("control_plane", "Control plane", controlPlane(snapshot)),
    check("tunnel", "Tunnel", tunnel(snapshot)),
    check(
      "firewall",
      "Firewall",
      inPlace(seen, "firewall", "The table is as it was written."),
      changedOf(seen, "firewall"),
    ),
    check(
      "routing",
      "Routes and rules",
      inPlace(seen, "routing", "All of ours are in place."),
      changedOf(seen, "routing"),
    ),
    check("foreign_rules", "Other rules", foreignRules(seen)),
    check("dns", "DNS", dns(seen), changedOf(seen, "dns")),
    check("private_prefixes", "Private network", privateOnly(seen)),
    check("marked_attempt", "Marked packet past it", attempt(network, attempts?.marked)),
    check("unmarked_attempt", "Packet past the tunnel", attempt(network, attempts?.unmarked)),
    check("ipv6", "IPv6", ipv6(seen)),
    check("packet_size", "Packet size", packetSize(snapshot)),
    check("overlap", "Local network", overlap(seen)),
    check("profile_grants", "What the file asks for", profileGrants(seen)),
  ];
}

const OPEN: Finding = ["skipped", "not_connected", "Nothing is connected."];

function enrolment({ enrollment }: Snapshot): Finding {
  return enrollment === null
    ? ["warning", "not_enrolled", "This device is in no network. Enrol it: nanami enroll <link>"]
    : [
        "good",
        "enrolled",
        `A device of ${enrollment.networkName} of ${enrollment.workspaceName}.`,
        { network: enrollment.networkName, workspace: enrollment.workspaceName },
      ];
}

function controlPlane({ enrollment, controlPlane: { connected, revoked, problem } }: Snapshot): Finding {
  if (enrollment === null) return ["skipped", "no_control_plane", "There is none without an enrolment."];
  if (revoked) return ["bad", "revoked", problem ?? "It removed this device from its network."];
  const facts = { host: enrollment.controlPlane };
  if (connected)
    return ["good", "control_plane_connected", `${enrollment.controlPlane} is connected.`, facts];
  const away = `${enrollment.controlPlane} is not connected. What is in force stays.`;
  return ["warning", "control_plane_away", problem ?? away, facts];
}

function tunnel({ tunnel: status, traffic, profile }: Snapshot): Finding {
  if (status.state === "disconnected" || status.state === "connecting") {
    if (status.reason !== undefined) return heldUp(status.reason);
    if (status.state === "disconnected") return OPEN;
  }
  if (isAtRest(status))
    return ["good", "locked", "Nothing is connected, and lockdown keeps this device closed."];
  switch (status.state) {
    case "connected":
      if (profile !== null && traffic?.silentPeers !== undefined)
        return [
          "warning",
          "peers_silent",
          `Of the profile's peers ${traffic.silentPeers.join(", ")} do not answer; what is for them waits.`,
          { peers: traffic.silentPeers.join(", ") },
        ];
      if (profile?.problem != null) return ["warning", "profile_trouble", profile.problem];
      return status.verified === "traffic"
        ? ["good", "traffic_seen", "Traffic was seen to pass."]
        : ["good", "handshake_seen", "A handshake was seen; there is nothing to probe."];
    case "blocked":
    case "reconnecting":
      return heldUp(status.reason);
    case "connecting":
    case "disconnecting":
      return ["warning", "changing", "It is on its way to another state. Ask again in a moment."];
  }
}

function heldUp({ code, message, remedy, facts }: Blockage): Finding {
  return ["bad", "held_up", `${message} ${remedy}`, { ...facts, reason: code }];
}

function inPlace({ network, deviations, lastRepair }: Seen, what: Deviation["what"], good: string): Finding {
  if (network === null) return OPEN;
  const found = deviations.filter((deviation) => deviation.what === what);
  if (found.length > 0) return ["bad", "deviates", ...deviationWords(found)];
  const repaired = lastRepair?.what.filter((deviation) => deviation.what === what) ?? [];
  if (lastRepair === null || repaired.length === 0) return ["good", "in_place", good];
  const at = new Date(lastRepair.at).toISOString();
  const [detail] = deviationWords(repaired);
  return [
    "good",
    "in_place",
    `${good} Another program changed that at ${at}, and it was put right: ${detail}`,
    { repairedAt: at, detail },
  ];
}

/** What of a kind somebody else changed: what is so now, else what was put right last. */
function changedOf({ network, deviations, lastRepair }: Seen, what: Deviation["what"]): readonly Deviation[] {
  if (network === null) return [];
  const of = (all: readonly Deviation[]): readonly Deviation[] => all.filter((one) => one.what === what);
  const found = of(deviations);
  return found.length > 0 ? found : of(lastRepair?.what ?? []);
}

/** What deviates, in English sentences. */
function deviationWords(found: readonly Deviation[]): readonly [message: string, facts: { detail: string }] {
  const detail = found.map(({ message }) => message).join(" ");
  return [detail, { detail }];
}

function foreignRules({ network, foreignRules: rules }: Seen): Finding {
  if (network === null) return OPEN;
  return rules.length === 0
    ? ["good", "no_foreign_rules", "The kernel asks none before ours."]
    : [
        "bad",
        "foreign_rules",
        `The kernel asks these before ours, and they take traffic out of it: ${rules.join("; ")}.`,
        { rules: rules.join("; ") },
      ];
}

const MANAGED: Readonly<Record<DnsManager, string>> = {
  "resolv.conf": "/etc/resolv.conf",
  openresolv: "resolvconf (openresolv)",
  "debian-resolvconf": "resolvconf (Debian's)",
  "systemd-resolved": "systemd-resolved",
};

function dns({ network, names, deviations }: Seen): Finding {
  if (network === null) return OPEN;
  const { mode, servers, matchDomains } = network.dns;
  const wants = servers.length > 0 && (mode === "full_tunnel" || matchDomains.length > 0);
  if (!wants && mode === "full_tunnel")
    return [
      "warning",
      "no_tunnel_resolver_full",
      "The tunnel brings no resolver: the machine's own is asked, through the tunnel or not at all. One in the local " +
        "network is not reached, and then no name is found. Ask your operator for a resolver in the network.",
    ];
  if (!wants)
    return ["good", "no_tunnel_resolver", "The tunnel brings no resolver; the machine's own stays."];
  const found = deviations.filter(({ what }) => what === "dns");
  if (found.length > 0) return ["bad", "resolver_foreign", ...deviationWords(found)];
  if (names === null)
    return [
      "bad",
      "resolver_waiting",
      "Nobody was told yet to ask the tunnel's resolver. Ask again in a moment.",
    ];
  const which = mode === "full_tunnel" ? "All names" : `Names in ${matchDomains.join(", ")}`;
  const by = names.managers.map((manager) => MANAGED[manager]).join(" and ");
  const through = names.forwards ? `${by} and the agent's forwarder` : by;
  const said = `${which} are asked of ${servers.join(", ")}, by ${through}.`;
  const code = mode === "full_tunnel" ? "resolver_asked_all" : "resolver_asked";
  const facts = {
    servers: servers.join(", "),
    domains: matchDomains.join(", "),
    by: names.managers.map((manager) => MANAGED[manager]).join(", "),
  };
  if (names.repairedAt === null) return ["good", code, said, facts];
  const at = new Date(names.repairedAt).toISOString();
  return [
    "good",
    code,
    `${said} Another program changed that at ${at}, and it was put right.`,
    { ...facts, repairedAt: at },
  ];
}

const KEPT: readonly Way[] = ["tunnel", "refused", "loopback"];

function privateOnly({ network, privatePrefixes, privateRoutes }: Seen): Finding {
  if (network === null) return OPEN;
  if (privatePrefixes.length === 0)
    return ["skipped", "no_private_prefixes", "There are no private prefixes."];
  const astray = privateRoutes.filter(({ route }) => !KEPT.includes(route.way));
  return astray.length === 0
    ? [
        "good",
        "private_kept",
        `${privatePrefixes.join(", ")}: through the tunnel or not at all.`,
        { prefixes: privatePrefixes.join(", ") },
      ]
    : [
        "bad",
        "private_astray",
        astray
          .map(({ prefix, route }) => `${prefix} would leave by ${route.interface ?? "another way"}.`)
          .join(" "),
        { prefixes: astray.map(({ prefix }) => prefix).join(", ") },
      ];
}

function attempt(network: NetworkState | null, leftBy: boolean | undefined): Finding {
  if (network === null) return OPEN;
  if (leftBy === undefined)
    return ["skipped", "nothing_to_attempt", "There is nothing that it could leave by, or for."];
  return leftBy
    ? ["bad", "let_out", "A packet that must not leave outside the tunnel was let out."]
    : ["good", "refused", "It was refused, as it must be."];
}

function ipv6({ network, publicRoute6 }: Seen): Finding {
  if (network === null) return OPEN;
  if (network.mode === "vpn_only")
    return ["good", "ipv6_private_only", "Only the private prefixes of IPv6 are steered."];
  if (publicRoute6.way === "tunnel") return ["good", "ipv6_tunnel", "It goes through the tunnel."];
  return publicRoute6.way === "refused"
    ? ["good", "ipv6_nowhere", "The tunnel does not carry it, so it goes nowhere."]
    : [
        "bad",
        "ipv6_astray",
        `It would leave by ${publicRoute6.interface ?? "another way"}, outside the tunnel.`,
        { interface: publicRoute6.interface ?? "?" },
      ];
}

function packetSize({ tunnel: { state }, pathMtu }: Snapshot): Finding {
  if (state !== "connected") return OPEN;
  if (pathMtu === null || pathMtu === undefined)
    return ["good", "sizes_pass", "Nothing is known to be lost by its size."];
  const { intended, passes, ipv6: fits } = pathMtu;
  return [
    "warning",
    fits ? "sizes_lost" : "sizes_lost_ipv6",
    `A link on the way drops large packets and does not say so: ${passes} bytes pass, ${intended} should. ` +
      `Smaller packets are sent${fits ? "" : "; IPv6 needs 1280 bytes, so it goes nowhere"}.`,
    { passes: String(passes), intended: String(intended) },
  ];
}

function overlap({ privatePrefixes, lan }: Seen): Finding {
  const pairs = lan.flatMap((local) =>
    privatePrefixes
      .filter((prefix) => contains(prefix, local) || contains(local, prefix))
      .map((prefix) => ({ local, prefix, hidden: contains(prefix, local) ? local : prefix })),
  );
  if (pairs.length === 0) return ["good", "no_overlap", "It overlaps with no private prefix."];
  const found = pairs.map(
    ({ local, prefix, hidden }) =>
      `The local network ${local} overlaps with the private ${prefix}: local hosts in ${hidden} are hidden while connected.`,
  );
  const facts = {
    networks: pairs.map(({ local }) => local).join(", "),
    prefixes: pairs.map(({ prefix }) => prefix).join(", "),
    hidden: pairs.map(({ hidden }) => hidden).join(", "),
  };
  return ["warning", "overlap", found.join(" "), facts];
}

function profileGrants({ asked }: Seen): Finding {
  if (asked === null) return ["skipped", "no_profile", "No manual profile is connected."];
  const refused = asked.filter(isRefused);
  if (asked.length === 0)
    return ["skipped", "nothing_asked", "It names no prefix that could be asked about."];
  if (refused.length === 0) {
    const silent = asked.filter(({ asked: tries }) => tries.every(({ heard }) => heard !== "answer"));
    if (silent.length < asked.length)
      return ["good", "grants_unrefused", "No refusal was heard from the gateway."];
    return [
      "skipped",
      "grants_unknown",
      "Neither an answer nor a refusal was heard, so it is not known. " +
        "A gateway's refusal is only let in where the file's AllowedIPs hold the gateway's own overlay address.",
    ];
  }
  const list = refused.map(({ prefix }) => prefix).join(", ");
  return [
    "warning",
    "grants_refused",
    `Your file asks for ${list}; the gateway does not allow it. Ask its operator for access, ` +
      "or steer only what is allowed: nanami config narrow <profile> <prefixes>",
    { prefixes: list },
  ];
}
