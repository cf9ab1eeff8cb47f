import type { DemoNetwork } from "./demo-network.ts";

/** Whatever goes to or comes from these gateways is lost in the middle of the Internet, from now on; none = all pass. */
export async function silence(network: DemoNetwork, ...gateways: string[]): Promise<void> {
  const set = gateways.map((name) => `"${name}"`).join(", ");
  const drops = set === "" ? "" : `iifname { ${set} } drop; oifname { ${set} } drop`;
  await network.world.host("internet").run("nft", ["-f", "-"], {
    input: `table inet dead {
      }
      delete table inet dead
      table inet dead {
        chain forward {
          type filter hook forward priority -300
          ${drops}
        }
      }
    `,
  });
}
