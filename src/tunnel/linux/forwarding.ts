/** Whether this machine forwards packets of others: of containers, virtual machines, or a network that it shares. */
import { readdirSync } from "node:fs";
import { readSysctls } from "./sysctl.ts";

const FAMILIES = ["ipv4", "ipv6"] as const;

/** True where any interface forwards, of either family (ip-sysctl: `conf/<interface>/forwarding`). */
export function forwards(): boolean {
  // Who forwards at all mostly forwards everywhere; with hundreds of interfaces the rest takes milliseconds.
  return (
    FAMILIES.some((family) => isOn(family, "all")) ||
    FAMILIES.some((family) => interfacesOf(family).some((name) => isOn(family, name)))
  );
}

function isOn(family: (typeof FAMILIES)[number], name: string): boolean {
  const path = `net/${family}/conf/${name}/forwarding`;
  return (readSysctls([path])[path] ?? "0") !== "0";
}

function interfacesOf(family: (typeof FAMILIES)[number]): readonly string[] {
  try {
    return readdirSync(`/proc/sys/net/${family}/conf`);
  } catch {
    // A kernel without this family.
    return [];
  }
}
