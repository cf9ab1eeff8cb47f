/** What was handed in, opened: documents to check, each with its name or with the reason why it is none. */
import type { Finding } from "../config/finding.ts";

/** Limits of what is handed in. Bytes, unless they say otherwise; the pixels are those of a 12-megapixel camera. */
export const CONTAINER_LIMITS = {
  /** Of anything at all: the largest is a photograph. */
  inputBytes: 5 * 1024 * 1024,
  zipBytes: 1024 * 1024,
  zipEntries: 100,
  /** Of one entry, unpacked. */
  entryBytes: 64 * 1024,
  /** Of all entries, unpacked. */
  totalBytes: 2 * 1024 * 1024,
  pixels: 4096 * 3072,
  /** Characters of an entry's name. */
  nameLength: 200,
} as const;

/** How something was handed in. */
export type ContainerFormat = "text" | "zip" | "png" | "jpeg" | "unknown";

export interface Document {
  /** Of an archive's entry, for people: never a path or a file name. null where there is only one document. */
  readonly name: string | null;
  readonly content:
    | { readonly kind: "text"; readonly bytes: Uint8Array }
    /** Refused, or left out, as the finding says. */
    | { readonly kind: "finding"; readonly finding: Finding };
}

export interface Opened {
  readonly format: ContainerFormat;
  /** At least one. */
  readonly documents: readonly Document[];
}
