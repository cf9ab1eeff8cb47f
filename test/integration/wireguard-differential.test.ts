/**
 * The same files for `nanami` and for the reference: `wg-quick strip` and `wg setconf` on a real interface. Every
 * file on which we differ is listed with the reason in `docs/differences-from-wg.md`; a new difference, or one that
 * is gone, fails here until somebody looked at it (`vitest -u` writes the page).
 */
import { readFile, rm, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Host } from "../../src/lab/host.ts";
import { CATALOGUE } from "../../src/wireguard/config/catalogue.ts";
import { checkConfig, type CheckedConfig } from "../../src/wireguard/config/check.ts";
import type { TunnelConfig } from "../../src/wireguard/config/types.ts";
import { writeConfig } from "../../src/wireguard/config/writer.ts";
import { parseDump, type Dump } from "../../src/wireguard/dump.ts";
import { formatEndpoint } from "../../src/wireguard/endpoint.ts";
import { SAMPLES, type Sample } from "../unit/wireguard/config/files.ts";

const NAME_ADDRESS = "198.51.100.99";
/** Names resolve without asking anybody. */
const HOSTS = `127.0.0.1 localhost\n${NAME_ADDRESS} vpn.example.com gateway\n`;

/** What the reference made of one file: null = refused. */
type Reference = Dump | null;

let host: Host;
let folder: string;

beforeAll(async () => {
  host = await Host.create("reference");
  folder = await mkdtemp(join(tmpdir(), "nanami-"));
  await host.run("/bin/sh", ["-c", "cat > /etc/hosts"], { input: HOSTS });
  void host.spawn("wireguard-go", ["--foreground", "wg0"]);
  await host.run("/bin/sh", ["-c", "until wg show wg0 > /dev/null 2>&1; do sleep 0.05; done"]);
});

afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

/** Hands every file to the reference in one go; `answers` are in the order of the files. */
async function reference(files: readonly Uint8Array[]): Promise<readonly Reference[]> {
  for (const [index, bytes] of files.entries())
    await writeFile(join(folder, `f${index}.conf`), bytes, { mode: 0o600 });
  const script = `
    cd "$1" || exit 1
    index=0
    while [ "$index" -lt "$2" ]; do
      rm -f "f$index.dump"
      if wg-quick strip "./f$index.conf" > stripped 2> /dev/null && wg setconf wg0 stripped 2> /dev/null
      then wg show wg0 dump > "f$index.dump"
      fi
      index=$((index + 1))
    done`;
  await host.run("/bin/bash", ["-c", script, "reference", folder, String(files.length)], {
    env: { WG_ENDPOINT_RESOLUTION_RETRIES: "0" },
    timeout: 110_000,
  });
  return Promise.all(files.map((_, index) => readDump(join(folder, `f${index}.dump`))));
}

async function readDump(path: string): Promise<Reference> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return null;
  const dump = parseDump(text);
  if (!dump.ok) throw new Error(dump.message);
  return dump.value;
}

/** What of a configuration reaches WireGuard, from our value. */
function ours(config: TunnelConfig): unknown {
  return {
    privateKey: clamped(config.interface.privateKey.reveal()),
    listenPort: config.interface.listenPort,
    peers: config.peers
      .map((peer) => ({
        publicKey: peer.publicKey,
        presharedKey: peer.presharedKey?.reveal() ?? null,
        endpoint:
          peer.endpoint?.kind === "name"
            ? `${NAME_ADDRESS}:${peer.endpoint.port}`
            : peer.endpoint && formatEndpoint(peer.endpoint),
        allowedIps: peer.allowedIps.toSorted(),
        persistentKeepalive: peer.persistentKeepalive,
      }))
      .toSorted(byKey),
  };
}

/** The same from the reference's. */
function theirs(dump: Dump, config: TunnelConfig): unknown {
  return {
    privateKey: dump.privateKey && clamped(dump.privateKey.reveal()),
    // Without a port in the file the kernel takes any.
    listenPort: config.interface.listenPort === null ? null : dump.listenPort,
    peers: dump.peers
      .map((peer) => ({
        publicKey: peer.publicKey,
        presharedKey: peer.presharedKey?.reveal() ?? null,
        endpoint: peer.endpoint,
        allowedIps: peer.allowedIps.toSorted(),
        persistentKeepalive: peer.persistentKeepalive,
      }))
      .toSorted(byKey),
  };
}

function byKey(a: { publicKey: string }, b: { publicKey: string }): number {
  return a.publicKey < b.publicKey ? -1 : 1;
}

/** WireGuard clamps private keys (RFC 7748); the reference shows them so. */
function clamped(key: string): string {
  const bytes = Buffer.from(key, "base64");
  bytes.writeUInt8(bytes.readUInt8(0) & 248, 0);
  bytes.writeUInt8((bytes.readUInt8(31) & 127) | 64, 31);
  return bytes.toString("base64");
}

/** Why we take what the reference refuses: the only files where we are the laxer one. */
const LAXER: Readonly<Record<string, string>> = {
  "a byte order mark": "Editors on Windows put it there, and it can mean nothing else. It is noted.",
  "Android's applications":
    "The official app for Android writes these keys. They are left out with a finding each; wg-quick does not know them.",
};

interface Difference {
  readonly name: string;
  /** Our code, or `accepted`. */
  readonly ours: string;
  readonly why: string;
}

function difference({ name }: Sample, checked: CheckedConfig, answer: Reference): Difference | null {
  const refused = checked.verdict === "refused";
  if (refused === (answer === null)) return null;
  if (!refused) return { name, ours: "accepted", why: LAXER[name] ?? "" };
  const error = checked.findings.find(({ severity }) => severity === "error");
  if (error === undefined) throw new Error(`${name}: refused without an error`);
  return { name, ours: error.code, why: CATALOGUE[error.code].why };
}

function page(differences: readonly Difference[]): string {
  const laxer = differences.filter(({ ours }) => ours === "accepted");
  const stricter = Map.groupBy(
    differences.filter(({ ours }) => ours !== "accepted"),
    ({ ours }) => ours,
  );
  return [
    "# Where Nanami and wg differ",
    "",
    "Files of the test table that `nanami config check` and the reference (`wg-quick strip`, then `wg setconf` on a",
    "real interface) answer differently, and why. On all others both give the same answer, and where both accept, the",
    "interface carries exactly what Nanami read.",
    "",
    "Written by `test/integration/wireguard-differential.test.ts`.",
    "",
    "## Nanami accepts, wg refuses",
    "",
    ...laxer.map(({ name, why }) => `- \`${name}\`: ${why}`),
    "",
    "## Nanami refuses, wg accepts",
    ...[...stricter].flatMap(([code, rows]) => [
      "",
      `### \`${code}\``,
      "",
      rows[0]?.why ?? "",
      "",
      ...rows.map(({ name }) => `- \`${name}\``),
    ]),
    "",
  ].join("\n");
}

describe("the reference and we", () => {
  it("agree on every file of the table but those that are listed", async () => {
    const checked = SAMPLES.map(({ bytes }) => checkConfig(bytes));
    const answers = await reference(SAMPLES.map(({ bytes }) => bytes));
    const differences: Difference[] = [];
    for (const [index, sample] of SAMPLES.entries()) {
      const [mine, answer = null] = [checked[index], answers[index]];
      if (mine === undefined) throw new Error("no answer");
      const found = difference(sample, mine, answer);
      if (found !== null) differences.push(found);
      if (mine.config !== null && answer !== null)
        expect(theirs(answer, mine.config), sample.name).toEqual(ours(mine.config));
    }
    expect(differences.filter(({ why }) => why === "").map(({ name }) => name)).toEqual([]);
    await expect(page(differences)).toMatchFileSnapshot("../../docs/differences-from-wg.md");
  });

  it("read the same from what we write", async () => {
    const configs = SAMPLES.map(({ bytes }) => checkConfig(bytes).config).filter((config) => config !== null);
    const answers = await reference(configs.map((config) => Buffer.from(writeConfig(config))));
    for (const [index, config] of configs.entries()) {
      const answer = answers[index] ?? null;
      if (answer !== null) expect(theirs(answer, config)).toEqual(ours(config));
      else expect(config.interface.addresses).toEqual("refused by the reference");
    }
  });
});
