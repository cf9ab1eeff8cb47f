/** The kernel's own answers: where packets go (`ip route get`), and which rules it asks before ours. */
import type { Address } from "../../wireguard/address.ts";
import type { Way } from "../explain.ts";
import { RULE, TABLE } from "./marks.ts";
import { runProgram } from "./programs.ts";

export interface KernelRoute {
  readonly way: Way;
  readonly table: string;
  readonly interface: string | null;
  readonly gateway: string | null;
  readonly source: string | null;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Where the kernel sends an unmarked packet of this user. */
export async function kernelRoute(address: Address, uid: number, tunnel: string): Promise<KernelRoute> {
  const args = ["-json", "route", "get", address, "uid", String(uid)];
  const { ok, stdout } = await runProgram("ip", args, { mayFail: true });
  return parseKernelRoute(ok ? stdout : "[]", tunnel);
}

/** Reads what `ip -json route get` prints; an empty list (it failed) means unreachable. */
export function parseKernelRoute(text: string, tunnel: string): KernelRoute {
  const [route] = JSON.parse(text === "" ? "[]" : text) as readonly JsonObject[];
  const word = (name: string): string | null => {
    const value = route?.[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : null;
  };
  const type = word("type") ?? "unicast";
  const facts = {
    table: word("table") ?? (type === "local" ? "local" : "main"),
    interface: word("dev"),
    gateway: word("gateway"),
    source: word("prefsrc"),
  };
  if (route === undefined) return { ...facts, table: "-", way: "refused" };
  if (["unreachable", "prohibit", "blackhole"].includes(type)) return { ...facts, way: "refused" };
  if (type === "local" || facts.interface === "lo") return { ...facts, way: "loopback" };
  if (facts.interface === tunnel) return { ...facts, way: "tunnel" };
  return { ...facts, way: facts.table === String(TABLE) ? "local" : "direct" };
}

/** Rules that the kernel asks before ours, as `ip rule` would say them. The one for local addresses is no concern. */
export async function rulesBeforeOurs(): Promise<readonly string[]> {
  const lists = await Promise.all(
    (["-4", "-6"] as const).map(async (family) => {
      const { stdout } = await runProgram("ip", [family, "-json", "rule", "show"], {});
      return (JSON.parse(stdout) as readonly JsonObject[])
        .filter((rule) => isForeign(Number(rule["priority"]), rule))
        .map((rule) => describe(family, rule));
    }),
  );
  return lists.flat();
}

function isForeign(priority: number, rule: JsonObject): boolean {
  return priority > 0 && priority < RULE.nestedEndpoint && rule["l3mdev"] === undefined;
}

function describe(family: string, rule: JsonObject): string {
  const word = (name: string): string => {
    const value = rule[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  };
  const length = word("dstlen") === "" ? "" : `/${word("dstlen")}`;
  const to = word("dst") === "" ? "everything" : `${word("dst")}${length}`;
  return `${family === "-4" ? "IPv4" : "IPv6"} rule ${word("priority")}: ${to} by table ${word("table")}`;
}
