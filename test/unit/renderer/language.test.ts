import i18next from "i18next";
import { expect, test } from "vitest";
import { spokenFor } from "../../../renderer/texts/catalogue.ts";

test("a catalogue that cannot be fetched leaves English, and is fetched when it is wanted again", async () => {
  await i18next.init({ lng: "en", fallbackLng: "en", resources: {} });
  expect(await spokenFor("ja", () => Promise.reject(new TypeError("Failed to fetch")))).toBe("en");
  expect(await spokenFor("ja")).toBe("ja");
  expect(i18next.hasResourceBundle("ja", "texts")).toBe(true);
  // It is there now.
  expect(await spokenFor("ja", () => Promise.reject(new TypeError("Failed to fetch")))).toBe("ja");
  expect(await spokenFor("en")).toBe("en");
});
