/**
 * What a browser does by itself: its own dialog for choosing files, its own way of saving, a tab for a place. Here
 * from the beginning and without the schemas of the contract, so that what is on the screen can still be saved when
 * the host that serves the rest is gone; what is asked comes from this same window, by its typed client.
 */
import { PLACES } from "../../src/bridge/places.ts";
import type { RefusalReason } from "../../src/rpc/said.ts";
import type { Outcome, RequestParams, RequestResult } from "../../src/bridge/contract.ts";

const MAX_FILE = 5 * 1024 * 1024;

/** Reads a file into what crosses the bridge. Throws with a sentence for one that is too large. */
export async function givenFile(file: File): Promise<{ name: string; bytes: string }> {
  if (file.size > MAX_FILE) throw new RangeError(`${file.name} is larger than 5 MiB`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000)
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return { name: file.name.slice(0, 255), bytes: btoa(text) };
}

async function readAll(files: readonly File[]): Promise<Outcome<RequestResult<"chooseFiles">>> {
  const value: RequestResult<"chooseFiles"> = [];
  for (const file of files)
    try {
      value.push(await givenFile(file));
    } catch (error) {
      const reason = error instanceof RangeError ? "file_too_large" : "file_unreadable";
      return {
        ok: false,
        problem: {
          code: "bad_request",
          reason: reason satisfies RefusalReason,
          facts: { name: file.name },
          message: error instanceof Error ? error.message : String(error),
        },
      };
    }
  return { ok: true, value };
}

/** Lets the person choose up to 16 files; empty when they closed the dialog. */
function chooseFiles(): Promise<Outcome<RequestResult<"chooseFiles">>> {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.accept = ".conf,.zip,.png,.jpg,.jpeg";
  return new Promise((resolve) => {
    input.addEventListener("cancel", () => resolve({ ok: true, value: [] }));
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])].slice(0, 16);
      void readAll(files).then(resolve);
    });
    input.click();
  });
}

/** Hands bytes to the browser's download. */
function saveFile({ name, kind, bytes }: RequestParams<"saveFile">): Outcome<RequestResult<"saveFile">> {
  const content = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([content]));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = `${name}.${kind === "text" ? "txt" : kind}`;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  return { ok: true, value: { saved: true } };
}

/** Opens a place in a tab that knows nothing of this window. */
function openPlace({ place }: RequestParams<"openPlace">): Outcome<RequestResult<"openPlace">> {
  window.open(PLACES[place], "_blank", "noopener,noreferrer");
  return { ok: true, value: {} };
}

/** Does what was asked of the browser. */
export function answer(name: "chooseFiles" | "saveFile" | "openPlace", params: unknown): unknown {
  switch (name) {
    case "chooseFiles":
      return chooseFiles();
    case "saveFile":
      return saveFile(params as RequestParams<"saveFile">);
    case "openPlace":
      return openPlace(params as RequestParams<"openPlace">);
  }
}
