/**
 * What a peer carries is changed while it is in use: nothing of what stays is lost. The real wireguard-go, and so many
 * changes that a moment of a microsecond would be met.
 */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { scratch } from "../../src/lab/host.ts";
import { EngineProcess, fullIntent, PRIVATE_SERVER, raiseLab } from "./tunnel-lab.ts";

const CHANGES = 10_000;
const program = fileURLToPath(new URL("netlink-program.ts", import.meta.url));

test("no packet is lost while the rest of the Internet comes and goes beside the private network", async () => {
  await using lab = await raiseLab();
  await using folder = await scratch();
  const engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key: lab.key.reveal() });
  // It would put right what is changed here.
  await engine.kill("SIGKILL");

  // As fast as they come back, a hundred a second where they do not: no queue ever fills.
  const ping = lab.device.spawn("ping", ["-n", "-q", "-f", PRIVATE_SERVER], { stdin: "ignore" });
  const [few, all] = ["10.20.0.0/16", "10.20.0.0/16,0.0.0.0/0,::/0"] as const;
  const changes = Array.from({ length: CHANGES }, (_, turn) => {
    const words = ["peer", lab.a.publicKey, "allowed-ips", turn % 2 === 0 ? few : all];
    return `${JSON.stringify({ do: "wg set", words, secrets: [] })}\n`;
  });
  const answers = await lab.device.run(process.execPath, [program], { input: changes.join("") });
  ping.kill("SIGINT");
  const unlike = answers
    .trim()
    .split("\n")
    .filter((line) => line !== '{"ok":true,"value":true}');
  expect(unlike).toEqual([]);
  const carried = await lab.device.run("wg", ["show", "nanami0", "allowed-ips"]);
  expect(carried.trim().split(/\s/).slice(1).sort()).toEqual(all.split(",").sort());

  const said = String((await ping).stdout);
  const [, sent = "", back = ""] = /(\d+) packets transmitted, (\d+) received/.exec(said) ?? [];
  expect(Number(sent), said).toBeGreaterThan(1000);
  // The last one may have been under way.
  expect(Number(sent) - Number(back), said).toBeLessThanOrEqual(1);
});
