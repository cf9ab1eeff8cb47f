import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../../../src/wireguard/config/check.ts";
import { LIMITS } from "../../../../src/wireguard/config/types.ts";
import { writeConfig } from "../../../../src/wireguard/config/writer.ts";
import { damaged, tunnelConfig } from "./arbitrary.ts";
import { heaviest } from "./heaviest.ts";
import { SAMPLES } from "./files.ts";
import { reveal, showsSecret } from "./reveal.ts";

const small = SAMPLES.map(({ bytes }) => bytes).filter((bytes) => bytes.length < 2000);

describe("writing and reading", () => {
  it("gives the same configuration back, whatever it is", () => {
    fc.assert(
      fc.property(tunnelConfig, (config) => {
        const text = writeConfig(config);
        const { config: again, findings } = checkConfig(Buffer.from(text));
        expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(again && reveal(again)).toEqual(reveal(config));
        for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(LIMITS.lineBytes);
      }),
      { numRuns: 500 },
    );
  });

  it.each(heaviest().filter(({ verdict }) => verdict !== "refused"))(
    "gives the same configuration back when the file is as full as can be: $name",
    ({ bytes }) => {
      const { config } = checkConfig(bytes);
      const again = config && checkConfig(Buffer.from(writeConfig(config))).config;
      expect(config).not.toBeNull();
      expect(again && reveal(again)).toEqual(config && reveal(config));
    },
  );
});

describe("any bytes", () => {
  it("are answered, never thrown at", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(checkConfig(bytes).verdict).toBe("refused");
      }),
      { numRuns: 2000 },
    );
  });

  it("that were a sound file once are answered with places inside the file and without its secrets", () => {
    fc.assert(
      fc.property(damaged(small), (bytes) => {
        const checked = checkConfig(bytes);
        const lines = Buffer.from(bytes).toString("latin1").split("\n");
        for (const { line, column } of checked.findings) {
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        }
        expect(showsSecret(checked)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the work of a check", () => {
  it("is at most a fixed number of steps a byte, for the heaviest files there are", () => {
    for (const { bytes } of heaviest())
      expect(checkConfig(bytes).steps).toBeLessThan(STEPS_PER_BYTE * bytes.length);
  });

  it("doubles, and no more, with twice the size of the file", () => {
    const half = heaviest(32 * 1024);
    for (const [index, { name, bytes }] of heaviest().entries()) {
      const part = half[index]?.bytes ?? bytes;
      const [whole, less] = [checkConfig(bytes).steps / bytes.length, checkConfig(part).steps / part.length];
      expect(whole, name).toBeLessThan(1.3 * less);
    }
  });

  it("ends after a thousand findings", () => {
    const { findings } = checkConfig(Buffer.from("x\n".repeat(30_000)));
    expect(findings.length).toBe(LIMITS.findings + 1);
    expect(findings.at(-1)?.code).toBe("too_many_findings");
  });
});

/** Lexing takes one step a byte, reading a value one more; 128 look-ups may pass over each prefix. */
const STEPS_PER_BYTE = 40;
