/** A machine on which no firewall can be made is told to be open, and protected as soon as one can. */
import { expect, test } from "vitest";
import { scratch } from "../../src/lab/host.ts";
import { filesOfNft, withoutFirewall } from "../../src/lab/no-firewall.ts";
import { lockdownIntent } from "../../src/tunnel/lockdown.ts";
import { REAL_NFT, standInForNft } from "./nft-stand-in.ts";
import {
  counted,
  EngineProcess,
  fullIntent,
  PRIVATE_SERVER,
  privateIntent,
  PUBLIC_SERVER,
  raiseLab,
  reaches,
} from "./tunnel-lab.ts";

/** An nft that tells what is there, and changes nothing of it. */
const CHANGES_NOTHING = `read -r first
case $first in
  list*) echo "$first" | ${REAL_NFT} ;;
  *) echo "nothing can be changed" >&2; exit 1 ;;
esac`;

test("without nft nothing is told to be blocked; with it again everything is closed without being asked", async () => {
  await using lab = await raiseLab();
  await using folder = await scratch();
  const giveBack = await withoutFirewall(lab.device);
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
  await giveBack();
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

test("a lockdown that cannot be put in force is told as what it is, and comes in force by itself", async () => {
  await using lab = await raiseLab();
  await using folder = await scratch();
  const giveBack = await withoutFirewall(lab.device);
  const isOpen = (event: string, value: unknown): boolean =>
    event === "status" && (value as { reason?: { code: string } }).reason?.code === "lockdown_not_in_force";
  const open = {
    state: "disconnected",
    reason: {
      ...{ code: "lockdown_not_in_force", message: expect.stringContaining("nft") as string },
      remedy: expect.stringContaining("It is tried again by itself") as string,
      facts: { why: "program_missing", open: "everything" },
    },
  };
  let engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
  engine.send({ do: "rest", intent: lockdownIntent([], false) });
  expect((await engine.until(isOpen)).value).toMatchObject(open);
  // Which is true.
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);

  // Whoever is started after it has the same to say.
  await engine.kill("SIGKILL");
  engine = new EngineProcess(lab.device, folder.path);
  expect((await engine.until(isOpen)).value).toMatchObject(open);
  const from = engine.lines.length;
  await giveBack();
  const closed = await engine.until(
    (event, value) => event === "status" && (value as { state: string }).state === "blocked",
    from,
  );
  expect(closed.value).toMatchObject({ mode: "full_tunnel", reason: { code: "lockdown" } });
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(false);
  // At no time anybody was told that something connects.
  const states = engine.lines.flatMap(({ event, value }) =>
    event === "status" ? [(value as { state: string }).state] : [],
  );
  expect(states).not.toContain("connecting");
  await engine.state("disconnected", { do: "rest", intent: null });
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
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

test("the firewall comes before the tunnel's first packet: where none can be made, no gateway hears of us", async () => {
  await using lab = await raiseLab();
  await using folder = await scratch();
  await standInForNft(lab.device, CHANGES_NOTHING);
  const engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
  engine.send({ do: "apply", intent: fullIntent(lab.a), key: lab.key.reveal() });
  await engine.until((event, value) => event === "status" && "reason" in (value as object));
  // A way that a handshake, sent before it, would have gone too.
  expect(await reaches(lab.device, lab.a.address)).toBe(true);
  expect(await lab.a.host.run("wg", ["show", "all", "endpoints"])).toMatch(/\t\(none\)$/);
  await engine.kill("SIGTERM");
});

test("where nothing can be made anew, what an earlier life closed and still closes is told to be closed", async () => {
  await using lab = await raiseLab();
  await using folder = await scratch();
  const former = new EngineProcess(lab.device, folder.path);
  await former.state("disconnected");
  // More than a few, so that nft prints a set of them.
  const privatePrefixes = ["10.20.0.0/16", "10.31.0.0/16", "10.33.1.0/24", "10.35.0.1/32", "10.37.0.0/17"];
  const intent = { ...privateIntent(lab.a), privatePrefixes: [...privatePrefixes, "fd00:20::/64"] };
  await former.state("connected", { do: "apply", intent, key: lab.key.reveal() });
  await former.kill("SIGKILL");

  await standInForNft(lab.device, CHANGES_NOTHING);
  const engine = new EngineProcess(lab.device, folder.path);
  const told = await engine.until((event, value) => event === "status" && "reason" in (value as object));
  expect(told.value).toMatchObject({ state: "blocked", mode: "vpn_only" });
  // Which is true.
  const before = await counted(lab.router, "world", "private");
  await lab.device.run("ip", ["link", "del", "nanami0"]);
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(false);
  expect(await counted(lab.router, "world", "private")).toBe(before);
  await engine.kill("SIGTERM");
});

test("that somebody deleted the firewall is told, though it can neither be looked at nor made again", async () => {
  await using lab = await raiseLab();
  await using folder = await scratch();
  // A library that is loaded already could not be taken away.
  await standInForNft(lab.device, REAL_NFT);
  const [, program] = await filesOfNft(lab.device);
  const engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key: lab.key.reveal() });

  await lab.device.run("mount", ["--bind", "/dev/null", program]);
  const from = engine.lines.length;
  await lab.device.run("/run/nft", ["delete", "table", "inet", "nanami"]);
  // A look at it that came before may have told that it is blocked, which it was.
  const told = await engine.until(
    (event, value) =>
      event === "status" && (value as { reason?: { code: string } }).reason?.code === "not_protected",
    from,
  );
  expect(told.value).toMatchObject({ state: "connecting", mode: "full_tunnel" });
  await lab.device.run("umount", [program]);
  await engine.until(
    (event, value) => event === "status" && (value as { state: string }).state === "connected",
    from,
  );
  expect(await lab.device.run("/run/nft", ["list", "table", "inet", "nanami"])).toContain("policy drop");
  await engine.kill("SIGTERM");
});
