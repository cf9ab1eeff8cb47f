import type { Host } from "./host.ts";

/** Where nft and its library are: two lines. */
const FIND = "ldconfig -p | sed -n 's/.*libnftables\\.so\\.1 .*=> //p'; command -v nft";

/** The files that nft consists of: its library and its program. */
export async function filesOfNft(host: Host): Promise<readonly [library: string, program: string]> {
  const [library = "", program = ""] = (await host.run("sh", ["-c", FIND])).trim().split("\n");
  return [library, program];
}

/**
 * Takes from a host, for its programs that start from now on, what makes firewalls: nft and its library, as if the
 * package was not installed. Answers with what gives them back.
 */
export async function withoutFirewall(host: Host): Promise<() => Promise<void>> {
  const files = await filesOfNft(host);
  for (const file of files) await host.run("mount", ["--bind", "/dev/null", file]);
  return async () => {
    for (const file of files) await host.run("umount", [file]);
  };
}
