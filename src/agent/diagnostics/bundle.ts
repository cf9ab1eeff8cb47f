/** The diagnostics bundle: what the agent knows and what the system says, as texts that were redacted. */
import type { Params, Result, Snapshot } from "../../rpc/contract.ts";
import type { LogLine } from "../../rpc/diagnostics.ts";
import type { Intent, PeerReading } from "../../tunnel/types.ts";
import type { Identity } from "../identity.ts";
import type { ProfileRecord } from "../profiles/stored.ts";
import { Placeholders, withoutSecrets, type Secrets } from "./redaction.ts";

export interface Section {
  readonly name: string;
  readonly text: string;
}

/** Everything a bundle is made of. */
export interface BundleSources {
  readonly snapshot: Snapshot;
  readonly identity: Identity | null;
  readonly intent: Intent | null;
  readonly profiles: readonly ProfileRecord[];
  readonly readings: readonly PeerReading[];
  readonly health: Result<"checkHealth">;
  readonly log: readonly LogLine[];
  /** What programs of the system print. */
  readonly system: readonly Section[];
  /** Names that stand in those: of the machine, of the networks it searches. */
  readonly systemNames: readonly string[];
}

/** Longest text of a section, characters: the newest stay. All of them have to fit into one message. */
const LONGEST = 512 * 1024;

/** Makes the bundle. Pure. */
export function bundle(sources: BundleSources, hide: Params<"diagnostics">["hide"]): Section[] {
  const { snapshot, health, log, system, readings } = sources;
  const { path, ...state } = snapshot;
  const sections: Section[] = [
    { name: "state", text: pretty(state) },
    { name: "path", text: path === null ? "none" : pretty(path) },
    { name: "checks", text: health.checks.map(checkLine).join("\n") },
    { name: "peers", text: readings.length === 0 ? "none" : pretty(readings) },
    ...system,
    { name: "log", text: log.map(logLine).join("\n") },
  ];
  const secrets = secretsOf(sources);
  const placeholders = hide === "secrets" ? null : new Placeholders(namesOf(sources));
  return sections.map(({ name, text }) => {
    // Cut last: a part of a secret, or of an address, is not known for what it is.
    const clean = withoutSecrets(text, secrets);
    const shown = placeholders === null ? clean : placeholders.replace(clean);
    return { name, text: shown.length > LONGEST ? `…${shown.slice(-LONGEST)}` : shown };
  });
}

function pretty(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}

function checkLine({ code, verdict, message }: Result<"checkHealth">["checks"][number]): string {
  return `${verdict.padEnd(8)} ${code}: ${message}`;
}

function logLine({ at, level, message, facts }: LogLine): string {
  const rest = Object.keys(facts).length === 0 ? "" : ` ${JSON.stringify(facts)}`;
  return `${at} ${level} ${message}${rest}`;
}

function secretsOf({ snapshot, identity, intent, profiles, readings }: BundleSources): Secrets {
  const stored = identity?.reveal();
  const hops = [snapshot.path, ...(snapshot.path?.alternates ?? [])].flatMap((pair) => [
    pair?.ingress?.publicKey,
    pair?.egress?.publicKey,
  ]);
  const publicKeys = [
    ...hops,
    identity?.publicKey,
    ...(intent?.peers ?? []).map((peer) => peer.publicKey),
    ...readings.map((peer) => peer.publicKey),
  ];
  return {
    values: [
      stored?.token,
      stored?.privateKey,
      ...(intent?.peers ?? []).map((peer) => peer.presharedKey),
      ...profiles.flatMap(({ config }) => [
        config.interface.privateKey.reveal(),
        ...config.peers.map((peer) => peer.presharedKey?.reveal()),
      ]),
    ].filter((value) => value !== undefined),
    publicKeys: publicKeys.filter((key) => key !== undefined),
  };
}

/** Names that a person may not want to hand on. */
function namesOf({ snapshot, identity, intent, profiles, systemNames }: BundleSources): readonly string[] {
  const { enrollment, path } = snapshot;
  const hops = [path, ...(path?.alternates ?? [])].flatMap((pair) => [pair?.ingress, pair?.egress]);
  return [
    enrollment?.controlPlane,
    enrollment?.networkName,
    enrollment?.workspaceName,
    identity?.remote.host,
    ...hops.flatMap((hop) => [hop?.name, hop?.region]),
    ...(path?.tunnel.dns.matchDomains ?? []),
    ...(intent?.peers ?? []).map((peer) => peer.name),
    ...(intent?.dns.matchDomains ?? []),
    ...profiles.flatMap(({ name, config }) => [name, ...config.interface.searchDomains]),
    ...systemNames,
  ].filter((name) => name !== undefined);
}
