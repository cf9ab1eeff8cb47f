import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { inspect } from "node:util";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { Identity } from "../../../src/agent/identity.ts";
import { openLog } from "../../../src/agent/log.ts";
import { Memory } from "../../../src/agent/memory.ts";
import { openStateFolder, StateFile } from "../../../src/agent/store.ts";
import { generatePrivateKey } from "../../../src/wireguard/keys.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nanami-store-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const Value = z.strictObject({ number: z.number() });
const file = () => new StateFile(folder, "value.json", Value);

test("what was saved is loaded, 0600, and nothing else is left", async () => {
  expect(await file().load()).toEqual({ kind: "absent" });
  await file().save({ number: 7 });
  expect(await file().load()).toEqual({ kind: "value", value: { number: 7 } });
  expect(statSync(join(folder, "value.json")).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["value.json"]);
});

test.each([
  ["not JSON", "{"],
  ["an unknown shape", '{"number":"7"}'],
  ["an unknown field", '{"number":7,"more":1}'],
  ["nothing", ""],
])("a file with %s is put aside, whole, and said", async (_name, text) => {
  writeFileSync(join(folder, "value.json"), text);
  const loaded = await file().load();
  expect(loaded.kind).toBe("corrupt");
  if (loaded.kind === "corrupt") expect(readFileSync(loaded.keptAs, "utf8")).toBe(text);
  expect(existsSync(join(folder, "value.json"))).toBe(false);
});

test("a file of absurd size is not read", async () => {
  writeFileSync(join(folder, "value.json"), Buffer.alloc(5 * 1024 * 1024, "["));
  expect((await file().load()).kind).toBe("corrupt");
});

test("saves follow one another, and the last one stays", async () => {
  const one = file();
  await Promise.all([1, 2, 3, 4].map((number) => one.save({ number })));
  expect(await one.load()).toEqual({ kind: "value", value: { number: 4 } });
});

test("a save that fails leaves the value before and does not stop the next", async () => {
  const one = file();
  await one.save({ number: 1 });
  await expect(one.save({ number: 1n } as never)).rejects.toThrow();
  expect(await one.load()).toEqual({ kind: "value", value: { number: 1 } });
  await one.save({ number: 2 });
  expect(await one.load()).toEqual({ kind: "value", value: { number: 2 } });
});

test("a link planted under the temporary name is not written through", async () => {
  writeFileSync(join(folder, "victim"), "precious");
  symlinkSync(join(folder, "victim"), join(folder, "value.json.new"));
  await file().save({ number: 1 });
  expect(readFileSync(join(folder, "victim"), "utf8")).toBe("precious");
});

test("a state folder that others may enter is refused with the remedy", async () => {
  await openStateFolder(join(folder, "state"));
  expect(statSync(join(folder, "state")).mode & 0o777).toBe(0o700);
  chmodSync(join(folder, "state"), 0o750);
  await expect(openStateFolder(join(folder, "state"))).rejects.toThrow("chmod 700");
  writeFileSync(join(folder, "plain"), "");
  await expect(openStateFolder(join(folder, "plain"))).rejects.toThrow();
});

test("damage is told by name, and the rest is still read", async () => {
  const state = join(folder, "state");
  const first = await Memory.open(state, () => undefined);
  first.setRevoked("because");
  first.setSurroundings({ resolvers: ["192.0.2.53"] });
  await first.settled();
  writeFileSync(join(state, "surroundings.json"), "garbage");
  const second = await Memory.open(state, () => undefined);
  expect(second.damage).toHaveLength(1);
  expect(second.damage[0]).toContain("stored addresses");
  expect(second.revoked).toBe("because");
});

test("what cannot be written later on is told, and what is remembered goes on", async () => {
  const faults: string[] = [];
  const state = join(folder, "state");
  const memory = await Memory.open(state, (fault) => faults.push(fault));
  rmSync(state, { recursive: true });
  memory.setRevoked("because");
  await memory.settled();
  expect(memory.revoked).toBe("because");
  expect(faults.join()).toContain("could not be written");
});

const privateKey = generatePrivateKey().reveal();
const stored = {
  version: 1,
  origin: "https://cp.example:8443",
  ca: null,
  workspaceName: "acme",
  networkName: "corp",
  deviceId: "dev_aaaaaaaaaaaa",
  networkId: "net_aaaaaaaaaaaa",
  token: "a-very-secret-token",
  privateKey,
  owner: 1000,
} as const;

test("an identity shows neither key nor token, however it is printed", () => {
  const identity = new Identity(stored);
  for (const shown of [
    inspect(identity, { depth: 9, showHidden: true }),
    JSON.stringify(identity),
    identity.privateKey.toString(),
  ]) {
    expect(shown).not.toContain(privateKey);
    expect(shown).not.toContain(stored.token);
  }
  expect(identity.enrollment.controlPlane).toBe("cp.example:8443");
  expect(identity.remote).toMatchObject({ host: "cp.example", port: 8443 });
});

test("the log leaves secrets out, even of somebody who logs a whole identity or link", () => {
  let text = "";
  const { log } = openLog({ write: (line) => (text += line) });
  log("careless", { identity: new Identity(stored), ...stored, nested: { deep: { token: stored.token } } });
  log("careless", { link: "nanami://enroll/cp.example#0123456789abcdef", key: "0123456789abcdef" });
  expect(text).toContain("careless");
  expect(text).not.toContain(privateKey);
  expect(text).not.toContain(stored.token);
  expect(text).not.toContain("0123456789abcdef");
});
