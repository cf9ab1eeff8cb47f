/**
 * Runs on a host of the lab: says what there is, or takes it from none to a state and back, through netlink alone.
 * One JSON line a command.
 */
import { createInterface } from "node:readline";
import { wayOut, applyIp, makeLink, readIp, removeLink } from "../../src/tunnel/linux/netlink/ip.ts";
import { readDump } from "../../src/tunnel/linux/dump.ts";
import { listTable, runNft } from "../../src/tunnel/linux/nft.ts";
import type { IpChange } from "../../src/tunnel/linux/plan-ip.ts";
import { readByUapi, setByUapi } from "../../src/tunnel/linux/uapi.ts";
import { OperationError } from "../../src/tunnel/operation-error.ts";

type Command =
  | { readonly do: "apply"; readonly changes: readonly IpChange[] }
  | { readonly do: "read" }
  | { readonly do: "way"; readonly to: string; readonly mark: number }
  | { readonly do: "make" | "remove"; readonly name: string }
  | { readonly do: "nft"; readonly text: string }
  | {
      readonly do: "wg set";
      readonly words: readonly string[];
      readonly secrets: readonly [string, string][];
    }
  | { readonly do: "wg show" | "wg dump" }
  | { readonly do: "list"; readonly table: string };

async function perform(command: Command): Promise<unknown> {
  switch (command.do) {
    case "apply":
      applyIp(command.changes);
      return null;
    case "read":
      return readIp("nanami0");
    case "way":
      return wayOut(command.to as never, command.mark);
    case "make":
      return makeLink(command.name, "wireguard");
    case "remove":
      return removeLink(command.name);
    case "nft":
      await runNft(command.text);
      return null;
    case "wg set":
      return setByUapi("nanami0", command.words, new Map(command.secrets));
    case "wg dump":
      return readDump("nanami0");
    case "wg show":
      return readByUapi("nanami0");
    case "list":
      return listTable("inet", command.table);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    const value = await perform(JSON.parse(line) as Command);
    process.stdout.write(`${JSON.stringify({ ok: true, value })}\n`);
  } catch (error) {
    const message = error instanceof OperationError ? error.blockage.message : String(error);
    process.stdout.write(`${JSON.stringify({ ok: false, message })}\n`);
  }
}
