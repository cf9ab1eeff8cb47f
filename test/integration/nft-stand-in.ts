/** Puts a script of ours in the place of `nft` on a host of the lab. */
import type { Host } from "../../src/lab/host.ts";

/** Where nft and its library are: two lines. */
const FIND = "ldconfig -p | sed -n 's/.*libnftables\\.so\\.1 .*=> //p'; command -v nft";

/** Runs the real one from within such a script. */
export const REAL_NFT = 'LD_LIBRARY_PATH=/run/real exec /run/real/nft "$@"';

/** The files that nft consists of: its library and its program. */
export async function filesOfNft(device: Host): Promise<readonly [library: string, program: string]> {
  const [library = "", program = ""] = (await device.run("sh", ["-c", FIND])).trim().split("\n");
  return [library, program];
}

/**
 * From now on whoever starts on this host finds this script as `nft`, and no library. Dispose to put both back. One that
 * runs already keeps the library if it has it.
 */
export async function standInForNft(device: Host, script: string): Promise<AsyncDisposable> {
  const [library, program] = await filesOfNft(device);
  const place = `mkdir -p /run/real
    cp ${library} ${program} /run/real
    cat > /run/nft
    chmod 755 /run/nft
    mount --bind /run/nft ${program}
    mount --bind /dev/null ${library}`;
  await device.run("sh", ["-ec", place], { input: `#!/bin/sh\n${script}\n` });
  return {
    [Symbol.asyncDispose]: async () => {
      // Lazily: one that was left may still run.
      await device.run("umount", ["--lazy", library, program]);
    },
  };
}
