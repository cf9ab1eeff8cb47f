/**
 * What the system has of ours: interface, peers, routes, rules, firewall. The parsers are pure; `readSystem` runs
 * the programs, all at once.
 */
import { familyOf, parseAddress, type Family } from "../../wireguard/address.ts";
import { parseDump, type Dump } from "../../wireguard/dump.ts";
import {
  isHostPrefix,
  networkOf,
  parseInterfaceAddress,
  parsePrefix,
  prefixParts,
  type Prefix,
} from "../../wireguard/prefix.ts";
import type { OnLink, Route, Rule } from "../network-state.ts";
import { FIREWALL_TABLE, RULE, TABLE } from "./marks.ts";
import { runProgram } from "./programs.ts";

export interface Link {
  readonly index: number;
  readonly mtu: number;
  readonly up: boolean;
  /** With their length; link-local ones that the kernel made are left out. */
  readonly addresses: readonly string[];
}

export interface ActualState {
  readonly link: Link | null;
  readonly device: Dump | null;
  /** Routes in our table. One that is not of a kind we make has `via` null. */
  readonly routes: readonly ActualRoute[];
  readonly rules: readonly ActualRule[];
  /** What `nft` prints for our table, without counters; null = there is none. */
  readonly firewall: string | null;
}

export interface ActualRoute {
  readonly family: Family;
  readonly to: Prefix;
  readonly metric: number;
  readonly via: Route["via"] | null;
}

/** A rule at one of our priorities; `rule` is null when it is not of a kind we make. */
export interface ActualRule {
  readonly family: Family;
  readonly priority: number;
  readonly rule: Rule | null;
}

/** A system on which nothing of ours is. */
export const NOTHING: ActualState = {
  link: null,
  device: null,
  routes: [],
  rules: [],
  firewall: null,
};

/** Reads everything. Throws an `OperationError` when a program that must work does not. */
export async function readSystem(interfaceName: string): Promise<ActualState> {
  const table = `route show table ${TABLE}`;
  const [v4, v6, dump, firewall] = await Promise.all([
    runProgram("ip", ["-json", "-batch", "-"], {
      input: `address show\nrule show\n${table}\n`,
    }),
    runProgram("ip", ["-6", "-json", "-batch", "-"], {
      input: `rule show\n${table}\n`,
    }),
    runProgram("wg", ["show", interfaceName, "dump"], { mayFail: true }),
    readFirewall(),
  ]);
  const [links = [], rules4 = [], routes4 = []] = jsonLines(v4.stdout);
  const [rules6 = [], routes6 = []] = jsonLines(v6.stdout);
  const device = dump.ok ? parseDump(dump.stdout) : null;
  return {
    link: parseLink(links, interfaceName),
    device: device?.ok === true ? device.value : null,
    routes: [...parseRoutes(routes4, 4, interfaceName), ...parseRoutes(routes6, 6, interfaceName)],
    rules: [...parseRules(rules4, 4), ...parseRules(rules6, 6)],
    firewall,
  };
}

/** What `nft` prints for our table, without counters; null = there is none. */
export async function readFirewall(): Promise<string | null> {
  const args = ["--stateless", "list", "table", "inet", FIREWALL_TABLE];
  const listing = await runProgram("nft", args, { mayFail: true });
  return listing.ok ? listing.stdout : null;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** `ip -json -batch` prints one array a line. */
function jsonLines(text: string): readonly (readonly JsonObject[])[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const value: unknown = JSON.parse(line);
      return Array.isArray(value) ? value.filter(isObject) : [];
    });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null;
}

export function parseLink(links: readonly JsonObject[], name: string): Link | null {
  const link = links.find((candidate) => candidate["ifname"] === name);
  if (link === undefined) return null;
  const flags = Array.isArray(link["flags"]) ? link["flags"] : [];
  const addresses = Array.isArray(link["addr_info"]) ? link["addr_info"].filter(isObject) : [];
  return {
    index: Number(link["ifindex"]),
    mtu: Number(link["mtu"]),
    up: flags.includes("UP"),
    addresses: addresses
      .filter((address) => address["scope"] !== "link")
      .map((address) => parseInterfaceAddress(`${text(address["local"])}/${text(address["prefixlen"])}`))
      .flatMap((parsed) => (parsed.ok ? [parsed.value] : [])),
  };
}

export function parseRules(rules: readonly JsonObject[], family: Family): readonly ActualRule[] {
  const ours: readonly number[] = Object.values(RULE);
  return rules
    .filter((rule) => ours.includes(Number(rule["priority"])))
    .map((rule) => ({ family, priority: Number(rule["priority"]), rule: parseRule(rule, family) }));
}

const RULE_FIELDS = ["priority", "src", "fwmark", "ipproto", "dst", "dstlen", "table", "action", "protocol"];

function parseRule(rule: JsonObject, family: Family): Rule | null {
  const udp = rule["ipproto"] === "udp";
  const to = rule["dst"] === undefined ? null : parsePrefix(destinationOfRule(rule));
  if (Object.keys(rule).some((field) => !RULE_FIELDS.includes(field))) return null;
  const from = rule["src"] === "all" ? null : parseAddress(text(rule["src"]));
  if (from?.ok === false || to?.ok === false || (rule["ipproto"] !== undefined && !udp)) return null;
  const udpTo = udp && to !== null && isHostPrefix(to.value) ? prefixParts(to.value).address : null;
  if (udp && udpTo === null) return null;
  const action = parseAction(rule);
  if (action === null) return null;
  return {
    family,
    priority: Number(rule["priority"]),
    mark: rule["fwmark"] === undefined ? null : Number(rule["fwmark"]),
    udpTo,
    to: udp || to === null ? null : to.value,
    from: from === null ? null : from.value,
    action,
  };
}

/** `ip` leaves out the length of a single address. */
function destinationOfRule(rule: JsonObject): string {
  const to = text(rule["dst"]);
  return `${to}/${text(rule["dstlen"] ?? (to.includes(":") ? 128 : 32))}`;
}

function parseAction(rule: JsonObject): Rule["action"] | null {
  if (rule["action"] === "unreachable") return "unreachable";
  if (rule["table"] === "main") return "main";
  return rule["table"] === String(TABLE) ? "table" : null;
}

export function parseRoutes(
  routes: readonly JsonObject[],
  family: Family,
  interfaceName: string,
): readonly ActualRoute[] {
  return routes.flatMap((route) => {
    const to = destination(route, family);
    if (to === null) return [];
    return [{ family, to, metric: Number(route["metric"] ?? 0), via: parseVia(route, interfaceName) }];
  });
}

function parseVia(route: JsonObject, interfaceName: string): Route["via"] | null {
  if (route["type"] === "unreachable") return { kind: "unreachable" };
  if (route["type"] !== undefined && route["type"] !== "unicast") return null;
  if (route["gateway"] !== undefined || route["via"] !== undefined) return null;
  const name = text(route["dev"]);
  if (name !== interfaceName) return { kind: "link", interface: name };
  const metrics = Array.isArray(route["metrics"]) ? route["metrics"].filter(isObject) : [];
  const mtu = metrics.map((metric) => metric["mtu"]).find((value) => value !== undefined);
  return { kind: "tunnel", mtu: mtu === undefined ? null : Number(mtu) };
}

/**
 * The networks that interfaces other than the tunnel are attached to, from their own addresses: those are facts,
 * while a route in `main` may be what a rogue DHCP server claims. Takes what `os.networkInterfaces()` answers.
 */
export function onLinkNetworks(
  interfaces: Readonly<Record<string, readonly { cidr: string | null; internal: boolean }[] | undefined>>,
  interfaceName: string,
): readonly OnLink[] {
  return Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap(({ cidr, internal }) => {
      const parsed = cidr === null || internal ? null : parseInterfaceAddress(cidr);
      if (parsed?.ok !== true || name === interfaceName || !INTERFACE_NAME.test(name)) return [];
      const prefix = networkOf(parsed.value);
      return isHostPrefix(prefix) ? [] : [{ interface: name, prefix }];
    }),
  );
}

/** Names that can stand in a command of `ip` without meaning something else. */
const INTERFACE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/;

function destination(route: JsonObject, family: Family): Prefix | null {
  const dst = text(route["dst"]);
  if (dst === "default") return (family === 4 ? "0.0.0.0/0" : "::/0") as Prefix;
  const parsed = parsePrefix(dst);
  return parsed.ok && familyOf(parsed.value) === family ? parsed.value : null;
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
