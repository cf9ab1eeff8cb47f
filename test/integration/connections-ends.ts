/** Starts the ends of connections (`connections-program.ts`) on hosts of the lab. */
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Host } from "../../src/lab/host.ts";

const program = fileURLToPath(new URL("./connections-program.ts", import.meta.url));

/** Runs the program on a host; `events` grows while it runs. */
export function start(host: Host, ...words: string[]) {
  const child = host.spawn(process.execPath, [program, ...words], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    buffer: false,
  });
  const events: { at: number; name: string; event: string }[] = [];
  if (child.stdout === null) throw new Error("the program has no output");
  createInterface({ input: child.stdout }).on("line", (line) =>
    events.push(JSON.parse(line) as (typeof events)[number]),
  );
  return {
    events,
    of: (name: string) => events.filter((one) => one.name === name).map(({ event }) => event),
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.catch(() => undefined);
    },
  };
}
