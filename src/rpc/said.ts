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

/** Why a request was refused: the `reason` of a problem. Its `code` says of which kind that is. */
export const REFUSALS = [
  "request_malformed",
  "request_unknown",
  "agent_fault",
  "app_fault",
  "agent_silent",
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
  "overtaken",
  "not_put_back",
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

/** What is wrong between this device and its control plane, the weightiest first. */
export const TROUBLES = [
  "memory_damaged",
  "consent_needed",
  "path_unusable",
  "revoked",
  "session_lost",
] as const;
export type Trouble = Said & { readonly code: (typeof TROUBLES)[number] };

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
export type ProfileTrouble = Said & { readonly code: (typeof PROFILE_TROUBLES)[number] };

/** What a profile says that connecting will not use. */
export const UNUSED = ["unserved", "dns_split", "listen_port"] as const;
export type Unused = Said & { readonly code: (typeof UNUSED)[number] };

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
export type FindingCode = (typeof FINDINGS)[number];

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
export type Decider = Said & { readonly code: (typeof DECIDERS)[number] };

/** Who answers for a name. */
export const RESOLVERS = ["own", "own_by_forwarder", "tunnel"] as const;
export type ResolverSaid = Said & { readonly code: (typeof RESOLVERS)[number] };

/** What the agent says by itself of a tunnel that nothing passes; beside it what the engine and a path say. */
export const AGENT_BLOCKAGES = [
  "captive_portal",
  "pinned_gateway_silent",
  "revoked",
  "profile_lost",
  "unavailable",
] as const;
