/**
 * Ends sockets of this machine's programs: each is told that its connection was aborted, at once, also one that sends
 * nothing and would not meet the firewall's refusal for hours. Needs a kernel with `CONFIG_INET_DIAG_DESTROY`; where
 * that is missing the firewall tracks connections, and refuses the next packet of each.
 */
import { filterText, isAbout, type Filter } from "../exits.ts";
import { CONTROL_MARK } from "./marks.ts";
import { connectedUdp, isDestroyKnown } from "./netlink/sock-diag.ts";
import { runProgram } from "./programs.ts";
import { tellUnreachable } from "./unreachable.ts";

const TCP = ["-t", "state", "synchronized", "exclude", "time-wait"];
/** Bound ones too, of every kind: they would go on sending from an address that is there no more (IPv6 asks nobody). */
const ALL = ["-t", "-u", "-w", "state", "connected", "state", "unconnected"];

let known: boolean | undefined;

/** Whether this kernel can; asked once. */
export function canEndSockets(): boolean {
  known ??= isDestroyKnown();
  return known;
}

/** Ends TCP connections, or sockets of `all` kinds. The agent's own are left alone. Throws an `OperationError`. */
export async function endSockets(filter: Filter, which: "tcp" | "all"): Promise<void> {
  if (filter === false) return;
  const kinds = which === "tcp" ? TCP : ALL;
  await runProgram("ss", ["-K", "-H", "-n", ...kinds, "-F", "-"], {
    input: filterText(filter, CONTROL_MARK),
  });
}

/**
 * Tells programs that hold connected UDP sockets, once, that their way is prohibited, as a firewall on it would. They are
 * not ended: many protocols go on from another address by themselves (QUIC, WireGuard).
 */
export function tellSockets(filter: Filter): void {
  if (filter === false) return;
  tellUnreachable(
    connectedUdp().filter(({ local, remote }) => isAbout(filter, local.address, remote.address)),
  );
}
