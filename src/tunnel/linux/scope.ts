/**
 * Where the agent is a service of systemd, what outlives it gets a scope of its own (systemd.scope(5)): by name it is
 * then nobody's child, and stopping, restarting or updating the agent's service does not concern it.
 */
import { existsSync } from "node:fs";
import { onSystemBus, type BusCall } from "../dns/bus.ts";

/** There where systemd is the init system (sd_booted(3)). */
const BOOTED = "/run/systemd/system";

/** What systemd is asked to do: a transient scope with this process in it. Gone when the process is. */
export function scopeCall(pid: number, interfaceName: string): BusCall {
  return {
    destination: "org.freedesktop.systemd1",
    path: "/org/freedesktop/systemd1",
    interface: "org.freedesktop.systemd1.Manager",
    member: "StartTransientUnit",
    signature: "ssa(sv)a(sa(sv))",
    body: [
      // With the process in its name: one of a former interface may still be on its way out.
      `nanami-${interfaceName}-${pid}.scope`,
      "fail",
      [
        ["Description", ["s", `Nanami's tunnel ${interfaceName}`]],
        ["PIDs", ["au", [pid]]],
        ["CollectMode", ["s", "inactive-or-failed"]],
      ],
      [],
    ],
  };
}

/**
 * Asks for it. Says whether systemd agreed; false too where there is none or it cannot be reached: then the process
 * stays in the agent's service, whose unit leaves it alone (`KillMode=process`).
 */
export async function giveScope(pid: number, interfaceName: string): Promise<boolean> {
  if (!existsSync(BOOTED)) return false;
  try {
    return (await onSystemBus((ask) => ask(scopeCall(pid, interfaceName)))) !== null;
  } catch {
    return false;
  }
}
