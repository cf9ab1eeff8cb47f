/**
 * What the agent says, as codes with facts. Beside each stands the agent's own English sentence, for the command
 * line, the log and faces that do not know a code; a face with catalogues of its own says the same in its language.
 * Every code is listed here, and the agent's own types allow no other: a test holds the app's catalogues to it.
 */
import * as z from "zod/mini";

/** What a sentence names: gateways, addresses, programs, the system's own words. Never a secret. */
export const Facts = z.record(z.string(), z.string());
export type Facts = Readonly<Record<string, string>>;

/** One sentence. */
export const Said = z.strictObject({ code: z.string(), facts: Facts });
export type Said = z.infer<typeof Said>;

/**
 * What each sentence names beside its code; one that is not here names nothing. The agent's types hold it to giving
 * all of these, and a test holds the catalogues to asking for no other.
 */
export const NAMED = {
  refusals: {
    app_fault: ["detail"],
    no_path: ["why"],
    path_unusable: ["detail", "fault", "place"],
    not_put_back: ["detail"],
    lockdown_not_in_force: ["detail"],
    tunnel_refused: ["detail"],
    // The control plane's own code (`PROBLEM_CODES` of the api), and its sentence.
    link_refused: ["problem", "detail"],
    link_expired: ["expiredAt"],
    control_plane_refused: ["problem", "detail"],
    not_allowed: ["problem", "detail"],
    file_too_large: ["name"],
    file_unreadable: ["name"],
    target_malformed: ["target"],
    target_unknown: ["target"],
    document_refused: ["number"],
    prefix_malformed: ["prefix"],
    prefix_not_asked: ["prefixes"],
  },
  troubles: {
    memory_damaged: ["detail"],
    path_unusable: ["detail", "fault", "place"],
    revoked: ["detail"],
    session_lost: ["detail"],
  },
  profileTroubles: { unserved: ["prefixes"], tunnel_refused: ["detail"] },
  unused: { unserved: ["prefixes"] },
  findings: {
    agent_answers: ["version"],
    enrolled: ["network", "workspace"],
    control_plane_connected: ["host"],
    control_plane_away: ["host"],
    peers_silent: ["peers"],
    // Of the blockage, which has a text of its own.
    held_up: ["reason"],
    deviates: ["detail"],
    foreign_rules: ["rules"],
    resolver_foreign: ["detail"],
    resolver_asked_all: ["servers", "by"],
    resolver_asked: ["servers", "domains", "by"],
    private_kept: ["prefixes"],
    private_astray: ["prefixes"],
    ipv6_astray: ["interface"],
    sizes_lost: ["passes", "intended"],
    sizes_lost_ipv6: ["passes", "intended"],
    overlap: ["networks", "prefixes", "hidden"],
    grants_refused: ["prefixes"],
  },
  routes: { gateway_address: ["gateway"], private_prefix: ["prefix"] },
  deciders: { profile: ["profile"], layer: ["layer"] },
  resolvers: { own: ["servers"], tunnel: ["servers"] },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** The facts that come with one code of a table. */
type FactsOf<Table, Code> = Code extends keyof Table
  ? Table[Code] extends readonly (infer Name extends string)[]
    ? Facts & Readonly<Record<Name, string>>
    : never
  : Facts;

/** A code of a table with what it names. */
type SaidOf<Table, Code extends string> = {
  readonly [C in Code]: Said & { readonly code: C; readonly facts: FactsOf<Table, C> };
}[Code];

/** Why a request was refused: the `reason` of a problem. Its `code` says of which kind that is. */
export const REFUSALS = [
  "request_malformed",
  "request_unknown",
  "agent_fault",
  "app_fault",
  "agent_silent",
  "connection_lost",
  "answer_not_understood",
  "file_too_large",
  "file_unreadable",
  "not_in_group",
  "enrolled_already",
  "logout_not_yours",
  "logout_locked",
  "share_not_yours",
  "lockdown_not_yours",
  "not_enrolled",
  "revoked",
  "no_path",
  "path_unusable",
  "disconnected_meanwhile",
  "changed_meanwhile",
  "overtaken",
  "not_put_back",
  "lockdown_not_in_force",
  "tunnel_refused",
  "link_malformed",
  "link_authority",
  "link_refused",
  "link_used",
  "link_expired",
  "enrolling_already",
  "connected_or_locked",
  "control_plane_away",
  "control_plane_never_reached",
  "control_plane_needed",
  "control_plane_refused",
  "device_not_accepted",
  "not_allowed",
  "stored_changed",
  "another_change_waits",
  "target_malformed",
  "target_unknown",
  "profile_unknown",
  "profile_of_another",
  "profile_widens",
  "profile_narrow_to_nothing",
  "profile_no_address",
  "profile_no_peer",
  "profile_no_endpoint",
  "profile_endpoint_unresolved",
  "profile_endpoint_rebound",
  "profile_connected",
  "profile_not_restorable",
  "images_busy",
  "chosen_twice",
  "document_refused",
  "report_expired",
  "no_room",
  "text_refused",
  "prefix_malformed",
  "prefix_not_asked",
  "export_not_yours",
  "export_zip_alone",
  "export_nothing",
  "too_long_for_qr",
  "name_tells_key",
] as const;
export type RefusalReason = (typeof REFUSALS)[number];
/** Which refusal it is, and the facts that it names. */
export type RefusalSaid = {
  readonly [R in RefusalReason]: R extends keyof typeof NAMED.refusals
    ? readonly [reason: R, facts: FactsOf<typeof NAMED.refusals, R>]
    : readonly [reason: R];
}[RefusalReason];

/** What is wrong between this device and its control plane, the weightiest first. */
export const TROUBLES = [
  "memory_damaged",
  "consent_needed",
  "path_unusable",
  "revoked",
  "session_lost",
] as const;
export type Trouble = SaidOf<typeof NAMED.troubles, (typeof TROUBLES)[number]>;

/** Why a path cannot be used (the fact `fault`; empty for anything else). */
export const PATH_FAULTS = [
  "no_ingress",
  "no_egress",
  "hops_alike",
  "own_key",
  "endpoint_unresolved",
  "endpoint_inside_tunnel",
  "dns_outside_tunnel",
  "probe_outside_tunnel",
  "not_host_prefix",
  "default_prefix",
  "martian_prefix",
  "overlapping_prefixes",
  "address_forbidden",
  "address_of_gateway",
  "name_disguise",
  "domain_captures_public",
  "not_canonical",
  "key_malformed",
  "address_malformed",
  "prefix_malformed",
  "endpoint_malformed",
] as const;
export type PathFault = (typeof PATH_FAULTS)[number];

/** Why a profile, or a part of it, is not in force as it is stored. */
export const PROFILE_TROUBLES = [
  "unserved",
  "widens",
  "narrow_to_nothing",
  "no_address",
  "no_peer",
  "no_endpoint",
  "endpoint_unresolved",
  "endpoint_rebound",
  "tunnel_refused",
] as const;
export type ProfileTrouble = SaidOf<typeof NAMED.profileTroubles, (typeof PROFILE_TROUBLES)[number]>;

/** What a profile says that connecting will not use. */
export const UNUSED = ["unserved", "dns_split", "listen_port"] as const;
export type Unused = SaidOf<typeof NAMED.unused, (typeof UNUSED)[number]>;

/** What a health check found. */
export const FINDINGS = [
  "not_connected",
  "agent_answers",
  "not_enrolled",
  "enrolled",
  "no_control_plane",
  "revoked",
  "control_plane_connected",
  "control_plane_away",
  "locked",
  "peers_silent",
  "profile_trouble",
  "traffic_seen",
  "handshake_seen",
  "held_up",
  "changing",
  "in_place",
  "deviates",
  "no_foreign_rules",
  "foreign_rules",
  "no_tunnel_resolver_full",
  "no_tunnel_resolver",
  "resolver_foreign",
  "resolver_waiting",
  "resolver_asked_all",
  "resolver_asked",
  "no_private_prefixes",
  "private_kept",
  "private_astray",
  "nothing_to_attempt",
  "let_out",
  "refused",
  "ipv6_private_only",
  "ipv6_tunnel",
  "ipv6_nowhere",
  "ipv6_astray",
  "sizes_pass",
  "sizes_lost",
  "sizes_lost_ipv6",
  "no_overlap",
  "overlap",
  "no_profile",
  "nothing_asked",
  "grants_unrefused",
  "grants_unknown",
  "grants_refused",
] as const;
type FindingCode = (typeof FINDINGS)[number];
/** What was found, the sentence, and what that names. */
export type Found = {
  readonly [C in FindingCode]: C extends keyof typeof NAMED.findings
    ? readonly [found: C, message: string, facts: FactsOf<typeof NAMED.findings, C>]
    : readonly [found: C, message: string, facts?: Facts];
}[FindingCode];

/** Why traffic to an address is meant to go where it goes. */
export const ROUTE_REASONS = [
  "own_address",
  "not_connected",
  "gateway_address",
  "no_private_prefix",
  "carried_by_nothing",
  "on_local_network",
  "all_traffic",
  "private_prefix",
] as const;
export type RouteReason = Said & { readonly code: (typeof ROUTE_REASONS)[number] };

/** What decides the mode. */
export const DECIDERS = ["nobody", "lockdown", "profile", "last_record", "layer"] as const;
export type Decider = SaidOf<typeof NAMED.deciders, (typeof DECIDERS)[number]>;

/** Who answers for a name. */
export const RESOLVERS = ["own", "own_by_forwarder", "tunnel"] as const;
export type ResolverSaid = SaidOf<typeof NAMED.resolvers, (typeof RESOLVERS)[number]>;

/** What the agent says by itself of a tunnel that nothing passes; beside it what the engine and a path say. */
export const AGENT_BLOCKAGES = [
  "captive_portal",
  "pinned_gateway_silent",
  "revoked",
  "profile_lost",
  "unavailable",
] as const;
