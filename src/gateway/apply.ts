/**
 * Brings a state into force on this host and reads back that it is. The order never opens anything: identities
 * that go are taken from WireGuard, then the firewall changes in one transaction, then new identities come in.
 * The very first step on a fresh host is a firewall that lets nothing through, before there is an interface.
 */
import { parseDump, type Dump } from "../wireguard/dump.ts";
import type { PublicKey, SecretKey } from "../wireguard/keys.ts";
import type { CheckedState } from "./check-state.ts";
import { enableForwarding } from "./forwarding.ts";
import { interfaceCommands, wireguardChange, type LinkReading } from "./plan.ts";
import { CONFIG_PATH, ProgramError, run, startDetached } from "./programs.ts";
import { parseInterface, parseRefusedBy, parseTable, sameSets, type TableReading } from "./readings.ts";
import { rulesetOf, TABLE, type Ruleset } from "./ruleset.ts";
import { changeTransaction, wholeTransaction } from "./transaction.ts";

/** Public keys in one argument vector; the kernel takes 2 MB of arguments. */
const REMOVALS_AT_ONCE = 2_000;

/** What WireGuard and the interface have; both null where there is no such interface. */
interface Reading {
  readonly dump: Dump | null;
  readonly link: LinkReading | null;
}

/** One gateway's hold on the kernel. Calls must not overlap; the agent makes one at a time. */
export class Driver {
  readonly #interface: string;
  readonly #privateKey: SecretKey;
  /**
   * What we wrote last, and how nft listed the rules then: any other listing means that somebody changed them.
   * Null when in doubt; the next change then writes everything anew.
   */
  #written: { readonly ruleset: Ruleset; readonly listing: string } | null = null;

  constructor(interfaceName: string, privateKey: SecretKey) {
    this.#interface = interfaceName;
    this.#privateKey = privateKey;
  }

  /**
   * Brings `state` into force; null = nothing may pass and no peer is known. Resolves after everything was read
   * back. Throws a `ProgramError`; what is then in force never lets through more than the old and the new state do.
   */
  async apply(state: CheckedState | null): Promise<void> {
    const ruleset = rulesetOf(state, this.#interface);
    const before = await this.#read();
    if (before.dump !== null)
      await this.#removePeers(wireguardChange(before.dump, state, this.#privateKey).remove);
    await this.#applyFirewall(ruleset);
    if (state !== null) await this.#applyOverlay(state, before);
    const problem = await this.#compare(state, ruleset);
    if (problem !== null) throw new ProgramError(problem);
  }

  async #applyOverlay(state: CheckedState, before: Reading): Promise<void> {
    if (before.dump === null) await this.#createInterface();
    const { dump, link } = before.dump === null ? await this.#read() : before;
    if (dump === null || link === null) throw new ProgramError(`the interface ${this.#interface} is missing`);
    const { config } = wireguardChange(dump, state, this.#privateKey);
    if (config !== "") await run("wg", ["addconf", this.#interface, CONFIG_PATH], { config });
    const commands = interfaceCommands(link, state, this.#interface);
    if (commands.length > 0) await run("ip", ["-batch", "-"], { input: commands.join("\n") + "\n" });
    await enableForwarding();
  }

  /** Compares the system with what should be in force: null when they agree, else what differs, for a person. */
  problem(state: CheckedState | null): Promise<string | null> {
    return this.#compare(state, rulesetOf(state, this.#interface));
  }

  async #compare(state: CheckedState | null, ruleset: Ruleset): Promise<string | null> {
    const [table, { dump, link }] = await Promise.all([this.#table(), this.#read()]);
    const problem = this.#firewallProblem(table, ruleset);
    if (problem !== null) {
      this.#written = null;
      return problem;
    }
    if (state === null) return dump === null || dump.peers.length === 0 ? null : "WireGuard still has peers";
    if (dump === null || link === null) return `the interface ${this.#interface} is missing`;
    const change = wireguardChange(dump, state, this.#privateKey);
    if (change.remove.length > 0 || change.config !== "") return "somebody changed the peers of WireGuard";
    return interfaceCommands(link, state, this.#interface).length > 0
      ? `somebody changed the addresses or routes of ${this.#interface}`
      : null;
  }

  #firewallProblem(table: TableReading | null, ruleset: Ruleset): string | null {
    if (table === null) return `the firewall table ${TABLE} is missing`;
    if (this.#written?.ruleset.skeleton !== ruleset.skeleton || this.#written.listing !== table.skeleton)
      return "somebody changed the rules of the firewall";
    return sameSets(table.sets, ruleset.sets) ? null : "somebody changed the grants in the firewall";
  }

  /** Packets by reason since the table was written, and by overlay address in the last hour. */
  async refusals(): Promise<{
    readonly byReason: ReadonlyMap<string, number>;
    readonly byAddress: ReadonlyMap<string, number>;
  }> {
    const sets = await Promise.all(
      ["refused_by4", "refused_by6"].map((name) => run("nft", ["-j", "list", "set", "inet", TABLE, name])),
    );
    const table = await this.#table();
    return {
      byReason: table?.counters ?? new Map(),
      byAddress: new Map(sets.flatMap((text) => [...parseRefusedBy(text)])),
    };
  }

  /** Differences where our rules stand, everything anew otherwise or in doubt; one transaction either way. */
  async #applyFirewall(ruleset: Ruleset): Promise<void> {
    const written = this.#written;
    this.#written = null;
    if (written?.ruleset.skeleton === ruleset.skeleton) {
      const change = changeTransaction(written.ruleset.sets, ruleset.sets);
      // It fails when somebody took out an element that should go now; then the whole is written.
      const done = change === "" ? "" : await maybe(run("nft", ["-f", "-"], { input: change }));
      if (done !== null) {
        this.#written = { ruleset, listing: written.listing };
        return;
      }
    }
    await run("nft", ["-f", "-"], { input: wholeTransaction(ruleset) });
    const table = await this.#table();
    if (table === null) throw new ProgramError(`the firewall table ${TABLE} vanished while it was written`);
    this.#written = { ruleset, listing: table.skeleton };
  }

  async #table(): Promise<TableReading | null> {
    const text = await maybe(run("nft", ["-j", "list", "table", "inet", TABLE]));
    return text === null ? null : parseTable(text);
  }

  async #read(): Promise<Reading> {
    const show = (args: readonly string[], ...subjects: string[]) =>
      maybe(
        run("ip", [...args, "-j", "-batch", "-"], {
          input: subjects.map((subject) => `${subject} show dev ${this.#interface}\n`).join(""),
        }),
      );
    const [text, both, routes6] = await Promise.all([
      maybe(run("wg", ["show", this.#interface, "dump"])),
      show([], "address", "route"),
      show(["-6"], "route"),
    ]);
    if (text === null) return { dump: null, link: null };
    const dump = parseDump(text);
    if (!dump.ok) throw new ProgramError(dump.message);
    return { dump: dump.value, link: parseInterface(this.#interface, both ?? "", routes6 ?? "") };
  }

  async #removePeers(keys: readonly PublicKey[]): Promise<void> {
    for (let start = 0; start < keys.length; start += REMOVALS_AT_ONCE) {
      const some = keys.slice(start, start + REMOVALS_AT_ONCE);
      await run("wg", ["set", this.#interface, ...some.flatMap((key) => ["peer", key, "remove"])]);
    }
  }

  /** The kernel's WireGuard where it has one, else the one in user space. */
  async #createInterface(): Promise<void> {
    const kernel = await maybe(run("ip", ["link", "add", this.#interface, "type", "wireguard"]));
    if (kernel === null) await startDetached("wireguard-go", [this.#interface]);
    await run("ip", ["link", "set", this.#interface, "addrgenmode", "none"]);
  }
}

/** Null where the program says no: what was asked for does not exist. */
async function maybe(answer: Promise<string>): Promise<string | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ProgramError) return null;
    throw error;
  }
}
