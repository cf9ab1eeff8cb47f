import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { checkContainer } from "../../../../src/wireguard/container/check.ts";
import { openContainer } from "../../../../src/wireguard/container/open.ts";
import { writeZip } from "../../../../src/wireguard/container/write.ts";
import { CONF, summary } from "./given.ts";
import { makeZip, type MadeEnd, type MadeEntry } from "./zip-builder.ts";

const conf = (name: string, more: Partial<MadeEntry> = {}): MadeEntry => ({ name, content: CONF, ...more });
const open = async (entries: readonly MadeEntry[], end: MadeEnd = {}) =>
  summary(await openContainer(makeZip(entries, end)));

describe("an archive of configurations", () => {
  it("gives each with its name, and passes over folders", async () => {
    const stored = conf("work/home.conf", { method: 0 });
    expect(await open([conf("office.conf"), { name: "work/", content: "", method: 0 }, stored])).toEqual([
      ["office.conf", CONF],
      ["work/home.conf", CONF],
    ]);
  });

  it("leaves out what is no .conf, and says so", async () => {
    expect(await open([conf("a.CONF"), { name: "README.txt", content: "hello" }])).toEqual([
      ["a.CONF", CONF],
      ["README.txt", "zip_entry_left_out"],
    ]);
  });

  it("refuses an entry whose name or method is another before its data than in the directory", async () => {
    const entries = [
      conf("a.conf", { localName: "../../b.sh" }),
      conf("c.conf", { localMethod: 0 }),
      conf("d.conf"),
    ];
    expect(await open(entries)).toEqual([
      ["a.conf", "zip_entry_damaged"],
      ["c.conf", "zip_entry_damaged"],
      ["d.conf", CONF],
    ]);
  });

  it("is refused when nothing in it is a configuration", async () => {
    expect(await open([{ name: "README.txt", content: "hello" }])).toEqual([
      ["README.txt", "zip_entry_left_out"],
      [null, "zip_without_configuration"],
    ]);
    expect(await open([])).toEqual([[null, "zip_without_configuration"]]);
  });

  it("reads names of old archives in code page 437", async () => {
    const name = Buffer.from([0x81, 0x2e, 0x63, 0x6f, 0x6e, 0x66]);
    expect(await open([{ name, content: CONF, flags: 0 }])).toEqual([["ü.conf", CONF]]);
  });
});

describe("names that lead elsewhere or deceive", () => {
  test.each([
    ["../evil.conf", "zip_entry_path"],
    ["a/../../evil.conf", "zip_entry_path"],
    ["/etc/wireguard/wg0.conf", "zip_entry_path"],
    ["C:\\windows\\x.conf", "zip_entry_path"],
    ["c:x.conf", "zip_entry_path"],
    ["..\\evil.conf", "zip_entry_path"],
    ["\\\\server\\share\\x.conf", "zip_entry_path"],
    ["./x.conf", "zip_entry_path"],
    ["", "zip_entry_name"],
    ["  ", "zip_entry_name"],
    ["a\u0000.conf", "zip_entry_name"],
    ["a\u001b[2J.conf", "zip_entry_name"],
    ["a\u202efnoc.exe.conf", "zip_entry_name"],
    ["a\u3164b.conf", "zip_entry_name"],
    ["a\ufe01b.conf", "zip_entry_name"],
    [`${"a".repeat(250)}.conf`, "zip_entry_name"],
  ])("%j is refused as %s, and shown without what deceives", async (name, code) => {
    const [[shown, found] = []] = await open([conf(name)]);
    expect(found).toBe(code);
    expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(shown?.length).toBeLessThanOrEqual(200);
  });

  it("refuses both entries of the same name, in whatever case or form", async () => {
    const names = ["a.conf", "A.conf", "ﬁ.conf", "fi.conf", "b.conf"];
    const opened = await open(names.map((name) => conf(name)));
    expect(opened.map(([, code]) => code)).toEqual([...Array<string>(4).fill("zip_entry_duplicate"), CONF]);
  });
});

describe("entries that are not what they seem", () => {
  test.each<[string, MadeEntry, string]>([
    ["a link", conf("a.conf", { mode: 0o120777 }), "zip_entry_link"],
    ["a device", conf("a.conf", { mode: 0o020666 }), "zip_entry_link"],
    ["encrypted", conf("a.conf", { flags: 1 }), "zip_entry_encrypted"],
    ["packed with LZMA", conf("a.conf", { method: 14, packed: Buffer.from("x") }), "zip_entry_method"],
    ["an archive by name", conf("a.zip"), "zip_entry_nested"],
    ["an archive by content", { name: "a.conf", content: makeZip([conf("b.conf")]) }, "zip_entry_nested"],
    ["longer than it says", conf("a.conf", { claimedSize: 10 }), "zip_entry_damaged"],
    ["shorter than it says", conf("a.conf", { claimedSize: 4_000_000_000 }), "zip_entry_damaged"],
    ["stored, of two lengths", conf("a.conf", { method: 0, claimedSize: 10 }), "zip_entry_damaged"],
    ["packed beyond the archive", conf("a.conf", { claimedPacked: 1_000_000 }), "zip_entry_damaged"],
    ["no deflated data", conf("a.conf", { packed: Buffer.alloc(50, 0xff) }), "zip_entry_damaged"],
    ["of another checksum", conf("a.conf", { claimedChecksum: 1 }), "zip_entry_damaged"],
    ["of another length before its data", conf("a.conf", { localSize: 10 }), "zip_entry_damaged"],
    ["cut off", conf("a.conf", { packed: deflateRawSync(CONF).subarray(0, 60) }), "zip_entry_damaged"],
  ])("%s: refused, and the others stay", async (_, entry, code) => {
    const opened = await open([entry, conf("fine.conf")]);
    expect(opened.map(([, found]) => found)).toEqual([code, CONF]);
  });
});

describe("archives made to exhaust", () => {
  it("a bomb is refused by what it unpacks to, whatever its header says", async () => {
    const packed = deflateRawSync(Buffer.alloc(60_000_000));
    expect(packed.length).toBeLessThan(100_000);
    const before = process.memoryUsage().arrayBuffers;
    const opened = await open([
      conf("bomb.conf", { packed, claimedSize: 100 }),
      conf("honest.conf", { packed, claimedSize: 60_000_000 }),
    ]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    expect(opened.map(([, code]) => code)).toEqual(["zip_entry_too_large", "zip_entry_too_large"]);
  });

  it("takes 64 KiB of an entry and no byte more", async () => {
    const text = (size: number) => ({ name: `${size}.conf`, content: "x".repeat(size) });
    const opened = await open([text(65_536), text(65_537), { ...text(65_538), method: 0 }]);
    expect(opened.map(([, found]) => found.length > 100 || found)).toEqual([
      true,
      "zip_entry_too_large",
      "zip_entry_too_large",
    ]);
  });

  it("stops at 2 MiB in all", async () => {
    const entries = Array.from({ length: 40 }, (_, index) => ({
      name: `${index}.conf`,
      content: "x".repeat(65_536),
    }));
    const codes = (await open(entries)).map(([, code]) => code);
    expect(codes.filter((code) => code === "zip_total_too_large")).toHaveLength(8);
  });

  it("counts thousands of entries in the directory before it reads one", async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ name: `${index}.conf`, content: "x", method: 0 }));
    const started = performance.now();
    expect(await open(many(5_000))).toEqual([[null, "zip_too_many_entries"]]);
    expect(await open(many(101))).toEqual([[null, "zip_too_many_entries"]]);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(await open(many(100))).toHaveLength(100);
  });

  it("more than 1 MiB is not looked into", async () => {
    const content = Buffer.from(Array.from({ length: 1_100_000 }, (_, index) => (index * 7919) % 251));
    expect(await open([{ name: "a.conf", content, method: 0 }])).toEqual([[null, "zip_too_large"]]);
  });
});

describe("directories that say two things", () => {
  test.each<[string, MadeEnd]>([
    ["fewer entries than there are", { entries: 1 }],
    ["more entries than there are", { entries: 3 }],
    ["another size", { directorySize: 40 }],
    ["a second disk", { disk: 1 }],
    ["bytes behind the end", { trailing: "x" }],
    ["a second end behind the end", { trailing: makeZip([conf("c.conf")]).toString("latin1") }],
    ["a comment that holds another end", { comment: makeZip([]).toString("latin1") }],
  ])("%s: refused altogether", async (_, end) => {
    expect(await open([conf("a.conf"), conf("b.conf")], end)).toEqual([[null, "zip_damaged"]]);
  });

  it("cut off anywhere, an archive is refused and nothing throws", async () => {
    const whole = makeZip([conf("a.conf"), conf("b.conf")]);
    for (let length = 4; length < whole.length; length += 1) {
      const opened = await openContainer(whole.subarray(0, length));
      expect(summary(opened)).toEqual([[null, "zip_damaged"]]);
    }
  });

  it("with any byte changed, nothing throws and nothing exceeds the limits", async () => {
    const whole = makeZip([conf("a.conf"), conf("b.conf", { method: 0 })]);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (index, byte) => {
        const changed = Buffer.from(whole);
        changed[index] = byte;
        const { documents } = await checkContainer(changed);
        expect(documents.length).toBeGreaterThan(0);
        expect(documents.length).toBeLessThanOrEqual(3);
      }),
      { numRuns: 400 },
    );
  });
});

describe("archives that we write", () => {
  it("are read back, each file under a name of its own", async () => {
    const names = ["Büro", "../etc", "a/b", "con", "", "Büro", "東京\u202e", "...", "x".repeat(300), "büro"];
    const zip = writeZip(names.map((name, index) => ({ name, text: `# ${index}\n${CONF}` })));
    const opened = summary(await openContainer(zip));
    expect(opened.map(([, text]) => text.split("\n")[0])).toEqual(names.map((_, index) => `# ${index}`));
    expect(opened.slice(0, 6).map(([name]) => name)).toEqual([
      "Büro.conf",
      "_etc.conf",
      "a_b.conf",
      "tunnel.conf",
      "tunnel (2).conf",
      "Büro (2).conf",
    ]);
  });

  it.each(["con", "AUX.old", "com1", "COM¹.x", "lpt9 ", "conin$"])(
    "are no device of Windows: %j",
    async (name) => {
      const [opened] = summary(await openContainer(writeZip([{ name, text: CONF }])));
      expect(opened?.[0]).toBe("tunnel.conf");
    },
  );

  it("for any names", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 6 }),
        async (names) => {
          const opened = await openContainer(writeZip(names.map((name) => ({ name, text: CONF }))));
          expect(summary(opened).map(([, text]) => text)).toEqual(names.map(() => CONF));
        },
      ),
      { numRuns: 60 },
    );
  });
});
