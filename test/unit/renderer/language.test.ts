import { describe, expect, test } from "vitest";
import { textsFor } from "../../../renderer/texts/catalogue.ts";
import { en } from "../../../renderer/texts/en/index.ts";
import { ja } from "../../../renderer/texts/ja/index.ts";
import { english, japanese } from "./words.ts";

test("a catalogue that cannot be fetched leaves English, and is fetched when it is wanted again", async () => {
  const none = () => Promise.reject(new TypeError("Failed to fetch"));
  expect(await textsFor("ja", none)).toEqual({ language: "en", texts: en });
  expect(await textsFor("ja")).toEqual({ language: "ja", texts: ja });
  // It is there now.
  expect(await textsFor("ja", none)).toEqual({ language: "ja", texts: ja });
  expect(await textsFor("en")).toEqual({ language: "en", texts: en });
});

describe("a text", () => {
  test("is the one at its place, with what it names put in", () => {
    expect(english("home.switchOn")).toBe("On");
    expect(english("home.headline.full", { place: "Frankfurt" })).toBe("All traffic leaves in Frankfurt");
    expect(japanese("home.headline.full", { place: "Frankfurt" })).toBe(
      "すべての通信は Frankfurt から出ます",
    );
  });

  test("takes what is put in for no text of ours", () => {
    const place = "{{place}} $& $t(home.switchOn) {{constructor}}";
    expect(english("home.headline.full", { place })).toBe(`All traffic leaves in ${place}`);
  });

  test("has nothing where something that it names was not given", () => {
    expect(english("home.headline.full")).toBe("All traffic leaves in {{place}}");
    expect(english("home.headline.full", {})).toBe("All traffic leaves in ");
  });

  test("is another for one than for many, where the language tells them apart", () => {
    expect([0, 1, 2].map((count) => english("health.checks.unhealthy", { count }))).toEqual([
      "0 things are wrong",
      "1 thing is wrong",
      "2 things are wrong",
    ]);
    expect(japanese("health.checks.unhealthy", { count: 1 })).toBe(
      ja.health.checks.unhealthy_other.replace("{{count}}", "1"),
    );
  });

  test("writes a time as its language does", () => {
    const expiredAt = new Date(2026, 10, 23, 16, 5);
    expect(english("said.refusals.link_expired.message", { expiredAt })).toMatch(
      /November 23, 2026 at 4:05\sPM/,
    );
    expect(japanese("said.refusals.link_expired.message", { expiredAt })).toContain("2026年11月23日");
  });

  test("that there is not is told as its place", () => {
    const anywhere = english as (place: string) => string;
    for (const place of [
      "home.nothing",
      "home",
      "home.switchOn.more",
      "constructor",
      "home.headline.toString",
      "",
    ])
      expect(anywhere(place)).toBe(place);
  });
});
