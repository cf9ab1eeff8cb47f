/**
 * PNG images (RFC 2083, W3C PNG) to pixels. Size and data are checked before anything is unpacked, and only the
 * chunks that make up the picture reach the decoder: it would unpack profiles and texts without a bound.
 */
import { decode } from "fast-png";
import { inflate } from "./inflate.ts";
import { CONTAINER_LIMITS } from "./types.ts";
import type { ImageResult } from "./image.ts";

const SIGNATURE_SIZE = 8;
/** Length, type and checksum of a chunk. */
const FRAME_SIZE = 12;
const HEADER_SIZE = 13;
const LARGEST_PALETTE = 256 * 3;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: number;
  readonly interlaced: boolean;
}

/** The pixels of a PNG file; never throws for what it contains. */
export function readPng(bytes: Uint8Array): ImageResult {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const picture = pictureChunks(buffer);
  const header = picture === null ? null : readHeader(buffer);
  if (picture === null || header === null) return { kind: "refused", code: "image_damaged" };
  if (header.width * header.height > CONTAINER_LIMITS.pixels)
    return { kind: "refused", code: "image_too_large" };
  const expected = dataSize(header);
  const data = inflate(picture.data, expected, true);
  if (data.kind !== "data" || data.bytes.length !== expected)
    return { kind: "refused", code: "image_damaged" };
  try {
    const decoded = decode(Buffer.concat([buffer.subarray(0, SIGNATURE_SIZE), ...picture.chunks]), {
      checkCrc: true,
    });
    return { kind: "image", width: decoded.width, height: decoded.height, luma: toLuma(decoded) };
  } catch {
    return { kind: "refused", code: "image_damaged" };
  }
}

/** The chunks that a still picture consists of, in their order, and the packed data of all IDAT chunks together. */
function pictureChunks(buffer: Buffer): { readonly chunks: readonly Buffer[]; readonly data: Buffer } | null {
  const chunks: Buffer[] = [];
  const data: Buffer[] = [];
  for (let offset = SIGNATURE_SIZE; offset + FRAME_SIZE <= buffer.length;) {
    const length = buffer.readUInt32BE(offset);
    const end = offset + FRAME_SIZE + length;
    if (end > buffer.length) return null;
    const type = buffer.toString("latin1", offset + 4, offset + 8);
    const chunk = buffer.subarray(offset, end);
    if (chunks.length === 0 && (type !== "IHDR" || length !== HEADER_SIZE)) return null;
    if (chunks.length > 0 && type === "IHDR") return null;
    if (type === "PLTE" && length > LARGEST_PALETTE) return null;
    if (["IHDR", "PLTE", "tRNS", "IDAT", "IEND"].includes(type)) chunks.push(chunk);
    if (type === "IDAT") data.push(chunk.subarray(8, 8 + length));
    if (type === "IEND") return { chunks, data: Buffer.concat(data) };
    offset = end;
  }
  return null;
}

/** Samples of a pixel by colour type. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

function readHeader(buffer: Buffer): Header | null {
  const begin = SIGNATURE_SIZE + 8;
  const [width, height] = [buffer.readUInt32BE(begin), buffer.readUInt32BE(begin + 4)];
  const [depth = 0, colour = 0, , , interlace = 0] = buffer.subarray(begin + 8, begin + HEADER_SIZE);
  const channels = CHANNELS[colour];
  if (width === 0 || height === 0 || channels === undefined) return null;
  if (![1, 2, 4, 8, 16].includes(depth) || interlace > 1) return null;
  return { width, height, bitsPerPixel: channels * depth, interlaced: interlace === 1 };
}

/** Origin and step of the seven passes of an interlaced picture. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Bytes of the unpacked data: each row begins with its filter, an interlaced picture is seven small ones. */
function dataSize({ width, height, bitsPerPixel, interlaced }: Header): number {
  const passes = interlaced ? ADAM7 : ([[0, 0, 1, 1]] as const);
  let size = 0;
  for (const [x, y, stepX, stepY] of passes) {
    const columns = Math.ceil((width - x) / stepX);
    const rows = Math.ceil((height - y) / stepY);
    if (columns > 0 && rows > 0) size += rows * (1 + Math.ceil((columns * bitsPerPixel) / 8));
  }
  return size;
}

/** Brightness of each pixel, 0 to 255, on white where the picture is transparent. */
function toLuma({ width, height, data, depth, channels, palette }: ReturnType<typeof decode>): Uint8Array {
  const luma = new Uint8Array(width * height);
  const perByte = depth < 8 ? 8 / depth : 1;
  const rowBytes = depth < 8 ? Math.ceil(width / perByte) : width * channels;
  const largest = 2 ** depth - 1;
  const sample = (row: number, index: number): number => {
    if (depth >= 8) return data[row * rowBytes + index] ?? 0;
    const byte = data[row * rowBytes + Math.floor(index / perByte)] ?? 0;
    return (byte >> (8 - depth * ((index % perByte) + 1))) & largest;
  };
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const at = (channel: number): number => sample(row, column * channels + channel);
      let value: number;
      if (palette !== undefined) {
        const [red = 0, green = 0, blue = 0, opacity = 255] = palette[at(0)] ?? [];
        value = onWhite(brightness(red, green, blue), opacity / 255);
      } else {
        const scale = 255 / largest;
        value = (channels < 3 ? at(0) : brightness(at(0), at(1), at(2))) * scale;
        if (channels === 2 || channels === 4) value = onWhite(value, at(channels - 1) / largest);
      }
      luma[row * width + column] = value;
    }
  }
  return luma;
}

/** ITU-R BT.601. */
function brightness(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

function onWhite(value: number, opacity: number): number {
  return value * opacity + 255 * (1 - opacity);
}
