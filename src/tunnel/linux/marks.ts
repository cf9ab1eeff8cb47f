/**
 * The numbers by which Nanami's packets, rules and routes are told from everybody else's. They are fixed, so that
 * what an earlier life of the agent left can be found and continued or removed.
 */

/** Firewall mark W: WireGuard's own (encrypted) packets. */
export const WIREGUARD_MARK = 0x4e414e57;

/** Firewall mark C: the agent's own connections. The agent sets it on its sockets with `SO_MARK`. */
export const CONTROL_MARK = 0x4e414e43;

/** Routing table T. */
export const TABLE = 20033;

/** Priorities of the policy rules, in the order in which the kernel asks them; all before `main` (32766). */
export const RULE = {
  nestedEndpoint: 5100,
  wireguard: 5101,
  wireguardEnd: 5102,
  control: 5103,
  controlEnd: 5104,
  /** The same number: which of both is asked first makes no difference. */
  namesEnd: 5104,
  everything: 5105,
  prefixEnd: 5106,
  everythingEnd: 5107,
  sourceEnd: 5108,
} as const;

/** Metric of routes into the tunnel. */
export const ROUTE_METRIC = 50;
/** Metric of the first route to a local network; further networks count up from it. */
export const LOCAL_METRIC = 100;
/** Metric of the `unreachable` routes that stay when the interface is gone. */
export const UNREACHABLE_METRIC = 4_294_967_295;

/** Name of the nftables table, family `inet`. */
export const FIREWALL_TABLE = "nanami";
