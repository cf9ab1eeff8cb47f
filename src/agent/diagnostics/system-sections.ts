/** What the system's own programs say, for a bundle. Each is asked once; one that fails is said to. */
import { readFile } from "node:fs/promises";
import { hostname, release, arch } from "node:os";
import { FIREWALL_TABLE, TABLE } from "../../tunnel/linux/marks.ts";
import { runProgram, type Program } from "../../tunnel/linux/programs.ts";
import type { Section } from "./bundle.ts";

export interface SystemSections {
  readonly sections: readonly Section[];
  /** Names that stand in them. */
  readonly names: readonly string[];
}

/** Asks them all. `version`: the agent's own. */
export async function systemSections(
  version: string,
  resolvConf = "/etc/resolv.conf",
): Promise<SystemSections> {
  const [versions, addresses, routes, rules, firewall, resolver] = await Promise.all([
    all([
      ["ip", ["-V"]],
      ["nft", ["--version"]],
      ["wg", ["--version"]],
    ]),
    all([["ip", ["address", "show"]]]),
    all(
      (["-4", "-6"] as const).flatMap((family) =>
        (["main", String(TABLE)] as const).map(
          (table) => ["ip", [family, "route", "show", "table", table]] as const,
        ),
      ),
    ),
    all([
      ["ip", ["-4", "rule", "show"]],
      ["ip", ["-6", "rule", "show"]],
    ]),
    all([["nft", ["list", "table", "inet", FIREWALL_TABLE]]]),
    readFile(resolvConf, "utf8").catch((error: unknown) => `cannot be read: ${String(error)}`),
  ]);
  const own = `nanami ${version}\nnode ${process.version}\nkernel ${release()} ${arch()}\n`;
  return {
    sections: [
      { name: "versions", text: `${own}${versions}` },
      { name: "addresses", text: addresses },
      { name: "routes", text: routes },
      { name: "rules", text: rules },
      { name: "firewall", text: firewall },
      { name: "resolver", text: resolver },
    ],
    names: [hostname(), ...searchedDomains(resolver)],
  };
}

async function all(commands: readonly (readonly [Program, readonly string[]])[]): Promise<string> {
  const texts = await Promise.all(
    commands.map(async ([program, args]) => {
      try {
        const { ok, stdout, stderr } = await runProgram(program, args, { mayFail: true });
        return `$ ${program} ${args.join(" ")}\n${ok ? stdout : stderr}`;
      } catch (error) {
        return `$ ${program} ${args.join(" ")}\n${error instanceof Error ? error.message : String(error)}\n`;
      }
    }),
  );
  return texts.join("\n");
}

function searchedDomains(resolvConf: string): readonly string[] {
  return resolvConf
    .split("\n")
    .flatMap((line) => /^(?:search|domain)[ \t]+(.+)$/.exec(line)?.[1]?.split(/[ \t]+/) ?? []);
}
