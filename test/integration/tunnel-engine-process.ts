/** An engine for tests: commands as lines of JSON on stdin, events as lines of JSON on stdout. */
import { createInterface } from "node:readline";
import { startEngine } from "../../src/tunnel/engine.ts";
import { withinTime } from "../../src/tunnel/linux/late.ts";
import type { Blockage, Intent } from "../../src/tunnel/types.ts";

type Command =
  | { do: "apply"; intent: Intent; key: string }
  | { do: "block"; reason: Blockage }
  | { do: "disconnect" }
  | { do: "rest"; intent: Intent | null }
  | { do: "names" }
  | { do: "check" }
  | { do: "late_end" }
  | { do: "usage" };

function tell(event: string, value: unknown): void {
  process.stdout.write(
    `${JSON.stringify({ at: performance.timeOrigin + performance.now(), event, value })}\n`,
  );
}

/** A call of libnftables that was given up ends after all, as far as whoever waits for that is told. */
async function endLate(): Promise<void> {
  const { promise: over, resolve: end } = Promise.withResolvers<undefined>();
  const call = (ended: (error: unknown, value: number) => void): void => void over.then(() => ended(null, 0));
  await withinTime(call, 1, () => new Error("given up")).catch(() => undefined);
  end(undefined);
}

const [, , folder = ""] = process.argv;
const engine = await startEngine({
  folder,
  interface: "nanami0",
  log: (message, facts) => tell("log", { message, ...facts }),
});
engine.onStatus((status) => {
  tell("status", status);
  void engine.real()?.then(() => tell("real", engine.real() === null));
});
engine.onPathMtu(() => tell("path mtu", engine.pathMtu));
tell("status", engine.status);
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command;
  tell("command", command.do);
  if (command.do === "apply") engine.apply(command.intent, command.key);
  else if (command.do === "block") engine.block(command.reason);
  else if (command.do === "rest")
    engine.rest(command.intent).catch((error: unknown) => tell("not at rest", String(error)));
  else if (command.do === "check") engine.checkNow();
  else if (command.do === "late_end") await endLate();
  else if (command.do === "usage") tell("usage", { cpu: process.cpuUsage(), rtt: engine.probeRoundTripMs });
  else if (command.do === "names") {
    const { names, outsideResolvers: outside } = engine;
    tell("names", { names, outside, deviations: await engine.inspect() });
  } else engine.disconnect().catch((error: unknown) => tell("not disconnected", String(error)));
}
