/** Enrolment keys, addresses, key rotation, removal. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import * as http from "../../../src/api/http.ts";
import { parseEnrollmentLink } from "../../../src/api/link.ts";
import { deviceLine, newPublicKey, TestPlane, TestWorkspace, until } from "./harness.ts";

const HOUR = 3_600_000;
const gatewayKey = {
  for: "gateway",
  name: "tokyo",
  region: "Tokyo",
  roles: ["ingress_gateway"],
  endpoint: "198.51.100.10:51820",
};

describe("an enrolment key", () => {
  test("comes as a link that the link's own reader reads", async () => {
    await using plane = await TestPlane.start();
    const acme = await TestWorkspace.create(plane);
    const corp = await acme.network();
    const ada = await acme.user();
    const path = `/networks/${corp}/enrollment-keys`;
    const { body } = await acme.operator.ok("POST", path, http.CreatedEnrollmentKey, {
      for: "device",
      userId: ada.id,
    });
    expect(parseEnrollmentLink(body.link)).toEqual({
      ok: true,
      link: { origin: plane.origin, host: new URL(plane.origin).host, pin: null, key: body.key },
    });
    const listed = await acme.operator.ok("GET", path, http.EnrollmentKeys);
    expect(listed.body.enrollmentKeys).toEqual([
      { id: body.id, for: "device", userId: ada.id, expiresAt: body.expiresAt, usedAt: null },
    ]);
  });

  test("works once, also when two come at the same time", async () => {
    await using plane = await TestPlane.start();
    const acme = await TestWorkspace.create(plane);
    const corp = await acme.network();
    const ada = await acme.user();
    const key = await acme.key(corp, { for: "device", userId: ada.id });
    const stranger = plane.as(undefined);
    const answers = await Promise.all(
      [1, 2, 3].map(() =>
        stranger.call("POST", "/enrollments", http.Enrolled, {
          key,
          publicKey: newPublicKey(),
          name: "laptop",
        }),
      ),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    const again = { key, publicKey: newPublicKey(), name: "laptop" };
    expect(await stranger.refused("POST", "/enrollments", again)).toBe("403 enrollment_key_used");
    const told = await stranger.call("POST", "/enrollments", z.unknown(), again);
    expect(told).toMatchObject({ message: expect.stringContaining("Ask your operator") as string });
  });

  test("expires when it says, and no later than a day", async () => {
    let now = Date.now();
    await using plane = await TestPlane.start({ clock: () => new Date(now) });
    const acme = await TestWorkspace.create(plane);
    const corp = await acme.network();
    const ada = await acme.user();
    const path = `/networks/${corp}/enrollment-keys`;
    const tooLong = { for: "device", userId: ada.id, lifetime: 24 * 3600 + 1 };
    expect(await acme.operator.refused("POST", path, tooLong)).toBe("400 malformed");
    const [short, long] = [
      await acme.key(corp, { for: "device", userId: ada.id }),
      await acme.key(corp, { for: "device", userId: ada.id, lifetime: 24 * 3600 }),
    ];
    now += HOUR;
    const late = { key: short, publicKey: newPublicKey(), name: "laptop" };
    expect(await plane.as(undefined).refused("POST", "/enrollments", late)).toBe(
      "403 enrollment_key_expired",
    );
    const told = await plane.as(undefined).call("POST", "/enrollments", z.unknown(), late);
    expect(told).toMatchObject({ problem: { expiredAt: expect.stringMatching(/^\d{4}-.*Z$/) as string } });
    now += 22 * HOUR;
    await acme.enrol(long);
  });

  test("that nobody gave out is refused, and a refused enrolment leaves a key good", async () => {
    await using plane = await TestPlane.start();
    const acme = await TestWorkspace.create(plane);
    const corp = await acme.network();
    const ada = await acme.user();
    const stranger = plane.as(undefined);
    const unknown = { key: "nanami_key_AAAAAAAAAAAAAAAA", publicKey: newPublicKey(), name: "laptop" };
    expect(await stranger.refused("POST", "/enrollments", unknown)).toBe("403 enrollment_key_unknown");

    const publicKey = newPublicKey();
    const first = await acme.key(corp, { for: "device", userId: ada.id });
    await stranger.ok("POST", "/enrollments", http.Enrolled, { key: first, publicKey, name: "laptop" });
    const key = await acme.key(corp, { for: "device", userId: ada.id });
    const zero = { key, publicKey: `${"A".repeat(43)}=`, name: "laptop" };
    expect(await stranger.refused("POST", "/enrollments", { key, publicKey, name: "other" })).toBe(
      "409 public_key_in_use",
    );
    expect(await stranger.refused("POST", "/enrollments", zero)).toBe("422 invalid");
    await acme.enrol(key);
  });

  test("for a gateway refuses a name, an endpoint or a place that cannot be", async () => {
    await using plane = await TestPlane.start();
    const acme = await TestWorkspace.create(plane);
    const corp = await acme.network();
    await acme.enrol(await acme.key(corp, gatewayKey));
    const refused = async (more: object): Promise<string> => {
      const body = { ...gatewayKey, name: "osaka", endpoint: "198.51.100.20:51820", ...more };
      const path = `/networks/${corp}/enrollment-keys`;
      const answer = await acme.operator.call("POST", path, z.unknown(), body);
      if (answer.ok || answer.kind !== "refused") throw new Error("it was not refused");
      return answer.problem.errors?.[0]?.code ?? answer.problem.code;
    };
    expect(await refused({ name: "tokyo" })).toBe("name_taken");
    expect(await refused({ endpoint: gatewayKey.endpoint })).toBe("endpoint_in_use");
    expect(await refused({ endpoint: "127.0.0.1:51820" })).toBe("unroutable");
    expect(await refused({ endpoint: "[::1]:51820" })).toBe("unroutable");
    expect(await refused({ endpoint: "169.254.169.254:51820" })).toBe("unroutable");
    expect(await refused({ endpoint: "10.20.0.1:51820" })).toBe("inside_tunnel");
    expect(await refused({ endpoint: "100.64.0.1:51820" })).toBe("inside_tunnel");
    expect(await refused({ endpoint: "198.51.100.20:65536" })).toBe("invalid_port");
    expect(await refused({ endpoint: "198.51.100.20" })).toBe("invalid_format");
    expect(await refused({ endpoint: "gw.example.com:51820" })).toBe("name_not_address");
    expect(await refused({ endpoint: "198.51.100:51820" })).toBe("name_not_address");
    expect(await refused({ roles: [] })).toBe("too_small");
  });
});

describe("overlay addresses", () => {
  test("run out with a sentence, and are given away again only after every gateway let go", async () => {
    await using plane = await TestPlane.start();
    const acme = await TestWorkspace.create(plane);
    const corp = await acme.network("corp", { overlayPrefixes: ["100.64.0.0/29"] });
    const ada = await acme.user();
    using tokyo = await acme.openGateway(corp, "tokyo", 10);
    const devices = [];
    for (let i = 0; i < 4; i++) devices.push(await acme.device(corp, ada.id));
    const full = { key: await acme.key(corp, { for: "device", userId: ada.id }), name: "one too many" };
    const ask = (): Promise<string> =>
      plane.as(undefined).refused("POST", "/enrollments", { ...full, publicKey: newPublicKey() });
    expect(await ask()).toBe("409 overlay_full");

    tokyo.answers = false;
    await acme.operator.call("DELETE", `/devices/${devices[1]?.id ?? ""}`, null);
    await until(() => tokyo.state.peers.length === 3);
    expect(await ask()).toBe("409 overlay_full");
    tokyo.apply();
    tokyo.answers = true;
    await until(async () => {
      const rows = await plane.plane.read((tx) =>
        tx.selectFrom("gateway_states").whereRef("applied_version", "<", "version").selectAll().execute(),
      );
      return rows.length === 0;
    });
    const again = await acme.enrol(full.key);
    const { body } = await acme.operator.ok("GET", `/devices/${again.id}`, http.Device);
    expect(body.addresses).toEqual(["100.64.0.4/32"]);
  });
});

describe("key rotation", () => {
  test("answers once the gateways know the new key, and the old one is gone there", async () => {
    await using plane = await TestPlane.start();
    const acme = await TestWorkspace.create(plane);
    const corp = await acme.network();
    const ada = await acme.user();
    using tokyo = await acme.openGateway(corp, "tokyo", 10);
    const laptop = await acme.device(corp, ada.id);
    const publicKey = newPublicKey();
    const { body } = await plane
      .as(laptop.token)
      .ok("POST", `/devices/${laptop.id}/key-rotation`, http.Device, { publicKey });
    expect(body.publicKey).toBe(publicKey);
    expect(tokyo.state.peers.map((peer) => [peer.deviceId, peer.publicKey])).toEqual([
      [laptop.id, publicKey],
    ]);
    const taken = { publicKey };
    expect(await plane.as(laptop.token).refused("POST", `/devices/${laptop.id}/key-rotation`, taken)).toBe(
      "409 public_key_in_use",
    );
  });
});

describe("removal", () => {
  test("ends the token, the connection with 4401 and the peer, for the device itself, its owner and an operator", async () => {
    await using plane = await TestPlane.start();
    const acme = await TestWorkspace.create(plane);
    const corp = await acme.network();
    const ada = await acme.user();
    using tokyo = await acme.openGateway(corp, "tokyo", 10);
    for (const who of ["device", "member", "operator"] as const) {
      const laptop = await acme.device(corp, ada.id);
      await until(() => tokyo.state.peers.length === 1);
      using line = await deviceLine(plane, laptop.token);
      line.say({ type: "hello" });
      await line.inbox.find(({ path }) => path.status === "ready");
      const token = { device: laptop.token, member: ada.token, operator: acme.operatorToken }[who];
      const gone = await plane.as(token).call("DELETE", `/devices/${laptop.id}`, null);
      expect(gone).toMatchObject({ ok: true, status: 204 });
      expect(await line.closed).toMatchObject({ code: 4401 });
      await until(() => tokyo.state.peers.length === 0);
      const dead = plane.as(laptop.token);
      expect(await dead.refused("GET", `/devices/${laptop.id}/resolved-path`)).toBe("401 revoked");
      using again = await deviceLine(plane, laptop.token);
      expect(await again.closed).toMatchObject({
        code: 4401,
        reason: expect.stringContaining("revoked") as string,
      });
      const path = await acme.operator.path(laptop.id);
      expect(path).toMatchObject({ status: "unavailable", reason: { code: "revoked" } });
      const layer = `/devices/${laptop.id}/routing-preference`;
      expect(await acme.operator.refused("PUT", layer, {}, "*")).toBe("409 revoked");
    }
  });

  test("of a gateway makes pins of it unknown and lets auto go on", async () => {
    await using plane = await TestPlane.start();
    const acme = await TestWorkspace.create(plane);
    const corp = await acme.network();
    const ada = await acme.user();
    using tokyo = await acme.openGateway(corp, "tokyo", 10);
    using osaka = await acme.openGateway(corp, "osaka", 20);
    const laptop = await acme.device(corp, ada.id, "laptop");
    const phone = await acme.device(corp, ada.id, "phone");
    const selection = { routingMode: "manual", ingressDeviceId: tokyo.id, egressDeviceId: null } as const;
    await acme.operator.put(`/devices/${laptop.id}/routing-preference`, { selection });
    await acme.operator.call("DELETE", `/devices/${tokyo.id}`, null);
    expect(await tokyo.line.closed).toMatchObject({ code: 4401 });
    expect(await acme.operator.path(laptop.id)).toMatchObject({ reason: { code: "unknown_device" } });
    expect(await acme.operator.path(phone.id)).toMatchObject({ ingress: { name: "osaka" } });
    expect(osaka.state.peers.map((peer) => peer.grants.relays)).toEqual([[], []]);
  });
});
