/** The table of attacks is complete: each row is shown by the file that it names. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ATTACKS, type Attack } from "./table.ts";

/** What a file that shows attacks elsewhere calls the test, by the row. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "empty rule list on a gateway": "deny all and no data",
  "confused deputy": "an attacker on the socket",
  "port shadowing": "CVE-2021-3773",
  "takeover by overlap": "a source that is not the device's own",
  "objects of another workspace": "a state of another network is refused",
};

test.each(Object.entries<Attack>(ATTACKS))("%s is shown", async (id, { shownIn }) => {
  const file = fileURLToPath(new URL(`../${shownIn}`, import.meta.url));
  expect(await readFile(file, "utf8")).toContain(ELSEWHERE[id] ?? `shown("${id}"`);
});
