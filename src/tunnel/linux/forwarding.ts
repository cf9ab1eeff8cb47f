/** Whether this machine forwards packets of others: of containers, virtual machines, or a network that it shares. */
import { readdirSync } from "node:fs";
import { readSysctls } from "./sysctl.ts";

/** By family what may make an interface forward; `force_forwarding` since Linux 6.17. */
const SWITCHES = { ipv4: ["forwarding"], ipv6: ["forwarding", "force_forwarding"] } as const;
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
  const paths = SWITCHES[family].map((one) => `net/${family}/conf/${name}/${one}`);
  return Object.values(readSysctls(paths)).some((value) => value !== "0");
}

function interfacesOf(family: (typeof FAMILIES)[number]): readonly string[] {
  try {
    return readdirSync(`/proc/sys/net/${family}/conf`);
  } catch {
    // A kernel without this family.
    return [];
  }
}
