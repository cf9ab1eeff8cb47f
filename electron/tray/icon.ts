/** Drawn shapes as images of the system. */
import { nativeImage, type NativeImage } from "electron";
import { encode } from "fast-png";
import { drawIcon, type IconShape } from "./icon-shape.ts";

/** Edge of a tray's icon in device-independent pixels. */
const TRAY_SIZE = 22;
const WINDOW_SIZE = 256;

/** The tray's icon, for plain and for dense displays. macOS colours it itself. */
export function trayImage(shape: IconShape): NativeImage {
  const template = process.platform === "darwin";
  const image = nativeImage.createEmpty();
  for (const scaleFactor of [1, 2]) {
    const buffer = Buffer.from(encode(drawIcon(shape, TRAY_SIZE * scaleFactor, template)));
    image.addRepresentation({ scaleFactor, buffer });
  }
  image.setTemplateImage(template);
  return image;
}

/** The window's own. */
export function windowImage(): NativeImage {
  return nativeImage.createFromBuffer(Buffer.from(encode(drawIcon("full", WINDOW_SIZE, false))));
}
