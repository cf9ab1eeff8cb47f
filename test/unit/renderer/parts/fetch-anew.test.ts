import { createElement } from "react";
import { prerenderToNodeStream } from "react-dom/static";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { fetchAnew, fetchedWhenWanted } from "../../../../renderer/parts/fetch-anew.ts";

const GONE = new TypeError("Failed to fetch dynamically imported module");

test("what could not be fetched is fetched anew after it was told, and then stays", async () => {
  let attempts = 0;
  const Part = fetchedWhenWanted<{ name: string }>(() => {
    attempts += 1;
    return attempts < 3
      ? Promise.reject(GONE)
      : Promise.resolve(({ name }) => createElement("p", null, name));
  });
  const draw = async (): Promise<string> => {
    const { prelude } = await prerenderToNodeStream(createElement(Part, { name: "drawn" }), {
      onError: () => undefined,
    });
    return text(prelude);
  };
  await expect(draw()).rejects.toBe(GONE);
  // Nobody was told yet: it is not asked for in a loop.
  await expect(draw()).rejects.toBe(GONE);
  expect(attempts).toBe(1);
  fetchAnew();
  await expect(draw()).rejects.toBe(GONE);
  expect(attempts).toBe(2);
  fetchAnew();
  expect(await draw()).toBe("<p>drawn</p>");
  fetchAnew();
  expect(await draw()).toBe("<p>drawn</p>");
  expect(attempts).toBe(3);
});
