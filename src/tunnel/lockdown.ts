/**
 * Lockdown: a disconnected device that stays closed. It is the firewall and the routes of `full_tunnel` without a
 * tunnel, so only loopback, DHCP, NDP, the agent's own marked sockets and (where allowed) the local network pass.
 */
import type { ControlException, Intent, TunnelBlockage, TunnelStatus } from "./types.ts";

/** Why nothing passes while nobody is connected. */
export const LOCKDOWN: TunnelBlockage = {
  code: "lockdown",
  message: "Not connected, and lockdown keeps everything closed.",
  remedy: "Connect (nanami up), or turn lockdown off: nanami settings set lockdown off",
};

/** What is in force at rest: an intent without peers. */
export function lockdownIntent(control: readonly ControlException[], allowLocalNetwork: boolean): Intent {
  return {
    mode: "full_tunnel",
    addresses: [],
    peers: [],
    privatePrefixes: [],
    dns: { servers: [], matchDomains: [] },
    allowLocalNetwork,
    control,
  };
}

/** Whether nobody is connected or connecting: nothing of ours is in force, or lockdown alone. */
export function isAtRest(status: TunnelStatus): boolean {
  return (
    status.state === "disconnected" || (status.state === "blocked" && status.reason.code === LOCKDOWN.code)
  );
}
