import type { LeakCheckCode } from "../../../src/rpc/diagnostics.ts";

/** Every check of the self-test, in the order in which they are made and read. */
export const LEAK_CHECKS = Object.keys({
  internet4: 0,
  internet6: 0,
  private_network: 0,
  underlay_resolver: 0,
  system_resolver: 0,
  tunnel: 0,
  local_network: 0,
} satisfies Record<LeakCheckCode, 0>) as readonly LeakCheckCode[];
