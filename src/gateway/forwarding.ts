/** Turns the kernel's forwarding on for both families, without costing the host its own IPv6 address. */
import { readdir, readFile, writeFile } from "node:fs/promises";

const NET = "/proc/sys/net";

/**
 * Sets `ip_forward` and IPv6 `forwarding`. A host that forwards ignores router advertisements unless
 * `accept_ra` is 2, and would lose its default route some time later: interfaces that accept them keep doing so.
 */
export async function enableForwarding(): Promise<void> {
  await set("ipv4/ip_forward", "1");
  if ((await get("ipv6/conf/all/forwarding")) === "1") return;
  for (const name of await readdir(`${NET}/ipv6/conf`)) {
    if ((await get(`ipv6/conf/${name}/accept_ra`)) === "1") await set(`ipv6/conf/${name}/accept_ra`, "2");
  }
  await set("ipv6/conf/all/forwarding", "1");
}

async function get(key: string): Promise<string> {
  return (await readFile(`${NET}/${key}`, "utf8")).trim();
}

async function set(key: string, value: string): Promise<void> {
  if ((await get(key)) !== value) await writeFile(`${NET}/${key}`, value);
}
