import { expect, test } from "vitest";
import { FINDINGS_JA } from "../../../../renderer/screens/manual/findings-ja.ts";
import { CATALOGUE } from "../../../../src/wireguard/config/catalogue.ts";

test("every finding that a check can make has its words in Japanese, and there are no others", () => {
  expect(Object.keys(FINDINGS_JA).toSorted()).toEqual(Object.keys(CATALOGUE).toSorted());
});
