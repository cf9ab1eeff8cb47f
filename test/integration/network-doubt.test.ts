/** A change of the firewall that was given up, and that the kernel carried out after a newer one, does not stay. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Host, scratch } from "../../src/lab/host.ts";
import { desiredState } from "../../src/tunnel/desired-state.ts";
import { firewallText } from "../../src/tunnel/linux/firewall.ts";
import { privateIntent } from "../unit/tunnel/intents.ts";

const program = fileURLToPath(new URL("network-program.ts", import.meta.url));

test("an older firewall of ours with as many rules is not taken for the newer one", async () => {
  await using folder = await scratch();
  const host = await Host.create("device");
  const [older, newer] = ["10.1.0.0/16", "10.2.0.0/16"].map((prefix) =>
    privateIntent({ privatePrefixes: [prefix], peers: [] }),
  );
  if (older === undefined || newer === undefined) throw new Error("no intents");
  const surroundings = { interface: "nanami0", onLink: [], closed: true };
  const late = firewallText(desiredState(older, surroundings).firewall);
  const commands: readonly object[] = [
    { do: "up", intent: older },
    { do: "confirm" },
    { do: "up", intent: newer },
    { do: "confirm" },
    { do: "nft", text: late },
    { do: "doubt" },
    // Whoever only looks learns nothing from it.
    { do: "confirm" },
    { do: "up", intent: newer },
    { do: "confirm" },
    { do: "inspect" },
  ];
  const input = commands.map((command) => `${JSON.stringify(command)}\n`).join("");
  const out = await host.run(process.execPath, [program, folder.path], { input });
  const answers = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(answers.slice(6)).toEqual([false, ["firewall"], true, []]);
  const table = await host.run("nft", ["list", "table", "inet", "nanami"]);
  expect(table).toContain("10.2.0.0/16");
  expect(table).not.toContain("10.1.0.0/16");
  await host.close();
});
