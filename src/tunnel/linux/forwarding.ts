/** Whether this machine forwards packets of others: of containers, virtual machines, or a network that it shares. */
import { readdirSync } from "node:fs";
import { readSysctls } from "./sysctl.ts";

const FAMILIES = ["ipv4", "ipv6"] as const;

/** True where any interface forwards, of either family (ip-sysctl: `conf/<interface>/forwarding`). */
export function forwards(): boolean {
  return FAMILIES.some((family) => {
    const paths = interfacesOf(family).map((name) => `net/${family}/conf/${name}/forwarding`);
    return Object.values(readSysctls(paths)).some((value) => value !== "0");
  });
}

function interfacesOf(family: (typeof FAMILIES)[number]): readonly string[] {
  try {
    return readdirSync(`/proc/sys/net/${family}/conf`);
  } catch {
    // A kernel without this family.
    return [];
  }
}
