import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../../../src/wireguard/config/catalogue.ts";
import { checkConfig, reportOf } from "../../../../src/wireguard/config/check.ts";
import { writeConfig } from "../../../../src/wireguard/config/writer.ts";
import { container } from "../../../../src/wireguard/container/catalogue.ts";
import { PRIVATE, PSK, SAMPLES } from "./files.ts";
import { reveal } from "./reveal.ts";

describe("hostile and odd files", () => {
  it("are at least 150, with names of their own", () => {
    expect(SAMPLES.length).toBeGreaterThanOrEqual(150);
    expect(new Set(SAMPLES.map(({ name }) => name)).size).toBe(SAMPLES.length);
  });

  it.each(SAMPLES)("$name: $verdict $codes", ({ bytes, verdict, codes }) => {
    const checked = checkConfig(bytes);
    expect(checked.findings.map(({ code }) => code)).toEqual(codes);
    expect(checked.verdict).toBe(verdict);
    expect(checked.config === null).toBe(verdict === "refused");
  });

  it.each(SAMPLES)("$name: no output has a secret in it", ({ bytes }) => {
    const checked = checkConfig(bytes);
    for (const output of [
      JSON.stringify(reportOf(checked)),
      JSON.stringify(checked),
      inspect(checked, { depth: 9 }),
    ])
      for (const secret of [PRIVATE, PSK]) expect(output).not.toContain(secret.slice(0, 40));
  });

  it.each(SAMPLES.filter(({ verdict }) => verdict !== "refused"))(
    "$name: reads again what it writes",
    ({ bytes }) => {
      const { config } = checkConfig(bytes);
      const again = config && checkConfig(Buffer.from(writeConfig(config)));
      expect(again?.verdict).toBe("accepted");
      expect(again?.config && reveal(again.config)).toEqual(config && reveal(config));
    },
  );

  it("make every finding that a .conf can have at least once, except those that need facts about the machine", () => {
    const needFacts = [
      "allowed_ips_cover_lan",
      "allowed_ips_cover_control_plane",
      "allowed_ips_cover_dns",
      "asks_for_more",
    ];
    const made = new Set(SAMPLES.flatMap(({ codes }) => codes));
    const missing = Object.keys(CATALOGUE).filter((code) => !made.has(code as never) && !(code in container));
    expect(missing.toSorted()).toEqual([...needFacts, "too_many_findings"].toSorted());
  });
});
