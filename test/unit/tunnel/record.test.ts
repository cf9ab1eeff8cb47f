import fs from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkIntent } from "../../../src/tunnel/intent.ts";
import { desiredState } from "../../../src/tunnel/desired-state.ts";
import { Record as TunnelRecord } from "../../../src/tunnel/record.ts";
import type { Intent } from "../../../src/tunnel/types.ts";
import { fullIntent, KEY_A, KEY_B, nestedIntent, peer, privateIntent } from "./intents.ts";

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "nanami-record-"))));
afterEach(() => rm(folder, { recursive: true }));

test("a wish is read back as it was written, by root alone", async () => {
  for (const intent of [privateIntent(), fullIntent(), nestedIntent()]) {
    const record = new TunnelRecord(join(folder, "engine"));
    record.writeTarget({ wish: "up", intent, reason: null });
    expect(record.readTarget()).toEqual({ kind: "read", value: { wish: "up", intent, reason: null } });
  }
  expect((await stat(join(folder, "engine"))).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, "engine", "target.json"))).mode & 0o777).toBe(0o600);
});

test("a damaged, truncated, foreign or newer record is unreadable, not absent", async () => {
  const record = new TunnelRecord(folder);
  expect(record.readTarget()).toEqual({ kind: "absent" });
  record.writeTarget({ wish: "up", intent: fullIntent(), reason: null });
  const whole = await readFile(join(folder, "target.json"), "utf8");
  const damaged = [
    "",
    "null",
    whole.slice(0, -20),
    whole.replace('"version":1', '"version":2'),
    whole.replace("203.0.113.17", "203.0.113.017"),
  ];
  for (const text of damaged) {
    await writeFile(join(folder, "target.json"), text);
    expect(record.readTarget().kind, text).toBe("unreadable");
  }
});

test("parts of what has to be put back are changed one by one", () => {
  const record = new TunnelRecord(folder);
  record.changeUndo({ sysctls: { "net/ipv4/conf/all/arp_ignore": "0" } });
  const resolver = { former: { kind: "absent" }, written: "text" } as const;
  record.changeUndo({ resolver });
  expect(record.readUndo()).toEqual({ sysctls: { "net/ipv4/conf/all/arp_ignore": "0" }, resolver });
  record.clear();
  expect(record.readUndo()).toEqual({ sysctls: {}, resolver: null });
});

test("what has to be put back must be written down; that it was put back need not be", async () => {
  const record = new TunnelRecord(folder);
  record.changeUndo({ sysctls: { "net/ipv4/conf/all/arp_ignore": "0" } });
  // Nothing can be written: the file to write is a folder.
  await mkdir(join(folder, "undo.json.new"));
  const resolver = { former: { kind: "absent" }, written: "text" } as const;
  expect(() => record.changeUndo({ resolver })).toThrow();
  record.changeUndo({ resolver: null });
  record.changeUndo({ sysctls: {} });
  record.clear();
  expect(record.readUndo()).toEqual({ sysctls: {}, resolver: null });
});

test("how connections were carried is there until the change is over; what is damaged says nothing", async () => {
  const record = new TunnelRecord(folder);
  expect(record.readCarried()).toBeNull();
  const { addresses, routes, peers } = desiredState(nestedIntent(), {
    ...{ interface: "nanami0", onLink: [], limit: null, tracks: false, closed: false },
  });
  const carried = {
    ...{ addresses, routes, tracked: true },
    peers: peers.map(({ publicKey, allowedIps }) => ({ publicKey, allowedIps })),
  };
  record.writeCarried({ ...carried, peers });
  expect(record.readCarried()).toEqual(carried);
  const whole = await readFile(join(folder, "carried.json"), "utf8");
  // Neither endpoints nor preshared keys.
  for (const { endpoint } of peers) expect(whole).not.toContain(`"${endpoint.address}"`);
  expect((await stat(join(folder, "carried.json"))).mode & 0o777).toBe(0o600);
  const replaced = ["0.0.0.0/33", "10.0.0.1", "::ffff:0:0/96x"].map((to) => whole.replace("0.0.0.0/0", to));
  for (const text of ["", whole.slice(0, -3), ...replaced]) {
    await writeFile(join(folder, "carried.json"), text);
    expect(record.readCarried(), text).toBeNull();
  }
  record.writeCarried({ ...carried, peers });
  record.writeCarried(null);
  expect(record.readCarried()).toBeNull();
  record.writeCarried({ ...carried, peers });
  record.clear();
  expect(record.readCarried()).toBeNull();
});

const refused: readonly (readonly [string, Intent])[] = [
  ["an address with a command behind it", fullIntent({ addresses: ["10.90.0.2/32 dev eth0"] })],
  ["a rule in a prefix", fullIntent({ privatePrefixes: ["10.0.0.0/8 } accept"] })],
  ["host bits", fullIntent({ privatePrefixes: ["10.0.0.1/8"] })],
  ["an endpoint on loopback", fullIntent({ peers: [peer(KEY_A, "127.0.0.1", ["0.0.0.0/0"])] })],
  ["an endpoint at a metadata service", fullIntent({ peers: [peer(KEY_A, "169.254.169.254", [])] })],
  ["a key that is none", fullIntent({ peers: [peer("remove", "203.0.113.17", [])] })],
  ["a carrier that is not there", fullIntent({ peers: [peer(KEY_A, "203.0.113.17", [], KEY_B)] })],
  ["a peer through itself", fullIntent({ peers: [peer(KEY_A, "203.0.113.17", [], KEY_A)] })],
  [
    "the same peer twice",
    fullIntent({ peers: [peer(KEY_A, "203.0.113.17", []), peer(KEY_A, "203.0.113.33", [])] }),
  ],
  ["a server that is no address", fullIntent({ dns: { servers: ["dns\nnameserver x"], matchDomains: [] } })],
  ["a port out of range", fullIntent({ control: [{ protocol: "tcp", address: "192.0.2.1", port: 70000 }] })],
];

for (const [name, intent] of refused) {
  test(`refused before anything is done: ${name}`, () => {
    expect(() => checkIntent(intent)).toThrow(/^This path cannot be used: /);
  });
}

test("text becomes canonical", () => {
  const intent = fullIntent({ privatePrefixes: ["FD00:0::/16"] });
  expect(checkIntent(intent).privatePrefixes).toEqual(["fd00::/16"]);
});

test("it has settled once the disk has the newest of each file and its name, and not before", async () => {
  const asked: ((error: Error | null) => void)[] = [];
  const held = vi.spyOn(fs, "fsync").mockImplementation((_file, done) => void asked.push(done));
  syncBuiltinESMExports();
  vi.resetModules();
  try {
    const { Record: HeldRecord } = await import("../../../src/tunnel/record.ts");
    const record = new HeldRecord(folder);
    record.writeTarget({ wish: "up", intent: fullIntent(), reason: null });
    record.changeUndo({ resolver: { former: { kind: "absent" }, written: "text" } });
    // What a next life reads does not wait for the disk.
    expect(record.readTarget().kind).toBe("read");
    let settled = false;
    const settling = record.settled().then(() => (settled = true));
    expect(asked).toHaveLength(2);
    asked[0]?.(null);
    asked[1]?.(new Error("the disk does not promise anything"));
    // The names of both.
    await vi.waitFor(() => expect(asked).toHaveLength(4));
    asked[2]?.(null);
    await new Promise(setImmediate);
    expect(settled).toBe(false);
    asked[3]?.(null);
    await settling;
  } finally {
    held.mockRestore();
    syncBuiltinESMExports();
  }
});
