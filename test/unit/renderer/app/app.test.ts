import { expect, test } from "vitest";
import { documentTitle } from "../../../../renderer/app/document-title.ts";
import { placeInBar, screenBeside } from "../../../../renderer/app/places.ts";
import { screenFor, SHORTCUTS } from "../../../../renderer/app/shortcuts.ts";
import {
  formatBytes,
  formatDuration,
  formatMilliseconds,
  rateParts,
} from "../../../../renderer/texts/format.ts";
import { problemWords } from "../../../../renderer/texts/problem-words.ts";
import { reasonClause } from "../../../../renderer/texts/reason-words.ts";
import { fullTunnel, heldUp, snapshot } from "../snapshots.ts";
import { english, japanese } from "../words.ts";

const press = (key: string, held: { ctrlKey?: boolean; metaKey?: boolean; altKey?: boolean } = {}) =>
  screenFor({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test("each shortcut leads to its screen, with Ctrl or Command and nothing else", () => {
  for (const { key, screen } of SHORTCUTS) {
    expect(press(key, { ctrlKey: true })).toBe(screen);
    expect(press(key, { metaKey: true })).toBe(screen);
    expect(press(key)).toBeUndefined();
    expect(press(key, { ctrlKey: true, altKey: true })).toBeUndefined();
  }
});

test("every screen has a place in the narrow window's bar, and none stands beside itself", () => {
  for (const screen of ["home", "path", "preferences", "manual", "health", "settings", "more"] as const) {
    expect(["home", "path", "manual", "more"]).toContain(placeInBar(screen));
    expect(screenBeside(screen)).not.toBe(screen);
  }
});

test("the title tells the state", () => {
  const title = (whole: ReturnType<typeof snapshot>) =>
    documentTitle({ state: "ready", snapshot: whole }, english);
  expect(title(snapshot())).toBe("Connected – Nanami");
  expect(title(fullTunnel({ tunnel: heldUp("blocked", "offline") }))).toBe("Blocked – Nanami");
  expect(title(fullTunnel({ tunnel: heldUp("blocked", "lockdown") }))).toBe("Not connected – Nanami");
  expect(documentTitle(undefined, english)).toBe("Nanami");
});

test("figures do not dance: three digits at most, and a unit of their own", () => {
  expect(rateParts(0, "en")).toEqual({ value: "0", unit: "bit/s" });
  expect(rateParts(3_012_500, "en")).toEqual({ value: "24.1", unit: "Mbit/s" });
  expect(rateParts(12_500_000_000_000, "en")).toEqual({ value: "100", unit: "Tbit/s" });
  expect(formatBytes(2_400_000_000, "en")).toBe("2.4 GB");
  expect(formatMilliseconds(0.64, "en")).toBe("0.6 ms");
  expect(formatMilliseconds(231.4, "en")).toBe("231 ms");
  expect(formatDuration(2530)).toBe("0:42:10");
  expect(formatDuration(-1)).toBe("0:00:00");
});

test("a refusal is said in the window's language by its reason, else by its code, else in the service's own words", () => {
  const connected = {
    code: "conflict",
    reason: "profile_connected",
    message: "The profile is connected.",
    remedy: "Disconnect first (nanami down).",
  } as const;
  // A window has a button where the command line has a command.
  expect(problemWords(connected, english).remedy).toBe("Disconnect it first.");
  expect(problemWords(connected, japanese).message).toBe("この構成は接続中です。");
  const away = { code: "control_plane_unreachable", message: "control.example: timed out" } as const;
  expect(problemWords(away, japanese).message).toBe("コントロールプレーンが応答しません。");
  const named = { ...connected, reason: "target_unknown", facts: { target: "nas.test" } };
  expect(problemWords(named, japanese).message).toContain("nas.test");
  const refused = { code: "refused", reason: "of a later version", message: "The key was used." } as const;
  expect(problemWords(refused, japanese)).toEqual({ message: "The key was used.", remedy: undefined });
});

test("a link that is not good any more says so in the window's language, and until when it was", () => {
  const expired = {
    code: "refused",
    reason: "link_expired",
    message: "This enrolment key expired at 2026-01-02T12:00:00.000Z.",
    facts: { expiredAt: "2026-01-02T12:00:00.000Z" },
  } as const;
  const time = (language: string) =>
    new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" }).format(
      new Date(expired.facts.expiredAt),
    );
  expect(problemWords(expired, english).message).toBe(`This link was good until ${time("en")}.`);
  expect(problemWords(expired, japanese).message).toBe(
    `このリンクの有効期限（${time("ja")}）は過ぎています。`,
  );
  const used = { ...expired, reason: "link_used", facts: {} };
  expect(problemWords(used, japanese).message).toContain("すでに使われています");
});

test("why there is no path is said in the window's language as well", () => {
  const problem = {
    code: "unavailable",
    reason: "no_path",
    message: "x",
    facts: { why: "access_denied" },
  } as const;
  expect(problemWords(problem, english).message).toContain("does not grant you access");
});

test("a reason without a sentence of ours has no clause", () => {
  expect(reasonClause("gateway_silent", ["Tokyo"], english)).toBe("Tokyo does not answer");
  expect(reasonClause("gateway_silent", ["Tokyo"], japanese)).toBe("Tokyo からの応答がありません");
  expect(reasonClause("gateway_silent", [], english)).toBeUndefined();
  expect(reasonClause("toString", [], english)).toBeUndefined();
});
