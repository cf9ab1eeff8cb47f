/** Where a browser window's presentation is kept: one small file, written whole. */
import { readFile, rename, writeFile } from "node:fs/promises";
import type { Presentation } from "../bridge/state.ts";
import { readPresentation } from "../face/presentation.ts";

/** What is stored; the defaults where nothing is, or nothing that can be read. */
export async function loadPresentation(path: string): Promise<Presentation> {
  try {
    return readPresentation(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return readPresentation(undefined);
  }
}

/** Stores it; a reader finds the former one or this one, never a part. */
export async function storePresentation(path: string, presentation: Presentation): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(presentation, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
