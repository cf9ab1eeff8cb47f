/** JPEG images (ITU-T T.81) to pixels. The size is read and bounded before the decoder sees the file. */
import { decode } from "jpeg-js";
import type { ImageResult } from "./image.ts";
import { CONTAINER_LIMITS } from "./types.ts";

/** Megabytes that the decoder may take: its coefficients need some 16 bytes a pixel at three full components. */
const MEMORY = 512;

/** The pixels of a JPEG file; never throws for what it contains. */
export function readJpeg(bytes: Uint8Array): ImageResult {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = frameSize(buffer);
  if (size === null || hasManyScans(buffer)) return { kind: "refused", code: "image_damaged" };
  if (size.width * size.height > CONTAINER_LIMITS.pixels) return { kind: "refused", code: "image_too_large" };
  try {
    const { width, height, data } = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: CONTAINER_LIMITS.pixels / 1e6,
      maxMemoryUsageInMB: MEMORY,
    });
    const luma = new Uint8Array(width * height);
    for (let pixel = 0; pixel < luma.length; pixel += 1) {
      const [red = 0, green = 0, blue = 0] = [data[pixel * 3], data[pixel * 3 + 1], data[pixel * 3 + 2]];
      luma[pixel] = 0.299 * red + 0.587 * green + 0.114 * blue;
    }
    return { kind: "image", width, height, luma };
  } catch {
    return { kind: "refused", code: "image_damaged" };
  }
}

/** A progressive photograph has some ten scans, and its thumbnails have a few. */
const MOST_SCANS = 32;

/** Each scan is a pass over the whole picture, and a few bytes can ask for one: thousands would take hours. */
function hasManyScans(buffer: Buffer): boolean {
  const start = Buffer.of(0xff, 0xda);
  let scans = 0;
  // Inside the data of a scan 0xff is always followed by zero, so that this is a marker there.
  for (let at = buffer.indexOf(start); at !== -1 && scans <= MOST_SCANS; at = buffer.indexOf(start, at + 2))
    scans += 1;
  return scans > MOST_SCANS;
}

/** Width and height of the one frame; null where there is none, or a second one that might be larger. */
function frameSize(buffer: Buffer): { readonly width: number; readonly height: number } | null {
  let size: { readonly width: number; readonly height: number } | null = null;
  for (let offset = 2; offset + 4 <= buffer.length;) {
    if (buffer[offset] !== 0xff) return null;
    const marker = buffer[offset + 1] ?? 0;
    // Fill bytes, and markers without content.
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    // Start of the scan: what follows is data.
    if (marker === 0xda) return size;
    const length = buffer.readUInt16BE(offset + 2);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      if (size !== null || length < 8 || offset + 9 > buffer.length) return null;
      size = { height: buffer.readUInt16BE(offset + 5), width: buffer.readUInt16BE(offset + 7) };
      if (size.width === 0 || size.height === 0) return null;
    }
    offset += 2 + length;
  }
  return null;
}
