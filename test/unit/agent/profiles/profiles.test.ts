import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { Name } from "../../../../src/routing/schema.ts";
import { HELD_MS } from "../../../../src/agent/profiles/import-desk.ts";
import { MOST_PROFILES, RESTORABLE_MS } from "../../../../src/agent/profiles/profile-store.ts";
import { MAX_MESSAGE, methods } from "../../../../src/rpc/contract.ts";
import { RpcRefusal } from "../../../../src/rpc/server.ts";
import { openContainer } from "../../../../src/wireguard/container/open.ts";
import { writeQr } from "../../../../src/wireguard/container/qr.ts";
import { writeZip } from "../../../../src/wireguard/container/write.ts";
import { planted, randomKeys, some, tells } from "../../wireguard/config/planted.ts";
import {
  ALICE,
  base64,
  BOB,
  conf,
  openProfiles,
  OTHER_PEER_KEY,
  PRESHARED_KEY,
  PRIVATE_KEY,
  ROOT,
} from "./given.ts";

/** The code with which a request is refused. */
async function refusal(request: Promise<unknown>): Promise<string> {
  try {
    await request;
  } catch (error) {
    if (error instanceof RpcRefusal) return error.problem.code;
    throw error;
  }
  return "not refused";
}

/** An archive as full as it may be, of files that repeat a text. */
function fullZip(text: string): Uint8Array {
  const name = (index: number) => ({ name: `${index}`, text: text.repeat(65_536 / Buffer.byteLength(text)) });
  return writeZip(Array.from({ length: 32 }, (_, index) => name(index)));
}

describe("an import", () => {
  it("reports first, and saves exactly what was reported", async () => {
    using world = await openProfiles();
    const { handlers } = world;
    const report = await handlers.importBytes({ bytes: base64(conf({ more: "PostUp = reboot" })) }, ALICE);
    expect(report).toMatchObject({
      format: "text",
      verdict: "accepted_with_changes",
      documents: [{ name: null, findingCount: 1, findings: [{ code: "hook_left_out", line: 4 }] }],
    });
    expect(await handlers.listProfiles({}, ALICE)).toEqual([]);
    const choices = [{ index: 0, name: "Büro / ../office" }];
    const [profile] = await handlers.confirmImport({ digest: report.digest, choices }, ALICE);
    expect(profile).toMatchObject({ name: "Büro / ../office", own: true, shared: false });
    expect(profile?.config).toEqual(report.documents[0]?.config);
    expect(methods.listProfiles.result.parse(await handlers.listProfiles({}, ALICE))).toEqual([profile]);
  });

  it("of a file that was replaced meanwhile, or by somebody else, or too late, saves nothing", async () => {
    using world = await openProfiles();
    const { handlers, clock } = world;
    const choices = [{ index: 0, name: "office" }];
    const shown = await handlers.importBytes({ bytes: base64(conf()) }, ALICE);
    const other = await handlers.importBytes({ bytes: base64(conf({ allowedIps: "0.0.0.0/0" })) }, BOB);
    expect(other.digest).not.toBe(shown.digest);
    expect(await refusal(handlers.confirmImport({ digest: other.digest, choices }, ALICE))).toBe("conflict");
    clock.now += HELD_MS;
    expect(await refusal(handlers.confirmImport({ digest: shown.digest, choices }, ALICE))).toBe("conflict");
    expect(await handlers.listProfiles({}, ALICE)).toEqual([]);
  });

  it("is confirmed once", async () => {
    using world = await openProfiles();
    const { handlers } = world;
    const { digest } = await handlers.importBytes({ bytes: base64(conf()) }, ALICE);
    const request = { digest, choices: [{ index: 0, name: "office" }] };
    const both = await Promise.allSettled([
      handlers.confirmImport(request, ALICE),
      handlers.confirmImport(request, ALICE),
    ]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });

  it("of what was refused, left out, not there or chosen twice saves nothing at all", async () => {
    using world = await openProfiles();
    const { handlers } = world;
    const zip = writeZip([
      { name: "good", text: conf() },
      { name: "bad", text: "nonsense" },
    ]);
    const { digest, documents } = await handlers.importBytes({ bytes: base64(zip) }, ALICE);
    expect(documents.map(({ name, verdict }) => [name, verdict])).toEqual([
      ["good.conf", "accepted"],
      ["bad.conf", "refused"],
    ]);
    for (const indices of [[0, 1], [2], [1000], [0, 0]]) {
      const choices = indices.map((index) => ({ index, name: "x" }));
      expect(await refusal(handlers.confirmImport({ digest, choices }, ALICE))).not.toBe("not refused");
    }
    expect(await handlers.listProfiles({}, ALICE)).toEqual([]);
    await handlers.confirmImport({ digest, choices: [{ index: 0, name: "good" }] }, ALICE);
    expect(await handlers.listProfiles({}, ALICE)).toHaveLength(1);
  });

  it("of several saves all or none: when a write fails", async () => {
    using world = await openProfiles();
    const { handlers, store, folder } = world;
    const zip = writeZip(["a", "b", "c"].map((name) => ({ name, text: conf() })));
    const { digest } = await handlers.importBytes({ bytes: base64(zip) }, ALICE);
    const choices = [0, 1, 2].map((index) => ({ index, name: `${index}` }));
    const ids = ["prf_one00000", "prf_two00000", "prf_three000"];
    const newId = vi.spyOn(store, "newId").mockImplementation(() => ids.shift() ?? "");
    const inTheWay = join(folder, "profiles", "prf_three000.json.new");
    mkdirSync(inTheWay);
    await expect(handlers.confirmImport({ digest, choices }, ALICE)).rejects.toThrow();
    expect(await handlers.listProfiles({}, ALICE)).toEqual([]);
    rmdirSync(inTheWay);
    expect(readdirSync(join(folder, "profiles"))).toEqual([]);
    newId.mockRestore();
    // What was reported still waits for its yes.
    expect(await handlers.confirmImport({ digest, choices }, ALICE)).toHaveLength(3);
  });

  it("of several saves all or none: when the power goes in between", async () => {
    using world = await openProfiles();
    const { id } = await world.add(ALICE, "before");
    const written = await world.add(ALICE, "written");
    const note = join(world.folder, "profiles", "unfinished-import.json");
    writeFileSync(note, JSON.stringify({ ids: [written.id, "prf_notyet00"] }));
    const again = await openProfiles(world.folder);
    expect(await again.handlers.listProfiles({}, ALICE)).toMatchObject([{ id }]);
    expect(readdirSync(join(world.folder, "profiles"))).toEqual([`${id}.json`]);
  });

  it("says what each finding is about, and what connecting would steer", async () => {
    using world = await openProfiles();
    const text = conf({ allowedIps: "0.0.0.0/0", more: "PostUp = curl -u me:hunter2secret x" });
    const { documents } = await world.handlers.importBytes({ bytes: base64(text) }, ALICE);
    const [{ findings, source, steers } = expect.fail("no report")] = documents;
    expect(steers).toEqual({ mode: "full_tunnel", prefixes: ["0.0.0.0/0", "10.8.0.0/24"], narrowed: false });
    const about = findings.map(({ code, line, column }) => [code, source?.[line - 1]?.slice(column - 1)]);
    expect(about).toEqual([
      ["hook_left_out", "PostUp = curl ** **************** *"],
      ["one_family_only", "0.0.0.0/0"],
    ]);
    for (const { message, what, why, remedy } of findings) expect(message).toBe(`${what} ${why} ${remedy}`);
  });

  it("says what a file asks for on this very machine", async () => {
    using world = await openProfiles();
    world.facts.value = { lan: ["10.7.0.0/16" as never], dns: ["10.7.0.53" as never] };
    const { documents } = await world.handlers.importBytes({ bytes: base64(conf()) }, ALICE);
    expect(documents[0]?.findings.map(({ code }) => code)).toEqual([
      "allowed_ips_cover_lan",
      "allowed_ips_cover_dns",
    ]);
  });

  it("reads an image beside the agent's own work", async () => {
    using world = await openProfiles();
    const image = writeQr(conf()) ?? new Uint8Array();
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 5);
    const report = await world.handlers.importBytes({ bytes: base64(image) }, ALICE);
    clearInterval(timer);
    expect(report).toMatchObject({ format: "png", verdict: "accepted" });
    expect(ticks).toBeGreaterThan(3);
    const damaged = await world.handlers.importBytes({ bytes: base64(image.subarray(0, 500)) }, ALICE);
    expect(damaged.documents[0]?.findings[0]?.code).toBe("image_damaged");
  });

  it.each<[string, Uint8Array]>([
    ["the largest text", Buffer.alloc(5 * 1024 * 1024, 0xc3)],
    ["an archive of line ends", fullZip("\n")],
    ["an archive of errors", fullZip("x\n")],
    ["an archive of bytes that are shown as others", fullZip("#é\u0001=".repeat(10) + "\n")],
  ])("reports on %s in one message", async (_, bytes) => {
    using world = await openProfiles();
    const report = await world.handlers.importBytes({ bytes: base64(bytes) }, ALICE);
    expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThan(MAX_MESSAGE / 2);
  });

  it("holds a few reports of each user and never those of one for another", async () => {
    using world = await openProfiles();
    const { handlers } = world;
    const choices = [{ index: 0, name: "x" }];
    const first = await handlers.importBytes({ bytes: base64(conf()) }, BOB);
    for (let number = 0; number < 30; number += 1)
      await handlers.importBytes({ bytes: base64(conf({ more: `# ${number}` })) }, ALICE);
    await handlers.confirmImport({ digest: first.digest, choices }, BOB);
  });

  it("of a copy has a name that may be one, however long the original's", async () => {
    using world = await openProfiles();
    for (const name of ["😀".repeat(32), `a${"😀".repeat(31)}`, "x".repeat(64)]) {
      const { id } = await world.add(ALICE, name);
      const copy = await world.handlers.duplicateProfile({ id }, ALICE);
      expect(Name.parse(copy.name)).toMatch(/ \(copy\)$/);
    }
  });

  it("is refused when a user has very many", async () => {
    using world = await openProfiles();
    const profile = await world.add(ALICE, "office");
    for (let number = 1; number < MOST_PROFILES; number += 1)
      await world.handlers.duplicateProfile({ id: profile.id, name: `${number}` }, ALICE);
    expect(await refusal(world.add(ALICE, "one more"))).toBe("refused");
    expect((await world.add(BOB, "mine")).name).toBe("mine");
  });

  it("is refused when a user's profiles are very large, so that a list of all fits into one message", async () => {
    using world = await openProfiles();
    const lines = Array.from({ length: 250 }, (_, index) => `AllowedIPs = fd00:7:${index.toString(16)}::/48`);
    const large = conf({ allowedIps: `192.0.2.0/24\n${lines.join("\n")}\n${"#".repeat(1_000)}` });
    const users = [ALICE, BOB, { uid: 1002, gids: [1002] }, { uid: 1003, gids: [1003] }];
    for (const peer of users) {
      const { id } = await world.add(peer, "large", large);
      const copies = async () => {
        for (;;) await world.handlers.duplicateProfile({ id }, peer);
      };
      expect(await refusal(copies())).toBe("refused");
    }
    const list = JSON.stringify(await world.handlers.listProfiles({}, ROOT));
    expect(Buffer.byteLength(list)).toBeLessThan(MAX_MESSAGE);
  });
});

describe("whose a profile is", () => {
  it("others do not know that it exists, until an administrator shares it", async () => {
    using world = await openProfiles();
    const { handlers } = world;
    const { id } = await world.add(ALICE, "office");
    expect(await handlers.listProfiles({}, BOB)).toEqual([]);
    for (const request of [
      handlers.showProfile({ id }, BOB),
      handlers.renameProfile({ id, name: "mine" }, BOB),
      handlers.duplicateProfile({ id }, BOB),
      handlers.narrowProfile({ id, prefixes: null }, BOB),
      handlers.exportProfiles({ ids: [id], format: "conf" }, BOB),
      handlers.removeProfile({ id }, BOB),
      handlers.checkEdit({ id, text: conf() }, BOB),
    ])
      expect(await refusal(request)).toBe("not_found");

    await handlers.shareProfile({ id, shared: true }, ROOT);
    expect(await handlers.listProfiles({}, BOB)).toMatchObject([{ id, own: false, shared: true }]);
    expect((await handlers.showProfile({ id }, BOB)).text).toContain("PrivateKey = (kept)");
    expect(await refusal(handlers.renameProfile({ id, name: "mine" }, BOB))).toBe("not_permitted");
    expect(await refusal(handlers.removeProfile({ id }, BOB))).toBe("not_permitted");
    expect(await refusal(handlers.exportProfiles({ ids: [id], format: "conf" }, BOB))).toBe("not_permitted");

    await handlers.shareProfile({ id, shared: false }, ROOT);
    expect(await handlers.listProfiles({}, BOB)).toEqual([]);
  });

  it("root may change any, and still may not export what is another's", async () => {
    using world = await openProfiles();
    const { id } = await world.add(ALICE, "office");
    expect((await world.handlers.renameProfile({ id, name: "work" }, ROOT)).name).toBe("work");
    expect(await refusal(world.handlers.exportProfiles({ ids: [id], format: "conf" }, ROOT))).toBe(
      "not_permitted",
    );
  });

  it("a copy of a shared profile does not let its keys out either", async () => {
    using world = await openProfiles();
    const { handlers } = world;
    const { id } = await world.add(ALICE, "office");
    await handlers.shareProfile({ id, shared: true }, ROOT);
    expect(await refusal(handlers.duplicateProfile({ id }, BOB))).toBe("not_permitted");
  });
});

describe("an edit", () => {
  it("keeps the keys that it does not show, each with its peer", async () => {
    using world = await openProfiles();
    const { handlers } = world;
    const { id } = await world.add(ALICE, "office");
    const { text } = await handlers.showProfile({ id }, ALICE);
    expect(text).not.toContain(PRIVATE_KEY);
    expect(text).not.toContain(PRESHARED_KEY);
    const report = await handlers.checkEdit({ id, text: text.replace("10.7.0.0/24", "10.9.0.0/16") }, ALICE);
    expect(report.verdict).toBe("accepted");
    expect(report.documents[0]?.source).toContain("PrivateKey = ******");
    await handlers.confirmEdit({ id, digest: report.digest }, ALICE);
    const { bytes } = await handlers.exportProfiles({ ids: [id], format: "conf" }, ALICE);
    const exported = Buffer.from(bytes, "base64").toString();
    expect(exported).toContain(`PrivateKey = ${PRIVATE_KEY}`);
    expect(exported).toContain(`PresharedKey = ${PRESHARED_KEY}`);
    expect(exported).toContain("AllowedIPs = 10.9.0.0/16");
  });

  it("gives a kept preshared key to no other peer", async () => {
    using world = await openProfiles();
    const { id } = await world.add(ALICE, "office");
    const { text } = await world.handlers.showProfile({ id }, ALICE);
    const [own = "", first = "", second = ""] = text.split("[Peer]");
    const moved = `${own}[Peer]${first.replace("PresharedKey = (kept)\n", "")}[Peer]${second}PresharedKey = (kept)\n`;
    const report = await world.handlers.checkEdit({ id, text: moved }, ALICE);
    expect(report.documents[0]?.findings.map(({ code }) => code)).toEqual(["key_length"]);
    expect(moved).toContain(OTHER_PEER_KEY);
  });

  it("ends an administrator's share when the owner changes what was shared", async () => {
    using world = await openProfiles();
    const { handlers } = world;
    const { id } = await world.add(ALICE, "office");
    await handlers.shareProfile({ id, shared: true }, ROOT);
    const { text } = await handlers.showProfile({ id }, ALICE);
    const report = await handlers.checkEdit({ id, text: text.replace("10.7.0.0/24", "10.9.0.0/16") }, ALICE);
    expect((await handlers.confirmEdit({ id, digest: report.digest }, ALICE)).shared).toBe(false);
  });

  it("of a text that is refused, or of a profile that changed meanwhile, saves nothing", async () => {
    using world = await openProfiles();
    const { handlers, clock } = world;
    const { id } = await world.add(ALICE, "office");
    const refused = await handlers.checkEdit({ id, text: "nonsense" }, ALICE);
    expect(refused.verdict).toBe("refused");
    expect(await refusal(handlers.confirmEdit({ id, digest: refused.digest }, ALICE))).toBe("refused");
    const { digest } = await handlers.checkEdit({ id, text: conf() }, ALICE);
    clock.now += 1;
    await handlers.renameProfile({ id, name: "work" }, ALICE);
    expect(await refusal(handlers.confirmEdit({ id, digest }, ALICE))).toBe("conflict");
    expect(await refusal(handlers.confirmImport({ digest, choices: [{ index: 0, name: "x" }] }, ALICE))).toBe(
      "conflict",
    );
  });
});

describe("narrowing", () => {
  it("takes what lies inside, and nothing else", async () => {
    using world = await openProfiles();
    const { handlers } = world;
    const { id } = await world.add(ALICE, "all", conf({ allowedIps: "0.0.0.0/0" }));
    expect((await handlers.narrowProfile({ id, prefixes: ["10.0.0.0/8"] }, ALICE)).steers).toEqual({
      mode: "vpn_only",
      prefixes: ["10.0.0.0/8", "10.8.0.0/24"],
      narrowed: true,
    });
    for (const prefixes of [["::/0"], ["10.0.0.0/8", "fd00::/8"], ["10.0.0.1/8"]])
      expect(await refusal(handlers.narrowProfile({ id, prefixes }, ALICE))).not.toBe("not refused");
    expect((await handlers.narrowProfile({ id, prefixes: null }, ALICE)).steers.mode).toBe("full_tunnel");
  });

  it("ends when an edit asks for less than it", async () => {
    using world = await openProfiles();
    const { handlers } = world;
    const { id } = await world.add(ALICE, "all", conf({ allowedIps: "0.0.0.0/0" }));
    await handlers.narrowProfile({ id, prefixes: ["192.168.0.0/16"] }, ALICE);
    const { digest } = await handlers.checkEdit({ id, text: conf({ allowedIps: "10.7.0.0/24" }) }, ALICE);
    expect((await handlers.confirmEdit({ id, digest }, ALICE)).steers).toMatchObject({
      narrowed: false,
      prefixes: ["10.7.0.0/24", "10.8.0.0/24"],
    });
  });
});

describe("removing", () => {
  it("can be undone for a while, by its owner, and then the keys are gone", async () => {
    using world = await openProfiles();
    const { handlers, clock, folder } = world;
    const profile = await world.add(ALICE, "office");
    const { restorableUntil } = await handlers.removeProfile({ id: profile.id }, ALICE);
    expect(Date.parse(restorableUntil) - clock.now).toBe(RESTORABLE_MS);
    expect(await handlers.listProfiles({}, ALICE)).toEqual([]);
    expect(await refusal(handlers.showProfile({ id: profile.id }, ALICE))).toBe("not_found");
    expect(await handlers.removedProfiles({}, BOB)).toEqual([]);
    expect(await refusal(handlers.restoreProfile({ id: profile.id }, BOB))).toBe("not_found");
    expect(await handlers.removedProfiles({}, ALICE)).toHaveLength(1);
    await handlers.restoreProfile({ id: profile.id }, ALICE);
    expect(await handlers.listProfiles({}, ALICE)).toMatchObject([{ id: profile.id, name: "office" }]);

    await handlers.removeProfile({ id: profile.id }, ALICE);
    clock.now += RESTORABLE_MS + 1;
    expect(await refusal(handlers.restoreProfile({ id: profile.id }, ALICE))).toBe("not_found");
    await world.add(ALICE, "another");
    expect(readdirSync(join(folder, "profiles"))).toHaveLength(1);
  });

  it("is refused while the profile is connected", async () => {
    using world = await openProfiles();
    const { id } = await world.add(ALICE, "office");
    world.active.id = id;
    expect(await refusal(world.handlers.removeProfile({ id }, ALICE))).toBe("conflict");
  });
});

describe("an export", () => {
  it("of several is an archive, of one a text or a QR code, each with the same content", async () => {
    using world = await openProfiles();
    const { handlers } = world;
    const one = await world.add(ALICE, "../../etc/office");
    const two = await world.add(ALICE, "home", conf({ allowedIps: "10.70.0.0/16" }));
    const get = async (ids: string[], format: "conf" | "zip" | "qr") =>
      Buffer.from((await handlers.exportProfiles({ ids, format }, ALICE)).bytes, "base64");
    const text = (await get([one.id], "conf")).toString();
    const read = async (bytes: Uint8Array) =>
      (await openContainer(bytes)).documents.map(({ name, content }) => [
        name,
        content.kind === "text" ? Buffer.from(content.bytes).toString() : content.finding.code,
      ]);
    expect(await read(await get([one.id], "qr"))).toEqual([[null, text]]);
    const zip = await read(await get([one.id, two.id], "zip"));
    expect(zip[0]).toEqual(["_.._etc_office.conf", text]);
    expect(zip[1]?.[0]).toBe("home.conf");
    expect(await refusal(get([one.id, two.id], "conf"))).toBe("bad_request");
  });

  it("of what does not fit into a QR code says so", async () => {
    using world = await openProfiles();
    const many = Array.from({ length: 240 }, (_, number) => `AllowedIPs = 10.${number}.7.0/24`);
    const { id } = await world.add(ALICE, "large", conf({ allowedIps: `192.0.2.0/24\n${many.join("\n")}` }));
    expect(await refusal(world.handlers.exportProfiles({ ids: [id], format: "qr" }, ALICE))).toBe("refused");
  });
});

describe("the store", () => {
  it("keeps each profile in a 0600 file that is called after nothing a person typed", async () => {
    using world = await openProfiles();
    await world.add(ALICE, "../../../etc/passwd");
    const folder = join(world.folder, "profiles");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const [file = "", ...others] = readdirSync(folder);
    expect(others).toEqual([]);
    expect(file).toMatch(/^prf_[0-9a-f]{22}\.json$/);
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  it("finds everything again after a restart, whatever a crash left beside it", async () => {
    using world = await openProfiles();
    const profile = await world.add(ALICE, "office", conf({ endpoint: "vpn.example.com:51820" }));
    await world.handlers.narrowProfile({ id: profile.id, prefixes: ["10.7.0.0/25"] }, ALICE);
    const folder = join(world.folder, "profiles");
    writeFileSync(join(folder, `${profile.id}.json.new`), "half a fi");
    const again = await openProfiles(world.folder);
    expect(again.store.damage).toEqual([]);
    expect(await again.handlers.listProfiles({}, ALICE)).toEqual(
      await world.handlers.listProfiles({}, ALICE),
    );
    const get = async (from: typeof world) =>
      (await from.handlers.exportProfiles({ ids: [profile.id], format: "conf" }, ALICE)).bytes;
    expect(await get(again)).toBe(await get(world));
  });

  it("puts a damaged file aside and says so, and keeps the others", async () => {
    using world = await openProfiles();
    const one = await world.add(ALICE, "one");
    const two = await world.add(ALICE, "two");
    const folder = join(world.folder, "profiles");
    const path = join(folder, `${one.id}.json`);
    const stored = readFileSync(path, "utf8");
    for (const damage of ["", "{}", stored.slice(0, 100), stored.replace("10.7.0.0/24", "10.7.0.0/024")]) {
      writeFileSync(path, damage);
      const again = await openProfiles(world.folder);
      expect(again.store.damage).toHaveLength(1);
      expect(again.store.damage.join()).not.toContain(PRIVATE_KEY);
      expect(await again.handlers.listProfiles({}, ALICE)).toMatchObject([{ id: two.id }]);
    }
    writeFileSync(path, stored.replace(one.id, two.id));
    const swapped = await openProfiles(world.folder);
    expect(await swapped.handlers.listProfiles({}, ALICE)).toMatchObject([{ id: two.id, name: "two" }]);
  });

  it("does not follow links or enter what is not its own", async () => {
    using world = await openProfiles();
    const { id } = await world.add(ALICE, "office");
    const folder = join(world.folder, "profiles");
    const trap = join(world.folder, "trap");
    writeFileSync(trap, "untouched");
    symlinkSync(trap, join(folder, `${id}.json.new`));
    await world.handlers.renameProfile({ id, name: "work" }, ALICE);
    expect(readFileSync(trap, "utf8")).toBe("untouched");
    const open = join(world.folder, "open");
    mkdirSync(join(open, "profiles"), { recursive: true, mode: 0o755 });
    await expect(openProfiles(open)).rejects.toThrow("others may enter it");
  });

  it("takes no name with a part of a key in it", async () => {
    using world = await openProfiles();
    const { handlers } = world;
    const { id } = await world.add(ALICE, "office");
    const name = `to ${PRESHARED_KEY.slice(4, 20).toLowerCase()}`;
    expect(await refusal(handlers.renameProfile({ id, name }, ALICE))).toBe("refused");
    expect(await refusal(handlers.duplicateProfile({ id, name: PRIVATE_KEY.slice(0, -1) }, ALICE))).toBe(
      "refused",
    );
    expect(await refusal(world.add(ALICE, PRIVATE_KEY))).toBe("refused");
    expect(await handlers.listProfiles({}, ALICE)).toMatchObject([{ name: "office" }]);
  });

  it("tells nothing of a key that stands where it should not, in whatever form", async () => {
    using world = await openProfiles();
    const { handlers } = world;
    const keys = randomKeys();
    const files = some(planted(keys));
    const { id } = await world.add(
      ALICE,
      "office",
      conf().replace(PRIVATE_KEY, keys.privateKey).replace(PRESHARED_KEY, keys.presharedKey),
    );
    const kept = (text: string) =>
      text
        .replace(`PrivateKey = ${keys.privateKey}\n`, "PrivateKey = (kept)\n")
        .replace(`PresharedKey = ${keys.presharedKey}\n`, "PresharedKey = (kept)\n");
    for (const { name, text } of files) {
      const edited = await handlers.checkEdit({ id, text: kept(text) }, ALICE);
      expect(tells(JSON.stringify(edited), keys), `${name}\n${kept(text)}`).toBe(false);
    }
    for (let begin = 0; begin < files.length; begin += 100) {
      const part = files.slice(begin, begin + 100).map(({ text }, index) => ({ name: `${index}`, text }));
      const report = await handlers.importBytes({ bytes: base64(writeZip(part)) }, ALICE);
      const choices = report.documents
        .flatMap(({ config }, index) => (config === null ? [] : [{ index, name: `${begin}-${index}` }]))
        .slice(0, 8);
      const saved =
        choices.length === 0 ? [] : await handlers.confirmImport({ digest: report.digest, choices }, ALICE);
      const shown = await Promise.all(
        saved.map((profile) => handlers.showProfile({ id: profile.id }, ALICE)),
      );
      expect(tells(JSON.stringify([report, saved, shown]), keys)).toBe(false);
    }
    expect(tells(inspect(world.store, { depth: 9 }), keys)).toBe(false);
  }, 30_000);

  it("gives out no key, whatever is asked, printed or serialised", async () => {
    using world = await openProfiles();
    const { id } = await world.add(ALICE, "office");
    const { handlers } = world;
    const said = JSON.stringify([
      world.store.all(),
      await handlers.listProfiles({}, ALICE),
      await handlers.showProfile({ id }, ALICE),
      await handlers.importBytes({ bytes: base64(conf()) }, ALICE),
      await handlers.checkEdit({ id, text: conf() }, ALICE),
    ]);
    for (const key of [PRIVATE_KEY, PRESHARED_KEY]) expect(said).not.toContain(key.slice(0, 20));
  });
});
