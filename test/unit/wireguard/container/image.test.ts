import { crc32, deflateSync } from "node:zlib";
import { decode, encode } from "fast-png";
import fc from "fast-check";
import { encode as encodeJpeg } from "jpeg-js";
import { describe, expect, it, test } from "vitest";
import { openContainer } from "../../../../src/wireguard/container/open.ts";
import { QR_CAPACITY, writeQr } from "../../../../src/wireguard/container/qr.ts";
import { CONF, summary } from "./given.ts";

function qrOf(text: string): Uint8Array {
  const png = writeQr(text);
  if (png === null) throw new Error("too long for a QR code");
  return png;
}
const QR = qrOf(CONF);
const open = async (bytes: Uint8Array) => summary(await openContainer(bytes));

function chunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

interface MadePng {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  readonly colour?: number;
  readonly interlace?: number;
  readonly data: Uint8Array;
  readonly more?: readonly Buffer[];
}

function makePng({ width, height, depth = 8, colour = 0, interlace = 0, data, more = [] }: MadePng): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, interlace], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    ...more,
    chunk("IDAT", data),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** The code's pixels in another form of PNG. */
function qrPixels(): { readonly size: number; readonly dark: (x: number, y: number) => boolean } {
  const { width, data } = decode(QR);
  return { size: width, dark: (x, y) => data[y * width + x] === 0 };
}

describe("an image of a QR code", () => {
  it("is read as the text that it holds", async () => {
    expect(await open(QR)).toEqual([[null, CONF]]);
  });

  it("holds up to its capacity, and what is longer gets none", async () => {
    const longest = "a".repeat(QR_CAPACITY);
    expect(await open(qrOf(longest))).toEqual([[null, longest]]);
    expect(writeQr("a".repeat(QR_CAPACITY + 1))).toBeNull();
    expect(await open(qrOf("# 東京\n"))).toEqual([[null, "# 東京\n"]]);
  });

  it("is read from a JPEG", async () => {
    const { size, dark } = qrPixels();
    const data = Buffer.alloc(size * size * 4, 255);
    for (let y = 0; y < size; y += 1)
      for (let x = 0; x < size; x += 1)
        if (dark(x, y)) data.fill(20, (y * size + x) * 4, (y * size + x) * 4 + 3);
    const jpeg = encodeJpeg({ width: size, height: size, data }, 70).data;
    expect(await open(jpeg)).toEqual([[null, CONF]]);
    for (const share of [0.1, 0.5, 0.9]) {
      const [[, found] = []] = await open(jpeg.subarray(0, jpeg.length * share));
      expect(["image_damaged", "qr_not_found"]).toContain(found);
    }
  });

  test.each([
    ["one bit a pixel", 1, 0],
    ["two bits a pixel", 2, 0],
    ["a palette of four bits", 4, 3],
    ["sixteen bits a sample", 16, 0],
  ])("is read from a PNG with %s", async (_, depth, colour) => {
    const { size, dark } = qrPixels();
    const row = Math.ceil((size * depth) / 8);
    const data = Buffer.alloc((row + 1) * size);
    for (let y = 0; y < size; y += 1)
      for (let x = 0; x < size; x += 1) {
        if (dark(x, y)) continue;
        const bit = x * depth;
        const mask = depth === 16 ? 255 : ((2 ** depth - 1) << (8 - depth - (bit % 8))) & 255;
        const at = y * (row + 1) + 1 + (bit >> 3);
        data[at] = (data[at] ?? 0) | mask;
      }
    // White is the last colour of the palette.
    const palette = Buffer.alloc(16 * 3).fill(255, 45);
    const more = colour === 3 ? [chunk("PLTE", palette)] : [];
    const png = makePng({ width: size, height: size, depth, colour, data: deflateSync(data), more });
    expect(await open(png)).toEqual([[null, CONF]]);
  });

  it("is read where black stands on transparency", async () => {
    const { size, dark } = qrPixels();
    const data = new Uint8Array(size * size * 4);
    for (let y = 0; y < size; y += 1)
      for (let x = 0; x < size; x += 1) data[(y * size + x) * 4 + 3] = dark(x, y) ? 255 : 0;
    expect(await open(encode({ width: size, height: size, data, channels: 4, depth: 8 }))).toEqual([
      [null, CONF],
    ]);
  });

  it("of half a file is judged as half a file", async () => {
    const [[, text] = []] = await open(qrOf(CONF.slice(0, 100)));
    expect(text).toBe(CONF.slice(0, 100));
  });
});

describe("images made to exhaust or deceive", () => {
  it("more pixels than a camera has are refused before anything is unpacked", async () => {
    const data = deflateSync(Buffer.alloc(10));
    expect(await open(makePng({ width: 60_000, height: 60_000, data }))).toEqual([[null, "image_too_large"]]);
    expect(await open(makePng({ width: 2 ** 31, height: 2 ** 31, data }))).toEqual([
      [null, "image_too_large"],
    ]);
    const jpeg = Buffer.from("ffd8ffc0001108ffffffff03012200021101031101ffda000c", "hex");
    expect(await open(jpeg)).toEqual([[null, "image_too_large"]]);
  });

  it("with a few scans is read, and with very many is refused before any is decoded: each is a pass over the picture", async () => {
    const { width, height, data } = decode(QR);
    const rgba = Buffer.from(Array.from(data).flatMap((luma) => [luma, luma, luma, 255]));
    const jpeg = encodeJpeg({ width, height, data: rgba }, 70).data;
    const begin = jpeg.indexOf(Buffer.of(0xff, 0xda));
    const scans = (count: number) =>
      Buffer.concat([
        jpeg.subarray(0, begin),
        ...Array<Buffer>(count).fill(jpeg.subarray(begin, -2)),
        jpeg.subarray(-2),
      ]);
    expect(await open(scans(3))).toEqual([[null, CONF]]);
    expect(await open(scans(33))).toEqual([[null, "image_damaged"]]);
  });

  it("a small picture with a hundred megabytes of data is refused, and never held", async () => {
    const data = deflateSync(Buffer.alloc(100_000_000));
    const before = process.memoryUsage().arrayBuffers;
    expect(await open(makePng({ width: 10, height: 10, data }))).toEqual([[null, "image_damaged"]]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });

  it("a bomb in a colour profile or a text does not reach the decoder", async () => {
    const bomb = Buffer.concat([Buffer.from("x\0\0"), deflateSync(Buffer.alloc(100_000_000))]);
    const data = deflateSync(Buffer.alloc(11 * 10));
    const more = [chunk("iCCP", bomb), chunk("zTXt", bomb)];
    const before = process.memoryUsage().arrayBuffers;
    expect(await open(makePng({ width: 10, height: 10, data, more }))).toEqual([[null, "qr_not_found"]]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });

  test.each<[string, MadePng]>([
    ["less data than pixels", { width: 50, height: 50, data: deflateSync(Buffer.alloc(10)) }],
    ["no pixels", { width: 0, height: 5, data: deflateSync(Buffer.alloc(10)) }],
    ["an unknown colour type", { width: 1, height: 1, colour: 5, data: deflateSync(Buffer.alloc(2)) }],
    ["a depth of 3", { width: 1, height: 1, depth: 3, data: deflateSync(Buffer.alloc(2)) }],
    ["an unknown order", { width: 1, height: 1, interlace: 2, data: deflateSync(Buffer.alloc(2)) }],
    ["a palette without colours", { width: 1, height: 1, colour: 3, data: deflateSync(Buffer.from([7, 7])) }],
  ])("%s: refused", async (_, made) => {
    expect(await open(makePng(made))).toEqual([[null, "image_damaged"]]);
  });

  it("a picture without a code is said to have none", async () => {
    const data = new Uint8Array(200 * 200).fill(255);
    const png = encode({ width: 200, height: 200, data, channels: 1, depth: 8 });
    expect(await open(png)).toEqual([[null, "qr_not_found"]]);
  });

  it("cut off or changed anywhere, nothing throws", async () => {
    const small = qrOf("x");
    for (let length = 8; length < small.length; length += 1)
      expect(await open(small.subarray(0, length))).toEqual([[null, "image_damaged"]]);
    await fc.assert(
      fc.asyncProperty(fc.nat(small.length - 1), fc.nat(255), async (index, byte) => {
        const changed = Buffer.from(small);
        changed[index] = byte;
        expect(await open(changed)).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
  });
});

describe("what is neither text, archive nor image", () => {
  test.each([
    ["", "input_empty"],
    ["\u001f\u008b\u0008\u0000", "format_unknown"],
    ["%PDF-1.7", "format_unknown"],
    ["\u007fELF", "format_unknown"],
    ["GIF89a", "format_unknown"],
    ["\u00ff\u00fe[\u0000I\u0000", "text_utf16"],
  ])("%j: %s", async (text, code) => {
    expect(await open(Buffer.from(text, "latin1"))).toEqual([[null, code]]);
  });

  it("anything larger than 5 MiB is not looked at", async () => {
    expect(await open(Buffer.alloc(5 * 1024 * 1024 + 1, "x"))).toEqual([[null, "input_too_large"]]);
  });

  it("arbitrary bytes never make it throw", async () => {
    const beginnings = ["", "PK\u0003\u0004", "\u0089PNG\r\n\u001a\n", "\u00ff\u00d8\u00ff"];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...beginnings),
        fc.uint8Array({ maxLength: 300 }),
        async (begin, rest) => {
          const { documents } = await openContainer(Buffer.concat([Buffer.from(begin, "latin1"), rest]));
          expect(documents.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});
