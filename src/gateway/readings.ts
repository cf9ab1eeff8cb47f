/** What the programs say about the system, parsed. Pure. */
import { z } from "zod";
import { parseAddress } from "../wireguard/address.ts";
import { parseInterfaceAddress, parsePrefix, type Prefix } from "../wireguard/prefix.ts";
import type { LinkReading } from "./plan.ts";
import type { SetElements } from "./ruleset.ts";

const Listing = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) });
const ListedSet = z.object({
  name: z.string(),
  flags: z.array(z.string()).optional(),
  elem: z.array(z.unknown()).optional(),
});
const ListedPrefix = z.object({ addr: z.string(), len: z.number() });
const ListedCounter = z.object({ name: z.string(), packets: z.number() });

/** Our table as `nft -j list table` shows it. */
export interface TableReading {
  /** Everything but elements, counters' values and handles; two tables with the same rules have the same text. */
  readonly skeleton: string;
  /** Without the sets that the kernel fills by itself. */
  readonly sets: SetElements;
  /** Packets, by name of the counter. */
  readonly counters: ReadonlyMap<string, number>;
}

/** Parses `nft -j list table`. Throws when nft speaks another language than we know. */
export function parseTable(text: string): TableReading {
  const sets = new Map<string, ReadonlySet<string>>();
  const counters = new Map<string, number>();
  const skeleton: unknown[] = [];
  for (const item of Listing.parse(JSON.parse(text)).nftables) {
    if (item["metainfo"] !== undefined) continue;
    if (item["counter"] !== undefined) {
      const counter = ListedCounter.parse(item["counter"]);
      counters.set(counter.name, counter.packets);
      skeleton.push(counter.name);
    } else if (item["set"] !== undefined) {
      const set = ListedSet.parse(item["set"]);
      // The flag `dynamic` is not listed by every version; only sets that the kernel fills forget.
      if (set.flags?.includes("timeout") !== true)
        sets.set(set.name, new Set((set.elem ?? []).map((element) => elementText(element))));
      skeleton.push({ ...item["set"], elem: undefined, handle: undefined });
    } else {
      skeleton.push(item);
    }
  }
  const plain = JSON.stringify(skeleton, (key, value: unknown) => (key === "handle" ? undefined : value));
  return { skeleton: plain, sets, counters };
}

/**
 * One address, prefix, port or concatenation of them as `nft -j` writes it, as text. By hand: a table has tens of
 * thousands.
 */
function elementText(element: unknown): string {
  if (typeof element === "string" || typeof element === "number") return String(element);
  if (typeof element === "object" && element !== null) {
    if ("concat" in element && Array.isArray(element.concat))
      return element.concat.map(elementText).join(" . ");
    if ("prefix" in element) {
      const { addr, len } = ListedPrefix.parse(element.prefix);
      return `${addr}/${len}`;
    }
  }
  throw new Error(`nft lists an element that we never wrote: ${JSON.stringify(element).slice(0, 200)}`);
}

/** Whether two tables hold the same elements. */
export function sameSets(a: SetElements, b: SetElements): boolean {
  return [...new Set([...a.keys(), ...b.keys()])].every((name) => {
    const [one, other] = [a.get(name) ?? new Set<string>(), b.get(name) ?? new Set<string>()];
    return one.size === other.size && [...one].every((element) => other.has(element));
  });
}

const Links = z.array(
  z.object({
    ifname: z.string().optional(),
    mtu: z.number().optional(),
    flags: z.array(z.string()).optional(),
    addr_info: z
      .array(
        z.object({
          local: z.string().optional(),
          prefixlen: z.number().optional(),
          scope: z.string().optional(),
        }),
      )
      .optional(),
  }),
);
const Routes = z.array(z.object({ dst: z.string(), protocol: z.string().optional() }));

/**
 * Parses what `ip -j -batch` prints, one array a line: for `both` the address and the IPv4 routes of one
 * interface, for `routes6` its IPv6 routes. Null where the interface is missing.
 */
export function parseInterface(name: string, both: string, routes6: string): LinkReading | null {
  const [links = "[]", routes4 = "[]"] = lines(both);
  const link = Links.parse(JSON.parse(links)).find((one) => one.ifname === name);
  if (link === undefined) return null;
  return {
    up: link.flags?.includes("UP") === true,
    mtu: link.mtu ?? 0,
    addresses: (link.addr_info ?? [])
      .filter((address) => address.scope !== "link")
      .map((address) => parseInterfaceAddress(`${address.local ?? ""}/${address.prefixlen ?? ""}`))
      .flatMap((parsed) => (parsed.ok ? [parsed.value as string as Prefix] : [])),
    routes: [routes4, ...lines(routes6)]
      .flatMap((text) => Routes.parse(JSON.parse(text)))
      .filter((route) => route.protocol !== "kernel")
      .map((route) => parsePrefix(route.dst))
      .flatMap((parsed) => (parsed.ok ? [parsed.value] : [])),
  };
}

function lines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

const RefusedBy = z.object({
  nftables: z.array(
    z.object({
      set: z
        .object({
          elem: z
            .array(
              z.object({ elem: z.object({ val: z.string(), counter: z.object({ packets: z.number() }) }) }),
            )
            .optional(),
        })
        .optional(),
    }),
  ),
});

/** Parses `nft -j list set … refused_by4`: packets refused in the last hour, by overlay address. */
export function parseRefusedBy(text: string): ReadonlyMap<string, number> {
  const elements = RefusedBy.parse(JSON.parse(text)).nftables.flatMap((item) => item.set?.elem ?? []);
  return new Map(
    elements.flatMap(({ elem }) => {
      const address = parseAddress(elem.val);
      return address.ok ? [[address.value, elem.counter.packets] as const] : [];
    }),
  );
}
