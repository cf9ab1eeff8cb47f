/** What a file is, told from its first bytes alone. */
import type { ContainerFormat } from "./types.ts";

/** A format that is read, or one that is known well enough to be named. */
export type Recognised =
  | { readonly format: Exclude<ContainerFormat, "unknown"> }
  | { readonly format: "unknown"; readonly code: "format_unknown" | "text_utf16"; readonly detail?: string };

type Signature = readonly [offset: number, ...bytes: number[]];

const READ: readonly (readonly [Exclude<ContainerFormat, "unknown" | "text">, Signature])[] = [
  ["png", [0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["jpeg", [0, 0xff, 0xd8, 0xff]],
  ["zip", [0, 0x50, 0x4b, 0x03, 0x04]],
  // An archive without entries has only its end.
  ["zip", [0, 0x50, 0x4b, 0x05, 0x06]],
];

const NAMED: readonly (readonly [string, Signature])[] = [
  ["a gzip archive", [0, 0x1f, 0x8b]],
  ["a bzip2 archive", [0, 0x42, 0x5a, 0x68]],
  ["an xz archive", [0, 0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["a Zstandard archive", [0, 0x28, 0xb5, 0x2f, 0xfd]],
  ["a 7-Zip archive", [0, 0x37, 0x7a, 0xbc, 0xaf]],
  ["a RAR archive", [0, 0x52, 0x61, 0x72, 0x21]],
  ["a tar archive", [257, 0x75, 0x73, 0x74, 0x61, 0x72]],
  ["a part of a split zip archive", [0, 0x50, 0x4b, 0x07, 0x08]],
  ["a PDF document", [0, 0x25, 0x50, 0x44, 0x46]],
  ["a GIF image", [0, 0x47, 0x49, 0x46, 0x38]],
  ["a WebP image", [8, 0x57, 0x45, 0x42, 0x50]],
  ["a HEIC or AVIF image", [4, 0x66, 0x74, 0x79, 0x70]],
  ["a BMP image", [0, 0x42, 0x4d]],
  ["a program", [0, 0x7f, 0x45, 0x4c, 0x46]],
];

/** What the bytes are. Everything that is not known to be something else is text, which the grammar then judges. */
export function recognise(bytes: Uint8Array): Recognised {
  const known = READ.find(([, signature]) => matches(bytes, signature));
  if (known !== undefined) return { format: known[0] };
  if (matches(bytes, [0, 0xff, 0xfe]) || matches(bytes, [0, 0xfe, 0xff]))
    return { format: "unknown", code: "text_utf16" };
  const named = NAMED.find(([, signature]) => matches(bytes, signature));
  if (named === undefined) return { format: "text" };
  return {
    format: "unknown",
    code: "format_unknown",
    detail: `The file is ${named[0]}, not text, a zip archive, a PNG or a JPEG image`,
  };
}

function matches(bytes: Uint8Array, [offset, ...signature]: Signature): boolean {
  return signature.every((byte, index) => bytes[offset + index] === byte);
}
