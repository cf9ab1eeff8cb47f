/** What was dropped on the window or pasted into it, as files that can be looked at; for the rest, why it cannot. */
import { t } from "../../texts/speech.ts";
import type { GivenFile } from "../../../src/bridge/state.ts";
import { givenFile } from "../../bridge/browser-requests.ts";

export interface Given {
  readonly files: readonly GivenFile[];
  /** Sentences for a person. */
  readonly refusals: readonly string[];
}

/** Read before the agent says so itself: more is not even looked at. */
const MOST_FILES = 16;

/** Reads what a drop or a paste carries. Has to be called while the event is handled: later it is empty. */
export async function givenBy(data: DataTransfer): Promise<Given> {
  const items = [...data.items].filter(({ kind }) => kind === "file");
  const folders = items.flatMap((item) => {
    const entry = item.webkitGetAsEntry();
    return entry?.isDirectory === true ? [entry.name] : [];
  });
  const files = [...data.files].filter(({ name }) => !folders.includes(name));
  const refusals = folders.map((name) => t("manual.import.folder", { name }));
  if (files.length === 0 && folders.length === 0)
    return { files: [], refusals: [t("manual.import.noFiles")] };
  if (files.length > MOST_FILES) refusals.push(t("manual.import.tooMany", { count: files.length }));
  const given: GivenFile[] = [];
  for (const file of files.slice(0, MOST_FILES)) {
    try {
      given.push(await givenFile(file));
    } catch (error) {
      const reason = error instanceof RangeError ? "tooLarge" : "unreadable";
      refusals.push(t(`manual.import.${reason}`, { name: file.name }));
    }
  }
  return { files: given, refusals };
}
