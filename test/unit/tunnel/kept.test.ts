import { expect, test } from "vitest";
import { Kept } from "../../../src/tunnel/linux/kept.ts";
import type { Closure } from "../../../src/tunnel/protects.ts";
import type { Prefix } from "../../../src/wireguard/prefix.ts";

const full: Closure = { mode: "full_tunnel", guarded: [], local: false };
const some = (...guarded: string[]): Closure => ({
  mode: "vpn_only",
  guarded: guarded as Prefix[],
  local: false,
});
const A = some("10.1.0.0/16");
const BOTH = some("10.1.0.0/16", "10.2.0.0/16");

test("nothing is known to be closed before anything was made or seen, nor after it was removed", () => {
  const kept = new Kept();
  expect(kept.known).toBeNull();
  kept.making(full);
  expect(kept.known).toBeNull();
  kept.made(full);
  expect(kept.known).toEqual(full);
  kept.removed();
  expect(kept.known).toBeNull();
});

test("while it is replaced no more is known than both close", () => {
  const kept = new Kept();
  kept.made(A);
  kept.making(BOTH);
  expect(kept.known).toEqual(A);
  kept.making(full);
  expect(kept.known).toEqual(A);
  kept.making(some("10.3.0.0/16"));
  expect(kept.known).toBeNull();
});

test("a table that is gone closes nothing, whatever was made", () => {
  const kept = new Kept();
  kept.made(A);
  kept.saw(null);
  expect(kept.known).toBeNull();
});

test("a look tells which of several things it is as far as it can be seen", () => {
  const kept = new Kept();
  kept.made(A);
  kept.making(full);
  kept.saw({ ...full });
  expect(kept.known).toEqual(full);
  kept.made(A);
  kept.making(BOTH);
  kept.saw(some());
  expect(kept.known).toEqual(A);
  // That the local network is open is seen.
  kept.made(full);
  kept.saw({ ...full, local: true });
  expect(kept.known).toEqual({ ...full, local: true });
});

test("of what an earlier life made is known what is seen of it", () => {
  const kept = new Kept();
  kept.saw(full);
  expect(kept.known).toEqual(full);
  kept.removed();
  kept.saw(A);
  expect(kept.known).toEqual(A);
});

test("in doubt nothing is known, and after a look what is seen", () => {
  const kept = new Kept();
  kept.made(BOTH);
  kept.doubt();
  expect(kept.known).toBeNull();
  kept.saw(A);
  expect(kept.known).toEqual(A);
  kept.made(BOTH);
  expect(kept.known).toEqual(BOTH);
});
