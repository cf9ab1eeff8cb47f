/** Where the window was, and where it may be now. Pure. */
import { z } from "zod";

/** Device-independent pixels, on the desktop of all displays. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const FIRST_SIZE = { width: 420, height: 680 } as const;
export const LEAST_SIZE = { width: 320, height: 480 } as const;
/** How much of the window has to lie on a display, so that it can be seen and taken hold of. */
const VISIBLE = 80;

const coordinate = z.number().int().min(-100_000).max(100_000);
export const KeptBounds = z.strictObject({
  x: coordinate,
  y: coordinate,
  width: z.number().int().min(LEAST_SIZE.width).max(20_000),
  height: z.number().int().min(LEAST_SIZE.height).max(20_000),
  maximized: z.boolean(),
});
export type KeptBounds = z.infer<typeof KeptBounds>;

/**
 * The bounds to open with, for what was kept (from anywhere) and the displays' work areas. Without a position the
 * system places the window.
 */
export function boundsFor(
  kept: unknown,
  displays: readonly Rectangle[],
): { readonly bounds: Partial<Rectangle>; readonly maximized: boolean } {
  const parsed = KeptBounds.safeParse(kept);
  if (!parsed.success) return { bounds: FIRST_SIZE, maximized: false };
  const { maximized, ...bounds } = parsed.data;
  // The title bar has to be on a display, or the window cannot be moved.
  const display = displays.find(
    (one) =>
      bounds.y >= one.y &&
      bounds.y <= one.y + one.height - VISIBLE &&
      overlap(bounds.x, bounds.width, one.x, one.width) >= VISIBLE,
  );
  const largest = display ?? displays[0];
  const size = {
    width: Math.min(bounds.width, largest?.width ?? bounds.width),
    height: Math.min(bounds.height, largest?.height ?? bounds.height),
  };
  return { bounds: display === undefined ? size : { x: bounds.x, y: bounds.y, ...size }, maximized };
}

function overlap(a: number, lengthA: number, b: number, lengthB: number): number {
  return Math.min(a + lengthA, b + lengthB) - Math.max(a, b);
}
