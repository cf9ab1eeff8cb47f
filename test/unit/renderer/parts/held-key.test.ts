import { expect, test, vi } from "vitest";
import { pressOnce } from "../../../../renderer/parts/held-key.ts";

test.each([
  ["Enter that is held", { key: "Enter", repeat: true }, 1],
  ["Enter that is pressed", { key: "Enter", repeat: false }, 0],
  ["another key that is held, as Tab is to walk on", { key: "Tab", repeat: true }, 0],
])("%s", (_, event, prevented) => {
  const preventDefault = vi.fn();
  pressOnce({ ...event, preventDefault });
  expect(preventDefault).toHaveBeenCalledTimes(prevented);
});
