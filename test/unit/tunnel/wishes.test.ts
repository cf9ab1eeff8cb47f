import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LOCKDOWN, lockdownIntent } from "../../../src/tunnel/lockdown.ts";
import { Record as TunnelRecord } from "../../../src/tunnel/record.ts";
import { checkWish, RECORD_LOST, Wishes } from "../../../src/tunnel/wishes.ts";
import { generatePrivateKey } from "../../../src/wireguard/keys.ts";
import { fullIntent, privateIntent } from "./intents.ts";

const KEY = generatePrivateKey().reveal();
const REVOKED = { code: "revoked", message: "This device was removed.", remedy: "Disconnect." };

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "nanami-wishes-"))));
afterEach(() => rm(folder, { recursive: true }));

/** One life of the agent in the same folder. */
function life() {
  const logged: string[] = [];
  const wishes = new Wishes(new TunnelRecord(folder), (message) => logged.push(message));
  return { wishes, logged };
}

/** From now on nothing can be written: the file to write is a folder. */
async function fillDisk(): Promise<void> {
  await mkdir(join(folder, "target.json.new"));
}

test("what is wanted is there for the next life, which knows it without the key", async () => {
  const { wishes } = life();
  wishes.want(checkWish(fullIntent(), KEY));
  expect(await readFile(join(folder, "target.json"), "utf8")).not.toContain(KEY);

  const { wishes: next } = life();
  expect(next.resume(next.left())).toEqual({ mode: "full_tunnel", closed: null });
  expect(next.intent).toEqual(wishes.intent);
  expect(next.key).toBeNull();
  // Whoever asks for the same again brings the key, and nothing else.
  expect(next.has(checkWish(fullIntent(), KEY))).toBe(true);
  next.learnKey(checkWish(fullIntent(), KEY).key);
  expect(next.has(checkWish(fullIntent(), generatePrivateKey().reveal()))).toBe(false);
  expect(next.has(checkWish(privateIntent(), KEY))).toBe(false);
});

test("what cannot be written down is not wanted; closing and letting go do not depend on it", async () => {
  const { wishes, logged } = life();
  wishes.want(checkWish(fullIntent(), KEY));
  const before = wishes.intent;
  await fillDisk();
  expect(() => wishes.want(checkWish(privateIntent(), KEY))).toThrow(/could not be written down/);
  expect(wishes.intent).toBe(before);
  wishes.close(REVOKED);
  expect(wishes.letGo()).toBe("nothing");
  expect(logged).toEqual(["the record could not be written", "the record could not be written"]);
});

test("what was closed stays closed in the next life, for the same reason", () => {
  const { wishes } = life();
  wishes.want(checkWish(privateIntent(), KEY));
  wishes.close(REVOKED);
  const { wishes: next } = life();
  expect(next.resume(next.left())).toEqual({ mode: "vpn_only", closed: REVOKED });
  expect(next.intent).toEqual(wishes.intent);
});

test("a record that is lost closes everything, and is no wish of anybody's", async () => {
  life().wishes.want(checkWish(fullIntent(), KEY));
  await writeFile(join(folder, "target.json"), "{");
  const { wishes } = life();
  expect(wishes.resume(wishes.left())).toEqual({ mode: "full_tunnel", closed: RECORD_LOST });
  expect(wishes.intent).toMatchObject({
    mode: "full_tunnel",
    peers: [],
    control: [],
    allowLocalNetwork: false,
  });
  expect(wishes.has(checkWish(fullIntent(), KEY))).toBe(false);
});

test("who lets go is left with lockdown where that is wanted, in the next life too, until it is not", () => {
  const { wishes } = life();
  const lockdown = lockdownIntent([], false);
  expect(wishes.rest(lockdown)).toBe(true);
  expect(wishes.rest(lockdownIntent([], false))).toBe(false);
  wishes.want(checkWish(fullIntent(), KEY));
  expect(wishes.letGo()).toBe("lockdown");
  expect(wishes.intent).toEqual(lockdown);
  expect(wishes.isLockdown(wishes.standing)).toBe(true);
  expect(wishes.key).toBeNull();

  const { wishes: next } = life();
  expect(next.resume(next.left())).toEqual({ mode: "full_tunnel", closed: LOCKDOWN });
  expect(next.isLockdown(next.standing)).toBe(true);
  expect(next.rest(null)).toBe(true);
  expect(next.letGo()).toBe("nothing");
  expect(next.left()).toMatchObject({ kind: "read", value: { wish: "down" } });
  next.forget();
  next.clear();
  expect(next.intent).toBeNull();
  expect(life().wishes.left()).toEqual({ kind: "absent" });
});
