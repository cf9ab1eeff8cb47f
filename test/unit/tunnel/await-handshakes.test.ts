import { expect, test } from "vitest";
import { applySteps, Interrupted } from "../../../src/tunnel/linux/apply.ts";
import { KEY_A } from "./intents.ts";

/** Waits for a peer that is not there, while news comes without end. */
async function wait(milliseconds: number): Promise<void> {
  const step = { do: "await_handshakes", interface: "nobody0", publicKeys: [KEY_A], milliseconds } as const;
  await applySteps([step], null, () => true);
}

test("a wait for a handshake ends where the system changes meanwhile", async () => {
  await expect(wait(60_000)).rejects.toBeInstanceOf(Interrupted);
});

test("who has no time left to wait is not interrupted, however much is heard", async () => {
  await expect(wait(0)).resolves.toBeUndefined();
});
