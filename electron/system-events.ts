/** What the machine goes through, handed to the agent: it looks by itself, this only makes it look sooner. */
import { networkInterfaces } from "node:os";
import { powerMonitor } from "electron";
import type { AgentLink } from "../src/face/agent-link.ts";
import type { Params } from "../src/rpc/contract.ts";

/** How often the machine's addresses are looked at, milliseconds. */
const LOOK_MS = 10_000;

/** Begins to tell; for as long as the app runs. */
export function tellSystemEvents(agent: Pick<AgentLink, "call">): void {
  const tell = (event: Params<"noteEvent">["event"]): void => {
    // An agent that is not there, or is another's, needs no hint.
    agent.call("noteEvent", { event }).catch(() => undefined);
  };
  let addresses = addressesNow();
  const look = (): void => {
    const now = addressesNow();
    if (now === addresses) return;
    addresses = now;
    tell("network_changed");
  };
  powerMonitor.on("suspend", () => tell("suspend"));
  powerMonitor.on("resume", () => {
    tell("resume");
    look();
  });
  powerMonitor.on("unlock-screen", look);
  // No event says that the network changed.
  setInterval(look, LOOK_MS).unref();
}

/** Every address of every interface, as one text. */
function addressesNow(): string {
  return JSON.stringify(
    Object.entries(networkInterfaces()).map(([name, all]) => [name, all?.map(({ cidr }) => cidr)]),
  );
}
