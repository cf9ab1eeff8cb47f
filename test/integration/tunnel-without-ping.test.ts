/** A machine without `ping` has a tunnel like any other: what becomes of it is found out without that program. */
import { expect, test } from "vitest";
import { scratch } from "../../src/lab/host.ts";
import { EngineProcess, privateIntent, raiseLab } from "./tunnel-lab.ts";

test("without ping a tunnel is proven, a gateway that dies is noticed, and its return too", async () => {
  await using lab = await raiseLab();
  await using folder = await scratch();
  const program = (await lab.device.run("sh", ["-c", "command -v ping"])).trim();
  await lab.device.run("mount", ["--bind", "/dev/null", program]);
  const engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
  const become = async (state: string, change: () => unknown): Promise<unknown> => {
    const from = engine.lines.length;
    await change();
    const line = await engine.until(
      (event, value) => event === "status" && (value as { state: string }).state === state,
      from,
    );
    return line.value;
  };
  const proven = await become("connected", () =>
    engine.send({ do: "apply", intent: privateIntent(lab.a), key: lab.key.reveal() }),
  );
  expect(proven).toMatchObject({ verified: "traffic" });
  const link = (state: string) => lab.a.host.run("ip", ["link", "set", "dev", "wan", state]);
  expect(await become("reconnecting", () => link("down"))).toMatchObject({
    reason: { code: "gateway_silent" },
  });
  await become("connected", async () => {
    await link("up");
    await lab.a.host.run("ip", ["route", "replace", "default", "via", "203.0.113.18"]);
  });
  await engine.kill("SIGTERM");
});
