/**
 * Reading configurations: files per second of one core's time, the worst 64 KiB by size, and the fuzzer.
 * `node test/bench/config.bench.ts` prints the rows.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkConfig } from "../../src/wireguard/config/check.ts";
import { derivePublicKey, generatePrivateKey } from "../../src/wireguard/keys.ts";
import { fuzz } from "../unit/wireguard/config/fuzz.ts";
import { heaviest } from "../unit/wireguard/config/heaviest.ts";
import { median, type BenchRow } from "./row.ts";

const ROUNDS = 9;
const TARGET = 20_000;
const MOST_PER_BYTE = 10;
const FUZZ_INPUTS = 200_000;
/** A provider's zip. */
const FILES = 200;
/** How many of them `wg-quick strip` gets in a round: it takes some hundred times as long. */
const STRIPPED = 10;

const run = promisify(execFile);

export async function bench(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "nanami-"));
  try {
    const zip = ordinaryFiles(generatePrivateKey().reveal());
    const perFile = await compare(
      "check a configuration, a provider's files (one private key)",
      zip,
      folder,
      TARGET,
    );
    const own = await compare(
      "check a configuration, each with a private key of its own (one Curve25519 multiplication each)",
      ordinaryFiles(null),
      folder,
      null,
    );
    return [perFile, own, worst(zip), fuzzing()];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Files as providers hand them out, some 300 bytes each. */
function ordinaryFiles(privateKey: string | null): readonly Uint8Array[] {
  return Array.from({ length: FILES }, (_, index) =>
    Buffer.from(
      [
        "[Interface]",
        `# Device: calm otter ${index}`,
        `PrivateKey = ${privateKey ?? generatePrivateKey().reveal()}`,
        `Address = 10.66.12.${index}/32, fd00:66::12:${index.toString(16)}/128`,
        "DNS = 10.64.0.1",
        "",
        "[Peer]",
        `PublicKey = ${derivePublicKey(generatePrivateKey())}`,
        "AllowedIPs = 0.0.0.0/0, ::/0",
        `Endpoint = 203.0.113.${index}:51820`,
        "PersistentKeepalive = 25",
        "",
      ].join("\n"),
    ),
  );
}

async function compare(
  what: string,
  files: readonly Uint8Array[],
  folder: string,
  target: number | null,
): Promise<BenchRow> {
  const paths = files.slice(0, STRIPPED).map((_, index) => join(folder, `f${index}.conf`));
  for (const [index, path] of paths.entries()) await writeFile(path, files[index] ?? "", { mode: 0o600 });
  const ours: number[] = [];
  const theirs: number[] = [];
  checkAll(files, 10);
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push((files.length * REPEATS) / checkAll(files, REPEATS));
    theirs.push(STRIPPED / (await strip(paths)));
  }
  const checked = median(ours);
  const stripped = median(theirs);
  return {
    what,
    value: `${show(checked)} files/s`,
    against: `wg-quick strip: ${show(stripped)} files/s`,
    ratio: checked / stripped,
    target:
      target === null
        ? `none: the ${show(TARGET)} hold for files of one key; here each costs a multiplication`
        : `at least ${show(target)} files/s on one core`,
    met: target === null ? null : checked >= target,
  };
}

/** Enough repetitions that the clock's grain does not matter. */
const REPEATS = 20;

/** Seconds of this thread's processor time: other programs on the machine do not count. */
function checkAll(files: readonly Uint8Array[], repeats: number): number {
  const start = process.threadCpuUsage();
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const file of files) {
      if (checkConfig(file).verdict !== "accepted")
        throw new Error("config.bench: an ordinary file was not accepted");
    }
  }
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1e6;
}

/** Seconds of processor time of the reference for all these files, as the shell's `times` tells it. */
async function strip(paths: readonly string[]): Promise<number> {
  const script = 'for file; do wg-quick strip "$file" > /dev/null || exit 1; done; times';
  const { stdout } = await run("/bin/bash", ["-c", script, "strip", ...paths]);
  const children = stdout.trim().split("\n").at(-1) ?? "";
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  if (seconds.length !== 2) throw new Error(`config.bench: times printed ${JSON.stringify(stdout)}`);
  return seconds.reduce((sum, one) => sum + one, 0);
}

/** The file that costs most a byte, against ordinary files in the same run. */
function worst(files: readonly Uint8Array[]): BenchRow {
  const ordinarySize = files.reduce((sum, file) => sum + file.length, 0);
  const ordinary =
    median(Array.from({ length: ROUNDS }, () => checkAll(files, REPEATS))) / (ordinarySize * REPEATS);
  const heavy = heaviest().map(({ name, bytes }) => ({ name, perByte: secondsPerByte(bytes) }));
  const [heaviestFile] = heavy.toSorted((a, b) => b.perByte - a.perByte);
  if (heaviestFile === undefined) throw new Error("config.bench: no heavy file");
  const nanoseconds = (perByte: number): string => `${(perByte * 1e9).toFixed(0)} ns a byte`;
  const ratio = heaviestFile.perByte / ordinary;
  return {
    what: `check the worst file of 64 KiB (${heaviestFile.name})`,
    value: nanoseconds(heaviestFile.perByte),
    against: `ordinary files: ${nanoseconds(ordinary)}`,
    ratio,
    target: `at most ${MOST_PER_BYTE} times as long a byte`,
    met: ratio <= MOST_PER_BYTE,
  };
}

function secondsPerByte(bytes: Uint8Array): number {
  const rounds = Array.from({ length: 5 }, () => {
    const start = process.threadCpuUsage();
    for (let repeat = 0; repeat < 10; repeat += 1) checkConfig(bytes);
    const { user, system } = process.threadCpuUsage(start);
    return (user + system) / 1e6 / 10 / bytes.length;
  });
  return median(rounds);
}

function fuzzing(): BenchRow {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const { inputs, accepted, outcomes } = fuzz(FUZZ_INPUTS, seed);
  return {
    what: `fuzz the reading of configurations (seed ${seed})`,
    value: `${show(inputs)} inputs, no promise broken`,
    against: `${show(accepted)} accepted, ${show(outcomes)} different outcomes`,
    ratio: null,
    target: `${show(FUZZ_INPUTS)} inputs without a broken promise`,
    met: true,
  };
}

function show(figure: number): string {
  return Math.round(figure).toLocaleString("en-US");
}

if (import.meta.main) console.table(await bench());
