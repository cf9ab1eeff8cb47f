/** Runs on a host of the lab: the Linux driver, closed and without an interface. One JSON line a command. */
import { execFileSync } from "node:child_process";
import { createInterface } from "node:readline";
import { LinuxNetwork } from "../../src/tunnel/linux/network.ts";
import { runNft } from "../../src/tunnel/linux/nft.ts";
import { Record as TunnelRecord } from "../../src/tunnel/record.ts";
import type { Intent } from "../../src/tunnel/types.ts";

type Command =
  | { readonly do: "up" | "close" | "keeps"; readonly intent: Intent }
  | { readonly do: "nft"; readonly text: string }
  /** A program of the system, here and now. */
  | { readonly do: "run"; readonly words: readonly [string, ...string[]] }
  | { readonly do: "clean" | "doubt" | "confirm" | "inspect" };

const [, , folder = ""] = process.argv;
const network = new LinuxNetwork("nanami0", new TunnelRecord(folder));

async function perform(command: Command): Promise<unknown> {
  switch (command.do) {
    case "up":
      return (await network.bringUp(command.intent, true, null, null)).steps.map((step) => step.do);
    case "close":
      await network.close(command.intent, true, null);
      return null;
    case "keeps":
      return network.keeps(command.intent);
    case "nft":
      await runNft(command.text);
      return null;
    case "run": {
      const [file, ...args] = command.words;
      execFileSync(file, args);
      return null;
    }
    case "clean":
      return await network.isClean();
    case "doubt":
      network.doubtFirewall();
      return null;
    case "confirm":
      return await network.confirm();
    case "inspect":
      return await network.inspect();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const value = await perform(JSON.parse(line) as Command);
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
