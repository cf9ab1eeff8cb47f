/** QR codes (ISO/IEC 18004): the text in an image, and an image of a text. */
import { encode } from "fast-png";
import { encodeQR } from "qr";
import { decodeQR } from "qr/decode.js";
import type { ImageResult } from "./image.ts";

/** Milliseconds that further attempts may take when the first look finds nothing. */
const RETRY_MS = 1_000;

/** The text of the one QR code in an image; null where none can be read. */
export function readQr({ width, height, luma }: Extract<ImageResult, { kind: "image" }>): string | null {
  try {
    // A planar format of which only the first plane, brightness, is read.
    return decodeQR({ width, height, data: luma }, { format: "I420", timeLimit: RETRY_MS });
  } catch {
    return null;
  }
}

/** Bytes that the largest QR code holds at the lowest error correction (version 40-L). */
export const QR_CAPACITY = 2953;
/** Pixels of one module, and the modules of the white margin that the standard asks for. */
const SCALE = 6;
const MARGIN = 4;

/** A PNG image of a QR code of this text (at most `QR_CAPACITY` bytes); null when it is too long. */
export function writeQr(text: string): Uint8Array | null {
  const length = Buffer.byteLength(text);
  if (length > QR_CAPACITY) return null;
  const modules = encodeQR(text, "raw", { border: MARGIN, ecc: length > 1_500 ? "low" : "medium" });
  const size = modules.length * SCALE;
  const data = new Uint8Array(size * size).fill(255);
  for (const [y, row] of modules.entries()) {
    for (const [x, dark] of row.entries()) {
      if (!dark) continue;
      for (let line = y * SCALE; line < (y + 1) * SCALE; line += 1)
        data.fill(0, line * size + x * SCALE, line * size + (x + 1) * SCALE);
    }
  }
  return encode({ width: size, height: size, data, channels: 1, depth: 8 });
}
