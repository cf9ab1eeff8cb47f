/**
 * Whether the gateway allows what a profile asks for. It refuses aloud (ICMP, administratively prohibited), so one
 * address of each prefix is asked; silence proves nothing. Asked slowly: a gateway's kernel tells one host about once
 * a second, after a burst of six, that it is refused (icmp(7), `icmp_ratelimit`).
 */
import { setTimeout as pauseFor } from "node:timers/promises";
import type { Heard } from "../tunnel/linux/echo.ts";
import { bytesOf, formatAddress, type Address } from "../wireguard/address.ts";
import { prefixParts, type Prefix } from "../wireguard/prefix.ts";

/** Most prefixes that are asked about, and how many at once. */
const MOST = 16;
const AT_ONCE = 4;
/** How often one address is asked before its silence counts. */
const TRIES = 2;
/** Milliseconds from one request for a prefix to the next, and for which an answer is waited for. */
const BETWEEN_MS = 1200;
const PATIENCE_MS = 1000;
/** Milliseconds after a refusal until the gateway's kernel may tell of another one. */
const REFILL_MS = 1000;
/** Milliseconds after which no more prefixes are begun: somebody waits for the verdict. */
const ENOUGH_MS = 12_000;

/** One address that was asked, and what was heard. */
export interface Asking {
  readonly address: Address;
  readonly heard: Heard;
}

/** What became of a prefix. */
export interface AskedPrefix {
  readonly prefix: Prefix;
  readonly asked: readonly Asking[];
}

/**
 * The addresses that stand for a prefix: its first host, and its last one, for the first may be the gateway itself,
 * which refuses to be spoken to. One for a prefix of one or two hosts; none for a default route or half of one.
 */
export function addressesIn(prefix: Prefix): readonly Address[] {
  const { address, length } = prefixParts(prefix);
  const first = bytesOf(address);
  const hostBits = first.length * 8 - length;
  if (length <= 1) return [];
  if (hostBits <= 1) return [address];
  const last = first.map((byte, index) => byte | (0xff >> Math.min(8, Math.max(0, length - index * 8))));
  const end = first.length - 1;
  return [
    formatAddress(first.with(end, (first[end] ?? 0) | 1)),
    formatAddress(last.with(end, (last[end] ?? 0) & 0xfe)),
  ];
}

/** The address to ask next; undefined = enough is known. Pure. */
export function nextToAsk({ prefix, asked }: AskedPrefix): Address | undefined {
  if (asked.some(({ heard }) => heard === "answer")) return undefined;
  for (const address of addressesIn(prefix)) {
    const heard = asked.filter((one) => one.address === address).map((one) => one.heard);
    if (heard.includes("refused")) continue;
    return heard.length < TRIES ? address : undefined;
  }
  return undefined;
}

/** Whether the gateway does not allow the prefix: each address that stands for it was refused. Pure. */
export function isRefused({ prefix, asked }: AskedPrefix): boolean {
  const addresses = addressesIn(prefix);
  return (
    addresses.length > 0 &&
    addresses.every((address) => asked.some((one) => one.address === address && one.heard === "refused")) &&
    asked.every(({ heard }) => heard !== "answer")
  );
}

/** Asks about the prefixes, sixteen at most; those for which there was no time are left out. */
export async function askPrefixes(
  prefixes: readonly Prefix[],
  ask: (address: Address, patienceMs: number) => Promise<Heard>,
): Promise<readonly AskedPrefix[]> {
  const wanted = prefixes.filter((prefix) => addressesIn(prefix).length > 0).slice(0, MOST);
  const done: AskedPrefix[] = [];
  const started = performance.now();
  for (let index = 0; index < wanted.length; index += AT_ONCE) {
    if (performance.now() - started > ENOUGH_MS) break;
    const batch = await Promise.all(wanted.slice(index, index + AT_ONCE).map((one) => askOne(one, ask)));
    done.push(...batch);
    const refusals = batch.flatMap(({ asked }) => asked).filter(({ heard }) => heard === "refused").length;
    if (index + AT_ONCE < wanted.length) await pauseFor(refusals * REFILL_MS);
  }
  return done;
}

async function askOne(
  prefix: Prefix,
  ask: (address: Address, patienceMs: number) => Promise<Heard>,
): Promise<AskedPrefix> {
  const asked: Asking[] = [];
  for (let address = nextToAsk({ prefix, asked }); address !== undefined;) {
    const sent = performance.now();
    asked.push({ address, heard: await ask(address, PATIENCE_MS) });
    address = nextToAsk({ prefix, asked });
    if (address !== undefined) await pauseFor(Math.max(0, BETWEEN_MS - (performance.now() - sent)));
  }
  return { prefix, asked };
}
