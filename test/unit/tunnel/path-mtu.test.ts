import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { searchLimit, watchPathMtu, type Echoed } from "../../../src/tunnel/path-mtu.ts";

/** A path that carries packets of so many bytes. */
const path = (carries: number) => (bytes: number) =>
  Promise.resolve<Echoed>(bytes <= carries ? "passes" : "lost");

async function search(carries: number, ceiling = 1420) {
  const found: number[] = [];
  return { limit: await searchLimit(path(carries), ceiling, (limit) => found.push(limit)), found };
}

test("a path that carries all it should has no limit", async () => {
  expect(await search(1500)).toEqual({ limit: null, found: [] });
});

test("a black hole's edge is found from below, and what IPv6 needs is used at once", async () => {
  expect(await search(1330)).toEqual({ limit: 1328, found: [1280, 1312, 1328] });
});

test("a path below what IPv6 needs is found too", async () => {
  expect((await search(900)).limit).toBe(896);
});

test("a path that carries nothing large at all says nothing", async () => {
  expect((await search(300)).limit).toBeUndefined();
});

test("silence is no black hole", async () => {
  expect(
    await searchLimit(
      () => Promise.resolve("silent"),
      1420,
      () => undefined,
    ),
  ).toBeUndefined();
});

test("whatever a path carries, the limit passes, and one step more does not", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 576, max: 1500 }),
      fc.integer({ min: 577, max: 1500 }),
      async (carries, ceiling) => {
        const { limit, found } = await search(carries, ceiling);
        if (carries >= ceiling) expect(limit).toBeNull();
        else {
          expect(limit).toBeLessThanOrEqual(carries);
          expect((limit ?? 0) + 16).toBeGreaterThanOrEqual(Math.min(carries + 1, ceiling));
          expect(found).toEqual([...found].sort((a, b) => a - b));
          expect(found.at(-1)).toBe(limit);
        }
      },
    ),
  );
});

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function watch(carries = 1500, limit: number | null = null) {
  const world = { carries, asked: [] as number[], found: [] as (number | null)[] };
  const handle = watchPathMtu({
    ceiling: 1420,
    limit,
    ask: (bytes) => {
      world.asked.push(bytes);
      return path(world.carries)(bytes);
    },
    found: (news) => world.found.push(news),
    now: () => performance.now(),
  });
  return { world, handle };
}

test("a hole that appears while connected is found at the next look; its end after a change of the network", async () => {
  const { world, handle } = watch();
  await vi.advanceTimersByTimeAsync(1);
  expect(world).toMatchObject({ asked: [1420], found: [] });
  world.carries = 1300;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(world.found).toEqual([1280, 1296]);
  world.carries = 1500;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(world.found).toEqual([1280, 1296]);
  handle.lookAgain();
  await vi.advanceTimersByTimeAsync(1);
  expect(world.found).toEqual([1280, 1296, null]);
  handle[Symbol.dispose]();
});

test("a larger size is tried again by itself after ten minutes, and what holds is kept meanwhile", async () => {
  const { world, handle } = watch(1300);
  await vi.advanceTimersByTimeAsync(590_000);
  expect(world.found).toEqual([1280, 1296]);
  expect(world.asked.filter((bytes) => bytes === 1420)).toHaveLength(1);
  world.carries = 1340;
  await vi.advanceTimersByTimeAsync(40_000);
  expect(world.found).toEqual([1280, 1296, 1312, 1328]);
  handle[Symbol.dispose]();
});

test("a limit from before stays until more is known to pass, and falls at once where it does not hold", async () => {
  const kept = watch(1312, 1312);
  await vi.advanceTimersByTimeAsync(1);
  expect(kept.world.found).toEqual([]);
  kept.world.carries = 1000;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(kept.world.found.at(-1)).toBe(992);
  kept.handle[Symbol.dispose]();
  const raised = watch(1500, 1312);
  await vi.advanceTimersByTimeAsync(1);
  expect(raised.world.found).toEqual([null]);
  raised.handle[Symbol.dispose]();
});

test("nothing is asked after the end", async () => {
  const { world, handle } = watch();
  await vi.advanceTimersByTimeAsync(1);
  handle[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(100_000);
  expect(world.asked).toEqual([1420]);
});
