/** What every way of telling the system whom to ask for names has in common. */
import type { ForeignNames } from "../types.ts";

/** Who decides on this system what is asked. Debian's `resolvconf` and openresolv share a name and little else. */
export type DnsManager = "resolv.conf" | "openresolv" | "debian-resolvconf" | "systemd-resolved";

/** What a system shall ask. */
export interface Assignment {
  /** In this order. */
  readonly servers: readonly string[];
  /** Names that these servers are asked for: the domains and what is below; null = all names. */
  readonly domains: readonly string[] | null;
  /** Whether the network's own search list and options go on. */
  readonly keepsSearch: boolean;
}

/**
 * One way. All calls are idempotent; `set` and `revert` may be made by another life of the agent than the one before.
 * They throw an `OperationError` when the system does not do what is asked.
 */
export interface DnsDriver {
  readonly manager: DnsManager;
  /** Whether it can ask some servers for some domains alone. */
  readonly splits: boolean;
  /** Whether it can leave out the servers of all others where ours do not listen on loopback. */
  readonly excludes: boolean;
  /** Makes it so. Says whether anything had to be changed for it. */
  set(assignment: Assignment): Promise<boolean>;
  /** Takes back what is ours, and nothing of anybody else's. */
  revert(): Promise<void>;
  /** The servers that the network gave: those that would be asked without us, the newest at any time. */
  others(): Promise<readonly string[]>;
  /** What is not as `set` made it, one sentence each; empty = all is in place. */
  differences(assignment: Assignment): Promise<readonly ForeignNames[]>;
}
