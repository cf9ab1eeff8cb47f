/** A machine with plain WireGuard, whose owner writes into the file what they like. */
import { fileURLToPath } from "node:url";
import type { Host } from "../../../src/lab/host.ts";
import { quickDown } from "../wg-quick.ts";

const RAW = fileURLToPath(new URL("raw-packets.ts", import.meta.url));
const FILE = "/run/plain.conf";
/** What the file's DNS servers are handed to; these machines ask for no names. */
const BIN = "/run/plain-bin";
const ENVIRONMENT = { PATH: `${BIN}:/usr/sbin:/usr/bin:/sbin:/bin` };

/** Runs `action` while `wg-quick` has the file up on that host. */
export async function withFile<T>(host: Host, file: string, action: () => Promise<T>): Promise<T> {
  const script = [
    `mkdir -p ${BIN}`,
    `printf '#!/bin/sh\\nexec cat > /dev/null\\n' > ${BIN}/resolvconf`,
    `chmod 755 ${BIN}/resolvconf`,
    `umask 077`,
    `cat > ${FILE}`,
  ].join(" && ");
  await host.run("sh", ["-c", script], { input: file });
  await host.run("wg-quick", ["up", FILE], { env: ENVIRONMENT });
  try {
    return await action();
  } finally {
    await quickDown(host, FILE, ENVIRONMENT);
  }
}

/** Replaces what a key of the file says; what it is not in it yet is an error of the test. */
export function edit(file: string, key: string, value: string): string {
  const line = new RegExp(`^${key} = .*$`, "m");
  if (!line.test(file)) throw new Error(`the file has no ${key}`);
  return file.replace(line, `${key} = ${value}`);
}

/** As `edit`, with the addresses behind those that the file has. */
export function claim(file: string, addresses: readonly string[]): string {
  const own = /^Address = (.*)$/m.exec(file)?.[1] ?? "";
  const more = addresses.map((address) => `${address}/${address.includes(":") ? 128 : 32}`);
  return edit(file, "Address", [own, ...more].join(", "));
}

/** Sends a datagram from each of these sources, owned or not, past the host's own opinion. */
export async function sendRaw(
  host: Host,
  sources: readonly string[],
  destination: string,
  port: number,
): Promise<void> {
  await host.run(process.execPath, [RAW, destination, String(port), ...sources]);
}
