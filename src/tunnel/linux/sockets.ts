/**
 * Ends sockets of this machine's programs: each is told that its connection was aborted, at once, also one that sends
 * nothing and would not meet the firewall's refusal for hours. Needs a kernel with `CONFIG_INET_DIAG_DESTROY`; where
 * that is missing nothing happens, and the firewall refuses the next packet of each.
 */
import { filterText, type Filter } from "../exits.ts";
import { CONTROL_MARK } from "./marks.ts";
import { runProgram } from "./programs.ts";

const TCP = ["-t", "state", "synchronized", "exclude", "time-wait"];
/** Bound ones too, of every kind: they would go on sending from an address that is there no more (IPv6 asks nobody). */
const ALL = ["-t", "-u", "-w", "state", "connected", "state", "unconnected"];

/** Ends TCP connections, or sockets of `all` kinds. The agent's own are left alone. Throws an `OperationError`. */
export async function endSockets(filter: Filter, which: "tcp" | "all"): Promise<void> {
  if (filter === false) return;
  const kinds = which === "tcp" ? TCP : ALL;
  await runProgram("ss", ["-K", "-H", "-n", ...kinds, "-F", "-"], {
    input: filterText(filter, CONTROL_MARK),
  });
}
