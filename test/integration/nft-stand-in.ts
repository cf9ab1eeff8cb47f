/** Puts a script of ours in the place of `nft` on a host of the lab. */
import type { Host } from "../../src/lab/host.ts";
import { filesOfNft } from "../../src/lab/no-firewall.ts";

/** The numbers of the processes that ran the script. */
const RUNS = "/run/nft-runs";

/** Runs the real one from within such a script. */
export const REAL_NFT = 'LD_LIBRARY_PATH=/run/real exec /run/real/nft "$@"';

/**
 * From now on whoever starts on this host finds this script as `nft`, and no library. Dispose to end it and put both back. One
 * that runs already keeps the library if it has it.
 */
export async function standInForNft(device: Host, script: string): Promise<AsyncDisposable> {
  const [library, program] = await filesOfNft(device);
  const place = `mkdir -p /run/real
    cp ${library} ${program} /run/real
    cat > /run/nft
    chmod 755 /run/nft
    mount --bind /run/nft ${program}
    mount --bind /dev/null ${library}`;
  await device.run("sh", ["-ec", place], { input: `#!/bin/sh\necho $$ >> ${RUNS}\n${script}\n` });
  return {
    [Symbol.asyncDispose]: async () => {
      // Those that a killed agent left would change the firewall after whatever comes next.
      await device.run("sh", ["-c", `touch ${RUNS}; kill -9 $(cat ${RUNS}) 2> /dev/null; true`]);
      await device.run("umount", ["--lazy", library, program]);
    },
  };
}
