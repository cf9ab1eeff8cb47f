import { expect, test } from "vitest";
import { OperationError } from "../../../src/tunnel/operation-error.ts";
import { Waiting } from "../../../src/tunnel/waiting.ts";

const REASON = { code: "superseded", message: "Somebody was faster.", remedy: "Ask again." } as const;

test("all who wait are answered at once, and who comes later waits for the next time", async () => {
  const waiting = new Waiting();
  const first = [waiting.join(), waiting.join()];
  waiting.release();
  await Promise.all(first);
  const refused = expect(waiting.join()).rejects.toEqual(new OperationError(REASON));
  waiting.refuse(REASON);
  await refused;
  const later = waiting.join().then(() => "answered");
  expect(await Promise.race([later, new Promise((resolve) => setImmediate(resolve, "waits"))])).toBe("waits");
  waiting.release();
  expect(await later).toBe("answered");
});

test("who asks waits already while it is asked for, and hears what the asking throws", async () => {
  const waiting = new Waiting();
  await waiting.join(() => waiting.release());
  const failed = waiting.join(() => {
    throw new Error("nobody can be asked");
  });
  await expect(failed).rejects.toThrow("nobody can be asked");
});
