/** A machine on which no firewall can be made is told to be open, and protected as soon as one can. */
import { expect, test } from "vitest";
import { scratch } from "../../src/lab/host.ts";
import { EngineProcess, fullIntent, PUBLIC_SERVER, raiseLab, reaches } from "./tunnel-lab.ts";

/** Where nft and its library are. */
const FIND = "ldconfig -p | sed -n 's/.*libnftables\\.so\\.1 .*=> //p'; command -v nft";

test("without nft nothing is told to be blocked; with it again everything is closed without being asked", async () => {
  await using lab = await raiseLab();
  await using folder = await scratch();
  const files = (await lab.device.run("sh", ["-c", FIND])).trim().split("\n");
  for (const file of files) await lab.device.run("mount", ["--bind", "/dev/null", file]);
  const engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
  engine.send({ do: "apply", intent: fullIntent(lab.a), key: lab.key.reveal() });
  const told = await engine.until((event, value) => event === "status" && "reason" in (value as object));
  expect(told.value).toMatchObject({
    state: "connecting",
    mode: "full_tunnel",
    reason: {
      code: "not_protected",
      facts: { detail: expect.stringContaining("nft") as string, open: "everything" },
    },
  });
  // Which is true.
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);

  const from = engine.lines.length;
  for (const file of files) await lab.device.run("umount", [file]);
  const closed = await engine.until(
    (event, value) => event === "status" && (value as { state: string }).state === "connected",
    from,
  );
  expect(closed.value).toMatchObject({ mode: "full_tunnel" });
  expect(await lab.device.run("nft", ["list", "table", "inet", "nanami"])).toContain("policy drop");
  // Who tries to close just when nft comes back succeeds, and then it is blocked: before that it never was.
  const states = engine.lines
    .slice(0, from)
    .flatMap(({ event, value }) => (event === "status" ? [(value as { state: string }).state] : []));
  expect(states).toContain("connecting");
  expect(states).not.toContain("blocked");
  await engine.kill("SIGTERM");
});

test("what is promised is told to be real once the firewall is there", async () => {
  await using lab = await raiseLab();
  await using folder = await scratch();
  const engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
  engine.send({ do: "apply", intent: fullIntent(lab.a), key: lab.key.reveal() });
  const [connecting, real] = await Promise.all([
    engine.until((event, value) => event === "status" && (value as { state: string }).state === "connecting"),
    engine.until((event) => event === "real"),
  ]);
  expect(real.value).toBe(true);
  expect(await lab.device.run("nft", ["list", "table", "inet", "nanami"])).toContain("policy drop");
  // Not at once: that is what is waited for.
  expect(real.at).toBeGreaterThan(connecting.at);
  await engine.kill("SIGTERM");
});
