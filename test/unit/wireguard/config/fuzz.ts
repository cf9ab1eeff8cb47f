/** A fast fuzzer for the reading of configuration files: damaged samples, and what must hold for each. */
import { checkConfig } from "../../../../src/wireguard/config/check.ts";
import { writeConfig } from "../../../../src/wireguard/config/writer.ts";
import { SAMPLES } from "./files.ts";
import { reveal, showsSecret } from "./reveal.ts";

export interface FuzzResult {
  readonly inputs: number;
  readonly accepted: number;
  /** Different sets of findings seen: a fuzzer that always sees the same is none. */
  readonly outcomes: number;
}

/** Small enough that a great many can be tried. */
const SMALL = SAMPLES.filter(({ bytes }) => bytes.length < 1200);
const SEEDS = SMALL.map(({ bytes }) => bytes);
const SOUND = SMALL.filter(({ verdict }) => verdict !== "refused").map(({ bytes }) => bytes);
/** Pieces that mean something to some parser. */
const PIECES = [
  "[Interface]\n",
  "[Peer]\n",
  "PrivateKey = ",
  "PublicKey = ",
  "AllowedIPs = ",
  "Endpoint = ",
  "PostUp = id\n",
  "\n",
  "\r\n",
  "\r",
  "=",
  ",",
  "#",
  "[",
  "]",
  "/0",
  "/",
  "::",
  ":",
  ".",
  "%",
  "+",
  "-",
  "0",
  " ",
  "\t",
  "\0",
  "\ufeff",
  "\u202e",
  "0.0.0.0/0",
  "::ffff:1.2.3.4",
  "localhost",
].map((text) => Buffer.from(text));

/**
 * Tries `count` inputs. Throws with the seed, the number and the input (base64) when a check throws, accepts with an
 * error, refuses without one, prints a secret, works longer than its size allows, or when what it accepted is not
 * read back as written.
 */
export function fuzz(count: number, seed: number): FuzzResult {
  const random = randomNumbers(seed);
  const outcomes = new Set<string>();
  let accepted = 0;
  for (let index = 0; index < count; index += 1) {
    const input = damage(random);
    try {
      const { verdict, outcome } = hold(input);
      if (verdict !== "refused") accepted += 1;
      outcomes.add(outcome);
    } catch (error) {
      const base64 = Buffer.from(input).toString("base64");
      throw new Error(`fuzz: seed ${seed}, input ${index}: ${base64}`, { cause: error });
    }
  }
  return { inputs: count, accepted, outcomes: outcomes.size };
}

function hold(input: Uint8Array): { verdict: string; outcome: string } {
  const checked = checkConfig(input);
  const { verdict, findings, config, steps } = checked;
  const errors = findings.some(({ severity }) => severity === "error");
  if (errors !== (verdict === "refused") || errors !== (config === null))
    throw new Error("verdict and findings differ");
  if (showsSecret(checked)) throw new Error("a secret is shown");
  if (steps > 40 * (input.length + 1)) throw new Error(`${steps} steps`);
  if (config !== null) {
    const again = checkConfig(Buffer.from(writeConfig(config))).config;
    if (again === null || JSON.stringify(reveal(again)) !== JSON.stringify(reveal(config)))
      throw new Error("not read back as written");
  }
  return { verdict, outcome: findings.map(({ code }) => code).join() };
}

type Random = (below: number) => number;

/** Half of the edits take, double or move whole lines: what comes out is often a sound file still. */
function damage(random: Random): Uint8Array {
  let bytes = pick(random(3) === 0 ? SEEDS : SOUND, random);
  for (let edits = 1 + random(4); edits > 0; edits -= 1) {
    const at = random(bytes.length + 1);
    if (random(2) === 0) bytes = replaceLine(bytes, at, random);
    else {
      const cut = random(3) === 0 ? random(40) : random(3);
      bytes = Buffer.concat([bytes.subarray(0, at), insertion(random), bytes.subarray(at + cut)]);
    }
  }
  return bytes;
}

function replaceLine(bytes: Uint8Array, at: number, random: Random): Uint8Array {
  const line = lineAt(bytes, at);
  const other = pick(SOUND, random);
  const put = lineAt(other, random(other.length + 1));
  const end = random(2) === 0 ? line.begin : line.end;
  return Buffer.concat([
    bytes.subarray(0, line.begin),
    other.subarray(put.begin, put.end),
    bytes.subarray(end),
  ]);
}

/** The line around a position, its end included. */
function lineAt(bytes: Uint8Array, at: number): { readonly begin: number; readonly end: number } {
  const begin = at === 0 ? 0 : bytes.lastIndexOf(10, at - 1) + 1;
  const end = bytes.indexOf(10, at);
  return { begin, end: end === -1 ? bytes.length : end + 1 };
}

function insertion(random: Random): Uint8Array {
  switch (random(4)) {
    case 0:
      return Buffer.of(random(256));
    case 1:
      return pick(PIECES, random);
    case 2: {
      const other = pick(SEEDS, random);
      const from = random(other.length + 1);
      return other.subarray(from, from + random(120));
    }
    default:
      return Buffer.alloc(0);
  }
}

function pick(list: readonly Uint8Array[], random: Random): Uint8Array {
  return list[random(list.length)] ?? Buffer.alloc(0);
}

/** Repeatable numbers (xorshift32): the seed brings the same inputs again. */
function randomNumbers(seed: number): Random {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
