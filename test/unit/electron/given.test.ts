import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readArguments, readGiven } from "../../../electron/given/arguments.ts";
import { hostTexts } from "../../../electron/texts/index.ts";

const texts = hostTexts("en").given;
const LINK = "nanami://enroll/control.example#0123456789abcdef0123";
const given = (...words: string[]) => readArguments(words, "/home/user", texts).given;
const refused = (message: string) => ({ kind: "refused", message });

describe("the words that the app is started with", () => {
  test("switches are the system's, and only --hidden is ours", () => {
    expect(readArguments(["--no-sandbox", "--hidden", "-psn_0_1"], "/", texts)).toEqual({
      hidden: true,
      given: { kind: "nothing" },
    });
    expect(readArguments(["", "--hidden=1"], "/", texts).hidden).toBe(false);
  });

  test("one link", () => {
    expect(given(LINK)).toEqual({ kind: "link", link: LINK });
    expect(given("NANAMI://anything")).toEqual({ kind: "link", link: "NANAMI://anything" });
    expect(given(LINK, LINK)).toEqual(refused(texts.mixed));
    expect(given(LINK, "a.conf")).toEqual(refused(texts.mixed));
    expect(given(`nanami:${"x".repeat(600)}`)).toEqual(refused(texts.tooLong));
  });

  test("files by path and by address, relative to the folder of who gave them", () => {
    expect(given("a.conf", "/b/../c.zip", "./d", "C:x.conf")).toEqual({
      kind: "files",
      paths: ["/home/user/a.conf", "/c.zip", "/home/user/d", "/home/user/C:x.conf"],
    });
    expect(given("file:///tmp/a%20b.conf")).toEqual({ kind: "files", paths: ["/tmp/a b.conf"] });
  });

  test.each([
    "https://example.com/a.conf",
    "file://server/a.conf",
    "file:///a%2fb",
    "file:///a%00b",
    "javascript:alert(1)",
    "a\0b",
    "data:text/plain,x",
  ])("nothing that is no file of this machine: %s", (word) => {
    expect(given(word)).toEqual(refused(texts.badAddress));
  });

  test("at most sixteen files, and none with an endless name", () => {
    const files = (count: number) => Array.from({ length: count }, (_, at) => `${at}.conf`);
    expect(given(...files(16))).toMatchObject({ kind: "files" });
    expect(given(...files(17))).toEqual(refused(texts.tooMany(16)));
    expect(given("x".repeat(5000))).toEqual(refused(texts.tooLong));
  });

  test("whatever comes, it is read without a fault, and paths are absolute", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.webUrl(), fc.constantFrom(LINK, "file:///x"))),
        (words) => {
          const result = readGiven(words, "/home/user", texts);
          if (result.kind === "files") expect(result.paths.every((path) => path.startsWith("/"))).toBe(true);
        },
      ),
    );
  });
});
