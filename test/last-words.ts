/** Where a test fails while a demo world stands, prints the end of what the laptop's agent logged. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach } from "vitest";
import { standing } from "../src/lab/standing.ts";

const LINES = 40;

afterEach(async ({ task }) => {
  if (task.result?.state !== "fail") return;
  for (const folder of standing) {
    const log = await readFile(join(folder, "agent.log"), "utf8").catch(() => "");
    const end = log.trim().split("\n").slice(-LINES).join("\n");
    console.log(`the end of the agent's log when "${task.name}" failed:\n${end}`);
  }
});
