/** A store that is put back to an older copy does not wedge anybody. */
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSqlite } from "../../../src/control-plane/store/sqlite.ts";
import { deviceLine, TestGateway, TestPlane, TestWorkspace, until } from "./harness.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nanami-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("devices and gateways follow a restored store, whatever they saw before", async () => {
  const file = join(folder, "store.sqlite");
  const backup = join(folder, "backup.sqlite");
  const first = await TestPlane.start({ file });
  const acme = await TestWorkspace.create(first);
  const corp = await acme.network();
  const ada = await acme.user();
  const tokyo = await acme.openGateway(corp, "tokyo", 10);
  const laptop = await acme.device(corp, ada.id);
  await first[Symbol.asyncDispose]();
  await copyFile(file, backup);

  const second = await TestPlane.start({ file });
  const operator = second.as(acme.operatorToken);
  using before = await TestGateway.connect(second, tokyo.id, tokyo.token);
  const layer = `/devices/${laptop.id}/routing-preference`;
  for (const trafficMode of ["full_tunnel", "vpn_only", "full_tunnel"] as const)
    await operator.put(layer, { trafficMode });
  const lost = await acme.on(second).device(corp, ada.id);
  await until(() => before.state.peers.length === 2);
  const seen = (await second.as(laptop.token).path(laptop.id)).epoch;
  const seenVersion = before.state.version;
  await second[Symbol.asyncDispose]();

  await copyFile(backup, file);
  await using third = await TestPlane.start({ file });
  const gateway = await TestGateway.connect(third, tokyo.id, tokyo.token);
  gateway.line.say({ type: "hello", version: seenVersion });
  // Above what the gateway saw, so that it is not taken for an old one.
  await until(() => gateway.state.version > seenVersion);
  expect(gateway.state.peers.map((peer) => peer.deviceId)).toEqual([laptop.id]);

  using line = await deviceLine(third, laptop.token);
  line.say({ type: "hello", epoch: seen });
  const { path } = await line.inbox.find(() => true);
  expect(path.epoch.lineage).not.toBe(seen.lineage);
  expect(path.trafficMode.value).toBe("vpn_only");
  // Goes on as ever: what is changed now arrives.
  await third.as(laptop.token).put(layer, { trafficMode: "full_tunnel" });
  await line.inbox.find((event) => event.path.trafficMode.value === "full_tunnel");
  // A device that the restored store never knew is a stranger, not a revoked one.
  expect(await third.as(lost.token).refused("GET", `/devices/${lost.id}`)).toBe("401 unauthenticated");
});

test("a restart keeps everything, also that a gateway was healthy a moment ago", async () => {
  const file = join(folder, "restart.sqlite");
  const first = await TestPlane.start({ file });
  const acme = await TestWorkspace.create(first);
  const corp = await acme.network();
  const ada = await acme.user();
  const tokyo = await acme.openGateway(corp, "tokyo", 10);
  const laptop = await acme.device(corp, ada.id);
  const before = await first.as(laptop.token).path(laptop.id);
  expect(before.status).toBe("ready");
  await first[Symbol.asyncDispose]();

  await using second = await TestPlane.start({ file, gatewayGraceMs: 200 });
  expect(second.bootstrap).toBeNull();
  const after = await second.as(laptop.token).path(laptop.id);
  expect(after).toEqual({
    ...before,
    issuedAt: after.issuedAt,
    epoch: { lineage: after.epoch.lineage, number: before.epoch.number },
  });
  expect(after.epoch.lineage).not.toBe(before.epoch.lineage);
  await until(async () => (await second.as(laptop.token).path(laptop.id)).status === "unavailable");
  using back = await TestGateway.connect(second, tokyo.id, tokyo.token);
  await until(async () => (await second.as(laptop.token).path(laptop.id)).status === "ready");
  expect(back.state.peers).toHaveLength(1);
});

test("a store that is not one is refused with what to do", async () => {
  const file = join(folder, "garbage.sqlite");
  await writeFile(file, "this is not a database, however long one looks at it\n".repeat(100));
  expect(() => openSqlite(file)).toThrow(/cannot be used: .*Restore it from a backup/);
});
