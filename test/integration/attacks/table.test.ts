/** The table of attacks is complete: each row is shown by the file that it names. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ATTACKS, type Attack } from "./table.ts";

test.each(Object.entries<Attack>(ATTACKS))("%s is shown", async (id, { shownIn }) => {
  const file = fileURLToPath(new URL(`../${shownIn}`, import.meta.url));
  expect(await readFile(file, "utf8")).toContain(`shown("${id}"`);
});
