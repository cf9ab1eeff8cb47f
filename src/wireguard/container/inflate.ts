/** Unpacking of deflated data to a bound: what a header says about the size is not believed. */
import { Inflate, Unzlib } from "fflate";

export type Inflated =
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  /** There is more than the bound. */
  | { readonly kind: "too_large" }
  | { readonly kind: "damaged" };

/** Deflate unpacks at most 1032-fold, so one step yields at most half a megabyte before the bound is looked at. */
const STEP = 512;

/**
 * Unpacks deflated data (RFC 1951; with `wrapped`, inside zlib's frame, RFC 1950) of at most `bound` bytes. Never
 * holds more than half a megabyte beyond the bound.
 */
export function inflate(packed: Uint8Array, bound: number, wrapped = false): Inflated {
  const chunks: Uint8Array[] = [];
  const seen: { length: number; ended: boolean } = { length: 0, ended: false };
  const take = (chunk: Uint8Array, final: boolean): void => {
    chunks.push(chunk);
    seen.length += chunk.length;
    seen.ended ||= final;
  };
  const stream = wrapped ? new Unzlib(take) : new Inflate(take);
  try {
    for (let begin = 0; begin < packed.length; begin += STEP) {
      stream.push(packed.subarray(begin, begin + STEP), begin + STEP >= packed.length);
      if (seen.length > bound) return { kind: "too_large" };
    }
  } catch {
    // The library says only that the data is invalid or ends early.
    return { kind: "damaged" };
  }
  return seen.ended ? { kind: "data", bytes: Buffer.concat(chunks) } : { kind: "damaged" };
}
