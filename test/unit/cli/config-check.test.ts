import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { UsageError } from "../../../src/cli/problem.ts";
import { realFiles, type Files } from "../../../src/cli/files.ts";
import { widthOf } from "../../../src/cli/view/width.ts";
import { writeQr } from "../../../src/wireguard/container/qr.ts";
import { CONF, PRIVATE_KEY } from "../wireguard/container/given.ts";
import { makeZip } from "../wireguard/container/zip-builder.ts";
import { planted, randomKeys, some, tells } from "../wireguard/config/planted.ts";
import { nanami } from "./world.ts";

const folder = mkdtempSync(join(tmpdir(), "nanami-check-"));
afterAll(() => rmSync(folder, { recursive: true }));

const NOWHERE = join(folder, "no-agent.sock");
const CHANGED = CONF.replace("[Peer]", "PostUp = iptables -A FORWARD -i %i -j ACCEPT\n[Peer]");
const REFUSED = CONF.replace("10.7.0.0/24", "10.7.0.0/024").replace(
  PRIVATE_KEY,
  `${PRIVATE_KEY}\nprivatKey = ${PRIVATE_KEY}`,
);

/** Runs `config check` on content that is given as standard input. */
function check(content: string | Uint8Array, ...more: string[]) {
  const files: Files = { ...realFiles, read: () => Promise.resolve(Buffer.from(content)) };
  return nanami(NOWHERE, [...more, "config", "check", "-"], { files });
}

describe("nanami config check", () => {
  it("answers without an agent, and with status 0 unless the file is refused", async () => {
    expect((await check(CONF)).status).toBe(0);
    expect((await check(CHANGED)).status).toBe(0);
    expect((await check(REFUSED)).status).toBe(1);
    expect((await check("")).status).toBe(1);
  });

  it("prints for programs what the contract says and nothing else", async () => {
    const run = await check(CHANGED, "--json");
    expect(run.err).toBe("");
    expect(JSON.parse(run.out)).toEqual({
      verdict: "accepted_with_changes",
      findings: [
        {
          severity: "warning",
          code: "hook_left_out",
          line: 5,
          column: 1,
          message: expect.stringMatching(/^PostUp is left out\. .+\. .+\.$/) as string,
        },
      ],
      config: {
        interface: { addresses: ["10.7.0.2/32"], dns: [], searchDomains: [], mtu: null, listenPort: null },
        peers: [
          {
            publicKey: "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=",
            hasPresharedKey: false,
            endpoint: "203.0.113.7:51820",
            allowedIps: ["10.7.0.0/24"],
            persistentKeepalive: null,
          },
        ],
      },
    });
  });

  it("shows people the line with a mark below the place", async () => {
    const { out } = await check(REFUSED);
    const lines = out.split("\n");
    const at = lines.findIndex((line) => line.includes("AllowedIPs"));
    expect(lines[at]).toBe("     8 | AllowedIPs = 10.7.0.0/024");
    expect(lines[at + 1]).toBe("       |              ^");
    expect(lines[at + 2]).toMatch(/^ {2}\S.*\.$/);
  });

  it.each([
    ["what is accepted", CONF],
    ["what is refused", REFUSED],
    [
      "a line of a thousand bytes",
      CONF.replace("[Peer]", `DNS = ${"10.7.0.1, ".repeat(90)}10.7.0.300\n[Peer]`),
    ],
    ["noise", Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 7919) % 256))],
  ])("keeps to 80 columns and shows no key: %s", async (_, content) => {
    const run = await check(content);
    expect(run.out + run.err).not.toContain(PRIVATE_KEY.slice(0, 20));
    for (const line of run.out.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(80);
  });

  it("reports each file of an archive by name; the worst decides the status", async () => {
    const good = makeZip([
      { name: "a.conf", content: CONF },
      { name: "README", content: "hello" },
    ]);
    const run = await check(good, "--json");
    expect(run.status).toBe(0);
    expect(JSON.parse(run.out)).toMatchObject({
      files: [
        { name: "a.conf", verdict: "accepted", findings: [], config: { peers: [{}] } },
        { name: "README", verdict: "accepted_with_changes", config: null },
      ],
    });
    const bad = makeZip([
      { name: "a.conf", content: CONF },
      { name: "../b.conf", content: CONF },
    ]);
    expect((await check(bad)).status).toBe(1);
    expect((await check(bad)).out).toContain("../b.conf: refused (1 error)");
  });

  it("reads an image of a QR code like the text in it", async () => {
    const image = writeQr(CONF) ?? new Uint8Array();
    expect((await check(image, "--json")).out).toBe((await check(CONF, "--json")).out);
  });

  it("reads files by their path, and says what cannot be read", async () => {
    const path = join(folder, "office.conf");
    writeFileSync(path, CONF);
    const run = await nanami(NOWHERE, ["config", "check", path]);
    expect(run.status).toBe(0);
    const missing = await nanami(NOWHERE, ["config", "check", join(folder, "none.conf")]);
    expect(missing.status).toBe(2);
    expect(missing.err).toContain("there is no such file");
    const hostile = await nanami(NOWHERE, [
      "config",
      "check",
      `${folder}/\u001b]0;owned\u0007\u009b2J\u202e.conf`,
    ]);
    expect(hostile.err).toContain("there is no such file");
    expect(hostile.err.replaceAll("\n", "")).not.toMatch(/[\p{Cf}\p{Cc}]/u);
    expect((await nanami(NOWHERE, ["config", "check", folder])).err).toContain("it is a folder");
  });
});

it("files are read to the bound and one byte beyond, however long they are", async () => {
  expect(await realFiles.read("/dev/zero", 100_000)).toHaveLength(100_001);
  const path = join(folder, "exact");
  writeFileSync(path, "x".repeat(100));
  expect(await realFiles.read(path, 100)).toHaveLength(100);
  expect(await realFiles.read(path, 99)).toHaveLength(100);
  await expect(realFiles.read(join(folder, "none"), 1)).rejects.toThrow(UsageError);
});

describe("a key that stands where it should not, in whatever form", () => {
  it("is printed neither for people nor for programs", async () => {
    const keys = randomKeys();
    const files = some(planted(keys));
    for (let begin = 0; begin < files.length; begin += 100) {
      const zip = makeZip(
        files.slice(begin, begin + 100).map(({ text }, index) => ({ name: `${index}.conf`, content: text })),
      );
      for (const option of [[], ["--json"]]) {
        const { out, err } = await check(zip, ...option);
        expect(tells(out + err, keys)).toBe(false);
      }
    }
  }, 30_000);
});
