import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { checkConfig, reportOf } from "../../../../src/wireguard/config/check.ts";
import { maskSource } from "../../../../src/wireguard/config/masked-source.ts";
import { checkContainer } from "../../../../src/wireguard/container/check.ts";
import { writeZip } from "../../../../src/wireguard/container/write.ts";
import { planted, randomKeys, tells } from "./planted.ts";

describe("a key that stands where it should not, in whatever form", () => {
  it("is in no output of a check", () => {
    const keys = randomKeys();
    const verdicts = new Set<string>();
    for (const { name, text } of planted(keys)) {
      const bytes = Buffer.from(text);
      const checked = checkConfig(bytes);
      const outputs = [
        JSON.stringify(reportOf(checked)),
        inspect(checked, { depth: 9 }),
        maskSource(bytes).join("\n"),
      ];
      for (const output of outputs) expect(tells(output, keys), `${name}\n${text}\n${output}`).toBe(false);
      verdicts.add(checked.verdict);
    }
    // Both kinds of reports were looked at.
    expect(verdicts).toEqual(new Set(["accepted", "accepted_with_changes", "refused"]));
  }, 30_000);

  it("would be seen: the files themselves tell it", () => {
    const keys = randomKeys();
    for (const { text } of planted(keys)) expect(tells(text, keys)).toBe(true);
    expect(tells(inspect(checkConfig(Buffer.from("x"))), keys)).toBe(false);
  });

  it("is not shown as the name of an archive's entry", async () => {
    const keys = randomKeys();
    const text = `[Interface]\nPrivateKey = ${keys.privateKey}\nAddress = 10.66.0.7/32\n`;
    const name = keys.privateKey.replace(/[^A-Za-z0-9]/g, "").toLowerCase();
    const checked = await checkContainer(
      writeZip([
        { name, text },
        { name: "office", text },
      ]),
    );
    expect(checked.documents.map(({ verdict }) => verdict)).toEqual(["refused", "accepted"]);
    expect(tells(JSON.stringify(checked.documents.map((one) => [one.name, reportOf(one)])), keys)).toBe(
      false,
    );
  });
});

describe("names that share nothing with a key", () => {
  it("are left alone", () => {
    for (const name of ["us-nyc-wg-301.relays.example.net", "corp.internal", "abcdefabcdefabcdef.example"]) {
      const { privateKey } = randomKeys();
      const { verdict } = checkConfig(
        Buffer.from(`[Interface]\nPrivateKey = ${privateKey}\nAddress = 10.0.0.2\nDNS = 10.0.0.1, ${name}\n`),
      );
      expect(verdict).toBe("accepted");
    }
  });
});
