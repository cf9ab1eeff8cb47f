/**
 * resolvconf(8): a program that writes `resolv.conf` from one record for each interface. Two programs have this name.
 * openresolv can make one record the only one that counts (`-x`). Debian's cannot; but it ends its list of servers
 * after one on loopback, and takes records of `lo` first, so there the loopback forwarder excludes all others. Neither
 * can split by itself. (systemd ships a third, which is `resolvectl` under another name: see `resolved.ts`.)
 */
import { readdir, readFile } from "node:fs/promises";
import { OperationError } from "../operation-error.ts";
import { runProgram } from "../linux/programs.ts";
import type { ForeignNames } from "../types.ts";
import type { Assignment, DnsDriver } from "./driver.ts";
import { otherResolver } from "./foreign-names.ts";
import { openresolvIsFree } from "./openresolv-lock.ts";
import { readResolvConf, resolversOf, searchOf } from "./resolv-conf.ts";

export type Flavour = "openresolv" | "debian-resolvconf";

/** Where each keeps its records. */
const RECORDS = {
  openresolv: "/run/resolvconf/interfaces",
  "debian-resolvconf": "/run/resolvconf/interface",
} as const satisfies Record<Flavour, string>;

/** Which of the programs prints this as its version; null for one that is neither, systemd's above all. */
export function flavourOf(version: string): Flavour | null {
  if (version.startsWith("openresolv ")) return "openresolv";
  return version.startsWith("Debian resolvconf ") ? "debian-resolvconf" : null;
}

export class Resolvconf implements DnsDriver {
  readonly manager: Flavour;
  readonly splits = false;
  readonly excludes: boolean;
  readonly #path: string;
  readonly #name: string;

  /** `path`: the file that it writes in the end. */
  constructor(flavour: Flavour, interfaceName: string, path: string) {
    this.manager = flavour;
    this.excludes = flavour === "openresolv";
    this.#path = path;
    this.#name = flavour === "openresolv" ? `${interfaceName}.nanami` : "lo.nanami";
  }

  async set(assignment: Assignment): Promise<boolean> {
    await this.#othersAreDone();
    const records = await this.#records();
    const given = records.filter(({ name }) => name !== this.#name).map(({ text }) => text);
    const search = assignment.keepsSearch && this.excludes ? searchOf(given.join("\n")) : [];
    const lines = assignment.servers.slice(0, 3).map((server) => `nameserver ${server}`);
    const text = [...search, ...lines, ""].join("\n");
    const current = records.find(({ name }) => name === this.#name)?.text;
    const recorded = current?.trimEnd() === text.trimEnd();
    if (recorded && (await this.#isAsked(assignment))) return false;
    const exclusive = this.excludes ? ["-m", "0", "-x"] : [];
    // A record that is there already is not written out again by itself.
    if (recorded) await runProgram("resolvconf", ["-u"], {});
    else await runProgram("resolvconf", [...exclusive, "-a", this.#name], { input: text });
    if (!(await this.#isAsked(assignment)))
      throw new OperationError({
        code: "resolver_refused",
        message: `resolvconf took our record, and ${this.#path} still names others.`,
        remedy: "Look at the configuration of resolvconf; meanwhile the file is written directly.",
      });
    return true;
  }

  async revert(): Promise<void> {
    await this.#othersAreDone();
    if ((await this.#records()).some(({ name }) => name === this.#name))
      await runProgram("resolvconf", ["-d", this.#name], {});
  }

  async others(): Promise<readonly string[]> {
    const records = (await this.#records()).filter(({ name }) => name !== this.#name);
    return [...new Set(records.flatMap(({ text }) => resolversOf(text)))];
  }

  async differences(assignment: Assignment): Promise<readonly ForeignNames[]> {
    const named = await this.#named();
    if (named.join() === wantedOf(assignment).join()) return [];
    return [otherResolver(this.#path, named, assignment.servers, "somebody changed resolvconf's records")];
  }

  /** What another run is about to write is looked at once it is written. */
  async #othersAreDone(): Promise<void> {
    if (this.manager === "openresolv") await openresolvIsFree();
  }

  async #isAsked(assignment: Assignment): Promise<boolean> {
    return (await this.#named()).join() === wantedOf(assignment).join();
  }

  async #named(): Promise<readonly string[]> {
    const text = await readResolvConf(this.#path);
    return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1] ?? "");
  }

  async #records(): Promise<readonly { readonly name: string; readonly text: string }[]> {
    const folder = RECORDS[this.manager];
    const names = await readdir(folder).catch(() => []);
    return await Promise.all(
      names.map(async (name) => ({
        name,
        text: await readFile(`${folder}/${name}`, "utf8").catch(() => ""),
      })),
    );
  }
}

function wantedOf({ servers }: Assignment): readonly string[] {
  return servers.slice(0, 3);
}
