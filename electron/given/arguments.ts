/**
 * What was given to the app from outside, at its start or by a second one: words that anybody can choose. At most one
 * link or sixteen files; everything else is refused with words. Nothing is read or done here. Pure.
 */
import { fileURLToPath } from "node:url";
import { resolve } from "node:path";
import { z } from "zod";
import type { RpcProblem } from "../../src/rpc/contract.ts";
import type { HostTexts } from "../texts/index.ts";

/** Most files at a time. */
export const MAX_FILES = 16;
/** Most words, and letters of one, that are looked at. */
const MAX_WORDS = 64;
const MAX_LETTERS = 4096;
/** Longest link that can be one (see `Offer`). */
const MAX_LINK = 512;

/** What a second instance hands over; from a process of the same user, which may be anything. */
export const HandedOver = z.strictObject({
  words: z.array(z.string().max(MAX_LETTERS)).max(MAX_WORDS),
  folder: z.string().max(MAX_LETTERS),
});
export type HandedOver = z.infer<typeof HandedOver>;

export type Given =
  | { readonly kind: "nothing" }
  | { readonly kind: "link"; readonly link: string }
  /** Absolute paths. */
  | { readonly kind: "files"; readonly paths: readonly string[] }
  | { readonly kind: "refused"; readonly message: string; readonly problem?: RpcProblem };

export interface ReadArguments {
  /** Whether the app starts without its window. */
  readonly hidden: boolean;
  readonly given: Given;
}

/**
 * Reads the words after the program's own. Switches are the system's and the runtime's: of them only `--hidden` is
 * ours. `folder`: what relative names are relative to.
 */
export function readArguments(
  words: readonly string[],
  folder: string,
  texts: HostTexts["given"],
): ReadArguments {
  const hidden = words.includes("--hidden");
  const rest = words.filter((word) => word !== "" && !word.startsWith("-"));
  return { hidden, given: readGiven(rest, folder, texts) };
}

/** Reads what is a link, a path or a `file:` address each. */
export function readGiven(items: readonly string[], folder: string, texts: HostTexts["given"]): Given {
  if (items.length === 0) return { kind: "nothing" };
  if (items.length > MAX_FILES) return { kind: "refused", message: texts.tooMany(MAX_FILES) };
  if (items.some((item) => item.length > MAX_LETTERS)) return { kind: "refused", message: texts.tooLong };
  const links = items.filter((item) => /^nanami:/i.test(item));
  const [link] = links;
  if (link !== undefined) {
    if (items.length > 1) return { kind: "refused", message: texts.mixed };
    if (link.length > MAX_LINK) return { kind: "refused", message: texts.tooLong };
    return { kind: "link", link };
  }
  const paths = items.map((item) => toPath(item, folder));
  return paths.every((path) => path !== null)
    ? { kind: "files", paths }
    : { kind: "refused", message: texts.badAddress };
}

/** An absolute path; null for an address that names none on this machine. */
function toPath(item: string, folder: string): string | null {
  const path = named(item);
  return path === null || path.includes("\0") ? null : resolve(folder, path);
}

function named(item: string): string | null {
  // A drive's letter (`C:\`) is no scheme.
  if (!/^[a-z][a-z0-9+.-]+:/i.test(item)) return item;
  try {
    const url = new URL(item);
    return url.protocol === "file:" && url.host === "" ? fileURLToPath(url) : null;
  } catch {
    return null;
  }
}
