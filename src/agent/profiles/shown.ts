/** Profiles and reports as faces are told: without secrets, bounded. Pure. */
import type { Profile } from "../../rpc/profiles.ts";
import { redact } from "../../wireguard/config/check.ts";
import { CATALOGUE } from "../../wireguard/config/catalogue.ts";
import type { Finding } from "../../wireguard/config/finding.ts";
import { LIMITS, type TunnelConfig } from "../../wireguard/config/types.ts";
import { maskSource } from "../../wireguard/config/masked-source.ts";
import type { CheckedDocument } from "../../wireguard/container/check.ts";
import type { DocumentReport } from "../../rpc/profiles.ts";
import { steering, unused } from "./steering.ts";
import type { ProfileRecord } from "./stored.ts";
import type { z } from "zod";

/** Most findings and lines of one document that are told, so that an archive's report fits into one message. */
const MOST_FINDINGS = 50;
const MOST_LINES = 2_000;

/** A profile as the user `uid` is told. */
export function shownProfile(record: ProfileRecord, uid: number): Profile {
  const { id, name, owner, shared, createdAt, changedAt, narrowed, config } = record;
  return {
    id,
    name,
    own: owner === uid,
    shared,
    createdAt,
    changedAt,
    config: shownConfig(config),
    ...shownUnused(config, narrowed),
    steers: shownSteering(config, narrowed),
  };
}

function shownUnused(
  config: TunnelConfig,
  narrowed: ProfileRecord["narrowed"],
): Required<Pick<Profile, "unused" | "unusedSaid">> {
  const all = unused(config, narrowed);
  return { unused: all.map(([sentence]) => sentence), unusedSaid: all.map(([, said]) => said) };
}

function shownSteering(config: TunnelConfig, narrowed: ProfileRecord["narrowed"]): Profile["steers"] {
  const { mode, prefixes } = steering(config, narrowed);
  return { mode, prefixes: [...prefixes], narrowed: narrowed !== null };
}

function shownConfig(config: ProfileRecord["config"]): Profile["config"] {
  const { interface: own, peers } = redact(config);
  const { addresses, dns, searchDomains } = own;
  return {
    interface: { ...own, addresses: [...addresses], dns: [...dns], searchDomains: [...searchDomains] },
    peers: peers.map((peer) => ({ ...peer, allowedIps: [...peer.allowedIps] })),
  };
}

/** The report on one document; `typed` is what the user handed in, where it differs from what was checked. */
export function shownDocument(
  document: CheckedDocument,
  typed = document.bytes,
): z.infer<typeof DocumentReport> {
  const { name, verdict, findings, config, bytes } = document;
  return {
    name,
    verdict,
    findings: findings.slice(0, MOST_FINDINGS).map((finding) => ({ ...finding, ...sentencesOf(finding) })),
    findingCount: findings.length,
    config: config === null ? null : shownConfig(config),
    ...(config === null ? { unused: [] } : shownUnused(config, null)),
    steers: config === null ? null : shownSteering(config, null),
    // What is larger was refused for that alone.
    source:
      typed === null || typed.length > LIMITS.fileBytes
        ? null
        : maskSource(typed, bytes ?? typed).slice(0, MOST_LINES),
  };
}

/** The parts of a message, which screens set apart. */
function sentencesOf({ code, message }: Finding): { what: string; why: string; remedy: string } {
  const { why, remedy } = CATALOGUE[code];
  return { what: message.slice(0, message.length - ` ${why} ${remedy}`.length), why, remedy };
}
