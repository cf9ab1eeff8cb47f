/** The door of this folder: bytes from anywhere in, named documents out. */
import { withFinding } from "./finding.ts";
import { recognise } from "./format.ts";
import { readJpeg } from "./jpeg.ts";
import { readPng } from "./png.ts";
import { readQr } from "./qr.ts";
import { CONTAINER_LIMITS, type Document, type Opened } from "./types.ts";
import { readZip } from "./zip.ts";

/**
 * Opens what was handed in: a `.conf`, a zip archive of several, or a PNG or JPEG image of a QR code, told apart by
 * content alone. Never throws for what the bytes are. An image of 12 megapixels takes a second or two.
 */
export async function openContainer(bytes: Uint8Array): Promise<Opened> {
  if (bytes.length === 0) return { format: "unknown", documents: [withFinding(null, "input_empty")] };
  if (bytes.length > CONTAINER_LIMITS.inputBytes)
    return { format: "unknown", documents: [withFinding(null, "input_too_large")] };
  const recognised = recognise(bytes);
  const { format } = recognised;
  switch (format) {
    case "unknown":
      return { format, documents: [withFinding(null, recognised.code, recognised.detail)] };
    case "text":
      return { format, documents: [text(bytes)] };
    case "zip":
      return { format, documents: await readZip(bytes) };
    case "png":
    case "jpeg":
      return { format, documents: [readImage(bytes, format)] };
  }
}

function readImage(bytes: Uint8Array, format: "png" | "jpeg"): Document {
  const image = format === "png" ? readPng(bytes) : readJpeg(bytes);
  if (image.kind === "refused") return withFinding(null, image.code);
  const content = readQr(image);
  return content === null ? withFinding(null, "qr_not_found") : text(Buffer.from(content));
}

function text(bytes: Uint8Array): Document {
  return { name: null, content: { kind: "text", bytes } };
}
