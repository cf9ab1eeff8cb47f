/** The door of this folder for reading: bytes of a `.conf` in, typed value and findings out. */
import { formatEndpoint } from "../endpoint.ts";
import { checkKeys } from "./check-keys.ts";
import { checkMeaning, type MachineFacts } from "./check-meaning.ts";
import { toConfig } from "./draft.ts";
import { Report, verdictOf, type Finding, type Verdict } from "./finding.ts";
import { lex } from "./lexer.ts";
import { parse } from "./parser.ts";
import type { TunnelConfig } from "./types.ts";

export interface CheckedConfig {
  readonly verdict: Verdict;
  /** In the order of the file. */
  readonly findings: readonly Finding[];
  /** null exactly when the verdict is `refused`. */
  readonly config: TunnelConfig | null;
  /** Units of work done: linear in the size of the file. */
  readonly steps: number;
}

/**
 * Reads and checks a WireGuard configuration file as untrusted data. Never throws, whatever the bytes; takes time
 * linear in their number. `facts` about the machine allow more sentences about what the file asks for.
 */
export function checkConfig(bytes: Uint8Array, facts: MachineFacts = {}): CheckedConfig {
  const report = new Report();
  const config = understand(bytes, facts, report);
  const findings = report.findings.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const verdict = verdictOf(findings);
  return { verdict, findings, config: verdict === "refused" ? null : config, steps: report.steps };
}

function understand(bytes: Uint8Array, facts: MachineFacts, report: Report): TunnelConfig | null {
  const lines = lex(bytes, report);
  if (lines === null) return null;
  const draft = parse(lines, report);
  // Across sections only where each section is sound: consequences of an error are noise.
  if (verdictOf(report.findings) !== "refused") checkKeys(draft, report);
  if (verdictOf(report.findings) !== "refused") checkMeaning(draft, facts, report);
  return toConfig(draft);
}

/** What `nanami config check --json` prints (design: contracts). */
export interface ConfigReport {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly config: RedactedConfig | null;
}

/** A configuration as it may be shown: no private key, no preshared key. */
export interface RedactedConfig {
  readonly interface: {
    readonly addresses: readonly string[];
    readonly dns: readonly string[];
    readonly searchDomains: readonly string[];
    readonly mtu: number | null;
    readonly listenPort: number | null;
  };
  readonly peers: readonly {
    readonly publicKey: string;
    readonly hasPresharedKey: boolean;
    readonly endpoint: string | null;
    readonly allowedIps: readonly string[];
    readonly persistentKeepalive: number | null;
  }[];
}

export function reportOf(checked: CheckedConfig): ConfigReport {
  const { verdict, findings, config } = checked;
  return { verdict, findings, config: config === null ? null : redact(config) };
}

export function redact(config: TunnelConfig): RedactedConfig {
  const { addresses, dns, searchDomains, mtu, listenPort } = config.interface;
  return {
    interface: { addresses, dns, searchDomains, mtu, listenPort },
    peers: config.peers.map((peer) => ({
      publicKey: peer.publicKey,
      hasPresharedKey: peer.presharedKey !== null,
      endpoint: peer.endpoint === null ? null : formatEndpoint(peer.endpoint),
      allowedIps: peer.allowedIps,
      persistentKeepalive: peer.persistentKeepalive,
    })),
  };
}
