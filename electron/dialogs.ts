/** The system's own dialogs for files. A window never learns or names a path. */
import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { app, dialog, type BrowserWindow } from "electron";
import type { RequestParams, RequestResult } from "../src/bridge/contract.ts";
import { ShellRefusal } from "../src/face/desk.ts";
import { MAX_FILES } from "./given/arguments.ts";
import { readFiles } from "./given/files.ts";
import { extensionOf, suggestedName } from "./suggested-name.ts";
import type { HostTexts } from "./texts/index.ts";

function refuse(message: string): never {
  throw new ShellRefusal({ code: "bad_request", message });
}

/** Lets the person choose files; none when they closed the dialog. Throws `ShellRefusal` for what cannot be taken. */
export async function chooseFiles(
  window: BrowserWindow,
  { dialog: words, given }: HostTexts,
): Promise<RequestResult<"chooseFiles">> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: words.choose,
    properties: ["openFile", "multiSelections"],
    filters: [
      { name: words.configurations, extensions: ["conf", "zip", "png", "jpg", "jpeg"] },
      { name: words.all, extensions: ["*"] },
    ],
  });
  if (canceled) return [];
  if (filePaths.length > MAX_FILES) refuse(given.tooMany(MAX_FILES));
  const read = await readFiles(filePaths, given);
  return read.ok ? read.files : refuse(read.message);
}

/** Lets the person choose where to keep bytes; false when they closed the dialog. Throws `ShellRefusal`. */
export async function saveFile(
  window: BrowserWindow,
  { kind, name, bytes }: RequestParams<"saveFile">,
  { dialog: words, given }: HostTexts,
): Promise<boolean> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: words.save,
    defaultPath: join(app.getPath("downloads"), suggestedName(name, kind)),
    filters: [{ name: words.kinds[kind], extensions: [extensionOf(kind)] }],
  });
  if (canceled || filePath === "") return false;
  try {
    await writeForOwner(filePath, Buffer.from(bytes, "base64"));
  } catch (error) {
    refuse(given.notSaved(error instanceof Error && "code" in error ? String(error.code) : String(error)));
  }
  return true;
}

/** Writes it whole or not at all, readable by the person alone: it may hold a private key. */
async function writeForOwner(path: string, bytes: Uint8Array): Promise<void> {
  const fresh = join(dirname(path), `.nanami-${randomUUID()}`);
  const file = await open(fresh, "wx", 0o600);
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
