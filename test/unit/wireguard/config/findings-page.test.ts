import { describe, expect, it } from "vitest";
import {
  CATALOGUE,
  CATALOGUE_GROUPS,
  type CatalogueEntry,
} from "../../../../src/wireguard/config/catalogue.ts";

const MEANING = {
  error: "the file is refused",
  warning: "read this before you go on",
  info: "good to know",
};

/** The page of all findings, from the catalogue. `vitest -u` writes it anew after a change there. */
function page(): string {
  const intro = [
    "# Findings",
    "",
    "What `nanami config check` and the import of a manual configuration can say about a WireGuard file. Codes are",
    "stable. Any error refuses the file; a finding marked _left out_ makes the verdict `accepted_with_changes`.",
    "",
    "Generated from `src/wireguard/config/catalogue.ts`; a test holds this page to it.",
  ];
  const groups = CATALOGUE_GROUPS.flatMap(([title, entries]) => [
    "",
    `## ${title}`,
    ...Object.entries(entries as Record<string, CatalogueEntry>).flatMap(([code, entry]) => [
      "",
      `### \`${code}\``,
      "",
      `_${entry.severity}${entry.leavesOut ? ", left out" : ""}_ (${MEANING[entry.severity]}). ${entry.title}.`,
      "",
      entry.why,
      "",
      `**What to do:** ${entry.remedy}`,
    ]),
  ]);
  return [...intro, ...groups, ""].join("\n");
}

describe("the catalogue of findings", () => {
  it("is what docs/findings.md says", async () => {
    await expect(page()).toMatchFileSnapshot("../../../../docs/findings.md");
  });

  it("says what, why and what to do in whole sentences", () => {
    for (const { title, why, remedy } of Object.values(CATALOGUE)) {
      expect(title).toMatch(/^\p{Lu}.*[^.]$/u);
      expect(why).toMatch(/^\p{Lu}.*\.$/u);
      expect(remedy).toMatch(/^\p{Lu}.*\.$/u);
    }
  });

  it("leaves things out with a warning, never silently or as an error", () => {
    for (const entry of Object.values<CatalogueEntry>(CATALOGUE)) {
      if (entry.leavesOut) expect(entry.severity).toBe("warning");
    }
  });
});
