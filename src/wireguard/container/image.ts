/** What reading an image yields: brightness alone, which is all that a QR code needs. */
export type ImageResult =
  | {
      readonly kind: "image";
      /** Pixels. */
      readonly width: number;
      readonly height: number;
      /** One byte a pixel, row by row, 0 black. */
      readonly luma: Uint8Array;
    }
  | { readonly kind: "refused"; readonly code: "image_damaged" | "image_too_large" };
