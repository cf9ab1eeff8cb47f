import { expect, test } from "vitest";
import { Outlet } from "../../../src/control-plane/push/outlet.ts";

/** A reader that takes a frame only when told to. */
function slowReader() {
  const frames: string[] = [];
  const waiting: (() => void)[] = [];
  const sink = {
    send: (frame: string, done: () => void) => {
      frames.push(frame);
      waiting.push(done);
    },
  };
  return { frames, sink, take: () => waiting.shift()?.() };
}

test("a slow reader gets what is on its way and then only the newest", () => {
  const { frames, sink, take } = slowReader();
  const outlet = new Outlet<number>(sink);
  for (const event of [1, 2, 3, 4]) outlet.send(event);
  expect(frames).toEqual(["1"]);
  take();
  expect(frames).toEqual(["1", "4"]);
  take();
  expect(frames).toEqual(["1", "4"]);
  outlet.send(5);
  expect(frames).toEqual(["1", "4", "5"]);
});
