/** `wg-quick`, where the next one of the same name may follow at once. */
import { basename } from "node:path";
import type { Host } from "../../src/lab/host.ts";

/** Ends what `wg-quick up` began with this file. */
export async function quickDown(
  host: Host,
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await host.run("wg-quick", ["down", file], { env });
  // On its way out wireguard-go removes its socket by name, and that must not be the next one's.
  const socket = `/var/run/wireguard/${basename(file, ".conf")}.sock`;
  await host.run("timeout", ["10", "sh", "-c", `while [ -e ${socket} ]; do sleep 0.01; done`]);
}
