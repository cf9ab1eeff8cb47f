import { access, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLOSE_REVOKED } from "../../src/api/events.ts";
import { scratch, type Host } from "../../src/lab/host.ts";
import { fetchFrom } from "../../src/lab/socket.ts";
import { derivePublicKey } from "../../src/wireguard/keys.ts";
import { FakeControlPlane, GatewayProcess, INTERFACE, keyMadeIn, MAIN } from "./gateway/programs.ts";
import { INTRANET, raiseGatewayWorld, stateOf, type GatewayWorld } from "./gateway/world.ts";

/** One life of a gateway, told in order: every test begins where the one before it ended. */
let it: GatewayWorld;
let folder: Awaited<ReturnType<typeof scratch>>;
let state: string;
let control: FakeControlPlane;
let gateway: GatewayProcess;
let alice: Host;

const reachesIntranet = async (): Promise<boolean> =>
  fetchFrom(alice, `http://${INTRANET.v4}/`, 2000).then(
    (page) => page.status === 200,
    () => false,
  );
const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

beforeAll(async () => {
  folder = await scratch();
  state = join(folder.path, "gateway");
  it = await raiseGatewayWorld();
  control = await FakeControlPlane.start(it.gw);
});
afterAll(async () => {
  await it.world.close();
  await folder[Symbol.asyncDispose]();
});

test("without an enrolment it says what to do, and nothing passes", async () => {
  const out = await it.gw.exec(process.execPath, [MAIN, "--state", state]);
  expect(out.exitCode).toBe(1);
  expect(out.stderr).toContain("--enroll <link>");
  expect(await it.gw.run("nft", ["list", "chain", "inet", "nanami_gateway", "forward"])).toContain(
    "policy drop",
  );
});

test("it enrols with a key made here and keeps it in a folder that nobody else may enter", async () => {
  gateway = await GatewayProcess.start(it.gw, state, ["--enroll", FakeControlPlane.link]);
  const { enrolled } = await control.until((event) => event["enrolled"] !== undefined);
  const key = await keyMadeIn(state);
  it = { ...it, keys: { ...it.keys, gw: key } };
  expect(enrolled).toMatchObject({ publicKey: derivePublicKey(key) });
  expect(JSON.stringify(enrolled)).not.toContain(key.reveal());
  expect([await mode(state), await mode(join(state, "identity.json"))]).toEqual(["700", "600"]);
});

test("it says hello, and that it is not healthy while it has no state", async () => {
  await control.message("hello");
  expect(await control.message("health")).toMatchObject({ healthy: false });
  expect((await it.gw.exec("ip", ["link", "show", INTERFACE])).exitCode).not.toBe(0);
});

test("a state comes into force, is read back, is said to be applied, and carries packets", async () => {
  control.say(stateOf(it.keys, { alice: {} }, { version: 5 }));
  expect(await control.message("state.applied")).toEqual({ type: "state.applied", version: 5 });
  expect(await control.message("health")).toMatchObject({ healthy: true });
  alice = await it.joinAs("alice", it.keys.gw);
  expect(await reachesIntranet()).toBe(true);
});

test("no key is in the arguments of any process", async () => {
  const everything = await it.gw.run("/bin/sh", ["-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"]);
  expect(everything).toContain("main.ts");
  expect(everything).not.toContain(it.keys.gw.reveal());
});

test("an older state on the same connection is ignored", async () => {
  control.say(stateOf(it.keys, {}, { version: 4 }));
  control.say(stateOf(it.keys, { alice: {}, mallory: {} }, { version: 6 }));
  expect(await control.message("state.applied")).toEqual({ type: "state.applied", version: 6 });
  expect(await reachesIntranet()).toBe(true);
});

test("a state of another network is refused, said so, and the one in force stays", async () => {
  control.say(stateOf(it.keys, {}, { version: 7, networkId: "net_Other0000" }));
  expect(await control.message("state.applied")).toMatchObject({
    version: 6,
    refused: [{ code: "wrong_network" }],
  });
  expect(await reachesIntranet()).toBe(true);
});

test("garbage ends the connection and changes nothing", async () => {
  control.sayText('{"type":"state.changed","state":{"version":8}}');
  await control.until((event) => event["closed"] === 1008);
  expect(await reachesIntranet()).toBe(true);
  control.say(stateOf(it.keys, { alice: {} }, { version: 8 }));
  expect(await control.message("hello")).toEqual({ type: "hello", version: 6 });
  expect(await control.message("state.applied")).toMatchObject({ version: 8 });
});

test.each(["SIGTERM", "SIGKILL"] as const)(
  "after %s of the agent what was in force stays",
  async (signal) => {
    await gateway.end(signal);
    expect(await reachesIntranet()).toBe(true);
    gateway = await GatewayProcess.start(it.gw, state);
    expect(await reachesIntranet()).toBe(true);
    expect(await control.message("hello")).toEqual({ type: "hello", version: 8 });
  },
);

test("a restart adopts the running interface: an established flow does not notice", async () => {
  const index = await it.gw.run("cat", [`/sys/class/net/${INTERFACE}/ifindex`]);
  const ping = alice.exec("ping", ["-i0.02", "-c100", "-W1", INTRANET.v4]);
  await gateway.end("SIGKILL");
  gateway = await GatewayProcess.start(it.gw, state);
  expect((await ping).stdout).toContain(" 0% packet loss");
  expect(await it.gw.run("cat", [`/sys/class/net/${INTERFACE}/ifindex`])).toBe(index);
});

test("it repairs rules that somebody flushed", async () => {
  const rules = () => it.gw.run("nft", ["list", "chain", "inet", "nanami_gateway", "from_device"]);
  const before = await rules();
  await it.gw.run("nft", ["flush", "table", "inet", "nanami_gateway"]);
  await expect.poll(rules, { timeout: 15_000 }).toBe(before);
  expect(await reachesIntranet()).toBe(true);
});

test("a stored state that does not parse denies everything until the control plane speaks", async () => {
  await gateway.end("SIGTERM");
  await writeFile(join(state, "state.json"), "{");
  control.sayText("not even JSON");
  gateway = await GatewayProcess.start(it.gw, state);
  expect(await reachesIntranet()).toBe(false);
  control.say(stateOf(it.keys, { alice: {} }, { version: 9 }));
  await control.until(({ message }) => (message as { version?: number } | undefined)?.version === 9);
  // The gateway forgot the device's session; WireGuard would notice by itself within 15 seconds.
  await it.joinAs("alice", it.keys.gw);
  expect(await reachesIntranet()).toBe(true);
});

test("a revoked gateway lets nothing pass, now and after a restart", async () => {
  control.close(CLOSE_REVOKED, "revoked by the operator");
  await expect.poll(reachesIntranet, { timeout: 5000 }).toBe(false);
  expect((await it.gw.run("wg", ["show", INTERFACE, "peers"])).trim()).toBe("");
  await gateway.end("SIGTERM");
  control.sayText("not even JSON");
  await expect(access(join(state, "state.json"))).rejects.toThrow();
  gateway = await GatewayProcess.start(it.gw, state);
  expect(await reachesIntranet()).toBe(false);
});

test("a folder that others may enter is refused", async () => {
  const open = join(folder.path, "open");
  await mkdir(open, { mode: 0o755 });
  const out = await it.gw.exec(process.execPath, [MAIN, "--state", open]);
  expect(out.exitCode).toBe(1);
  expect(out.stderr).toContain("chmod 700");
});
