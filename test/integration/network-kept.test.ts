/** What the firewall is known to close, where changes of it fail, come late, or are somebody else's. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Host, scratch } from "../../src/lab/host.ts";
import { desiredState } from "../../src/tunnel/desired-state.ts";
import { firewallText, REMOVE_FIREWALL } from "../../src/tunnel/linux/firewall.ts";
import type { Intent } from "../../src/tunnel/types.ts";
import { fullIntent, privateIntent } from "../unit/tunnel/intents.ts";

const program = fileURLToPath(new URL("network-program.ts", import.meta.url));

let host: Host;
beforeAll(async () => {
  host = await Host.create("device");
});
beforeEach(async () => {
  await host.run("nft", ["-f", "-"], { input: REMOVE_FIREWALL });
});
afterAll(async () => {
  await host.close();
});

const guarding = (...privatePrefixes: string[]): Intent => privateIntent({ privatePrefixes, peers: [] });
const full = (allowLocalNetwork: boolean): Intent => fullIntent({ allowLocalNetwork, peers: [] });

/** One driver for all of them, in their order. */
async function ask(...commands: readonly object[]): Promise<readonly unknown[]> {
  await using folder = await scratch();
  const input = commands.map((command) => `${JSON.stringify(command)}\n`).join("");
  const out = await host.run(process.execPath, [program, folder.path], { input });
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

/**
 * Hides the library from everybody but `nft`, so that everything is asked of the program, which can be taken away. Prints
 * where that is.
 */
const WITHOUT_LIBRARY = `
library=$(ldconfig -p | sed -n 's/.*libnftables\\.so\\.1 .*=> //p' | head -n 1)
nft=$(command -v nft)
mkdir /run/lab/nft
cp -L "$library" /run/lab/nft/libnftables.so.1
cp "$nft" /run/lab/nft/nft
printf '#!/bin/sh\\nLD_LIBRARY_PATH=/run/lab/nft exec /run/lab/nft/nft "$@"\\n' > /run/lab/nft/program
chmod 755 /run/lab/nft/program
mount --bind /run/lab/nft/program "$nft"
mount --bind /dev/null "$library"
echo "$nft"
`;

const table = () => host.run("nft", ["list", "table", "inet", "nanami"]);

test("an older firewall of ours with as many rules, carried out after a newer one, does not stay", async () => {
  const [older, newer] = [guarding("10.1.0.0/16"), guarding("10.2.0.0/16")];
  const surroundings = { interface: "nanami0", onLink: [], tracks: false, closed: true };
  const answers = await ask(
    { do: "up", intent: older },
    { do: "confirm" },
    { do: "up", intent: newer },
    { do: "confirm" },
    { do: "keeps", intent: newer },
    { do: "nft", text: firewallText(desiredState(older, surroundings).firewall) },
    { do: "doubt" },
    { do: "keeps", intent: newer },
    // Whoever only looks learns nothing from it.
    { do: "confirm" },
    { do: "up", intent: newer },
    { do: "keeps", intent: newer },
    { do: "confirm" },
    { do: "inspect" },
  );
  expect(answers.slice(4)).toEqual([true, null, null, false, false, ["firewall"], true, true, []]);
  expect(await table()).toContain("10.2.0.0/16");
  expect(await table()).not.toContain("10.1.0.0/16");
});

test("where a change does not succeed, what it would close in addition is closed all the same", async () => {
  const [some, more] = [guarding("10.2.0.0/16"), guarding("10.2.0.0/16", "10.3.0.0/16")];
  const answers = await ask(
    { do: "up", intent: some },
    { do: "keeps", intent: some },
    { do: "keeps", intent: more },
    { do: "close", intent: more },
    { do: "keeps", intent: more },
  );
  expect(answers.slice(1)).toEqual([true, false, null, true]);
  expect(await table()).toContain("10.3.0.0/16");
});

test("so is the local network, where it was open", async () => {
  const answers = await ask(
    { do: "up", intent: full(true) },
    { do: "keeps", intent: full(true) },
    { do: "keeps", intent: full(false) },
    { do: "close", intent: full(false) },
    { do: "keeps", intent: full(false) },
  );
  expect(answers.slice(1)).toEqual([true, false, null, true]);
  expect(await table()).not.toContain("224.0.0.0/4");
});

test("a table that somebody took away closes nothing until it is made again", async () => {
  const intent = guarding("10.2.0.0/16");
  await ask({ do: "up", intent }, { do: "nft", text: REMOVE_FIREWALL }, { do: "close", intent });
  expect(await table()).toContain("10.2.0.0/16");
});

test("what an earlier life left closes what can be seen of it", async () => {
  await ask({ do: "up", intent: full(false) });
  const [, everything] = await ask({ do: "clean" }, { do: "keeps", intent: full(false) });
  expect(everything).toBe(true);
  await ask({ do: "up", intent: full(true) });
  const [, local] = await ask({ do: "clean" }, { do: "keeps", intent: full(false) });
  expect(local).toBe(false);
});

test("so does what is written as ranges, where guarded prefixes are adjacent", async () => {
  const adjacent = [
    ...["10.20.0.0/24", "10.20.1.0/24", "10.20.2.0/24", "10.31.0.0/16", "10.33.0.0/16"],
    ...["fd00:20::/64", "fd00:20:0:1::/64", "fd00:20:0:2::/64", "fd00:31::/64", "fd00:33::/64"],
  ];
  await ask({ do: "up", intent: guarding(...adjacent) });
  expect(await table()).toContain("{ 10.20.0.0-10.20.2.255, ");
  expect(await table()).toContain("{ fd00:20::-fd00:20:0:2:ffff:ffff:ffff:ffff, ");
  const further = ["10.20.3.0/24", "fd00:20:0:3::/64"];
  const seen = await ask(
    { do: "clean" },
    ...adjacent.map((prefix) => ({ do: "keeps", intent: guarding(prefix) })),
    ...further.map((prefix) => ({ do: "keeps", intent: guarding(prefix) })),
  );
  expect(seen.slice(1)).toEqual([...adjacent.map(() => true), ...further.map(() => false)]);
});

test("what cannot be looked at is not told as open where nothing was removed", async () => {
  const nft = (await host.run("sh", ["-ec", WITHOUT_LIBRARY])).trim();
  const answers = await ask(
    { do: "up", intent: full(false) },
    { do: "run", words: ["mount", "--bind", "/dev/null", nft] },
    { do: "close", intent: full(false) },
    { do: "keeps", intent: full(false) },
  );
  expect(answers.slice(2)).toEqual([null, true]);
  await host.run("umount", [nft]);
  expect(await table()).toContain("policy drop");
});
