/**
 * The tray's icons, drawn from code: a porthole whose water rises with the protection. Each state has a shape of its
 * own, so that none is told by colour alone. Pure: pixels out.
 */
import type { Protection } from "../protection.ts";

/**
 * ring: nothing · dots: under way · half: private network · full: everything · barred: closed · warning: open though it
 * should not be · gaps: unknown.
 */
export type IconShape = "ring" | "dots" | "half" | "full" | "barred" | "warning" | "gaps";

/** The icon for a state. */
export function trayIcon(protection: Protection): IconShape {
  switch (protection.kind) {
    case "unknown":
      return "gaps";
    case "disconnected":
      return protection.lockdown ? "barred" : "ring";
    case "changing":
      return "dots";
    case "open":
      return "warning";
    case "connected":
      return protection.mode === "full_tunnel" ? "full" : "half";
    case "blocked":
      return "barred";
  }
}

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGBA, eight bits each, rows from the top. */
  readonly data: Uint8Array;
}

/** `black` is a macOS template; the others are seen on light and dark panels alike (4.5:1 on both). */
const INKS = { black: [0, 0, 0], sea: [18, 125, 170], coral: [207, 68, 50] } as const;

/** Points of each pixel that are looked at, along each side. */
const SAMPLES = 4;

/** Draws a shape `size` pixels wide and high. */
export function drawIcon(shape: IconShape, size: number, template: boolean): Pixels {
  const ink = INKS[template ? "black" : shape === "barred" || shape === "warning" ? "coral" : "sea"];
  const data = new Uint8Array(size * size * 4);
  for (let y = 0; y < size; y += 1)
    for (let x = 0; x < size; x += 1) {
      let covered = 0;
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample += 1) {
        const across = (x + ((sample % SAMPLES) + 0.5) / SAMPLES) / size;
        const down = (y + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) / size;
        if (isInk(shape, across * 2 - 1, down * 2 - 1)) covered += 1;
      }
      data.set([...ink, Math.round((covered / SAMPLES ** 2) * 255)], (y * size + x) * 4);
    }
  return { width: size, height: size, data };
}

const OUTER = 0.92;
const INNER = 0.72;
const WATER = 0.6;

/** Whether a point is drawn; both coordinates from -1 (left, top) to 1. */
function isInk(shape: IconShape, x: number, y: number): boolean {
  const distance = Math.hypot(x, y);
  const rim = distance <= OUTER && distance >= INNER;
  switch (shape) {
    case "ring":
      return rim;
    case "gaps":
      return rim && Math.sin(Math.atan2(y, x) * 4) > -0.35;
    case "dots":
      return rim || [-0.42, 0, 0.42].some((center) => Math.hypot(x - center, y) <= 0.17);
    case "half":
      return rim || (distance <= WATER && y >= 0.06 + wave(x));
    case "full":
      // The crest stays visible as a line that is left out.
      return distance <= OUTER && Math.abs(y - 0.02 - wave(x)) > 0.1;
    case "barred":
      return rim || (distance <= INNER && Math.abs(x + y) <= 0.16);
    case "warning":
      return y <= 0.8 && Math.abs(x) <= (y + 1) * 0.52 && !isExclamation(x, y);
  }
}

/** The mark that a warning leaves out. */
function isExclamation(x: number, y: number): boolean {
  return (Math.abs(x) <= 0.12 && y >= -0.4 && y <= 0.28) || Math.hypot(x, y - 0.54) <= 0.14;
}

function wave(x: number): number {
  return Math.sin(x * Math.PI * 1.6) * 0.13;
}
