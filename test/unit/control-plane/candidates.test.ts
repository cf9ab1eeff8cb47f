import { expect, test } from "vitest";
import type { ActingUser } from "../../../src/control-plane/actor.ts";
import { candidateOf, mayUse } from "../../../src/control-plane/candidates.ts";
import { Live } from "../../../src/control-plane/live.ts";
import type { Allow, DeviceRecord } from "../../../src/control-plane/store/records.ts";

const gateway: DeviceRecord = {
  id: "dev_tokyo",
  workspaceId: "ws_ours",
  networkId: "net_corp",
  kind: "gateway",
  name: "tokyo",
  ownerId: null,
  publicKey: "",
  addresses: ["100.64.0.2/32"],
  roles: ["ingress_gateway"],
  region: "Tokyo",
  endpoint: "198.51.100.10:51820",
  publicAddresses: [],
  version: 1,
  revoked: false,
};
const ada: ActingUser = { kind: "user", workspaceId: "ws_ours", userId: "usr_ada" };
const operator: ActingUser = { kind: "operator", workspaceId: "ws_ours" };
const stranger: ActingUser = { kind: "operator", workspaceId: "ws_theirs" };
const allow = (value: Allow) => new Map([[gateway.id, { value, version: 1 }]]);

test.each([
  ["nobody decided", new Map(), false, true],
  ["an empty list", allow([]), false, true],
  ["a list without her", allow(["usr_bob"]), false, true],
  ["a list with her", allow(["usr_ada"]), true, true],
  ["everyone", allow("everyone"), true, true],
] as const)("access by %s", (_what, access, member, ours) => {
  expect(mayUse(ada, gateway, access)).toBe(member);
  expect(mayUse(operator, gateway, access)).toBe(ours);
  expect(mayUse(stranger, gateway, access)).toBe(false);
  expect(mayUse({ ...ada, workspaceId: "ws_theirs" }, gateway, access)).toBe(false);
});

test("a candidate is judged by the rights of all who count, and by what it reported", () => {
  const live = new Live();
  const judged = (users: readonly ActingUser[]) =>
    candidateOf(gateway, "net_corp", users, allow([]), live, "dev_laptop");
  expect(judged([operator])).toMatchObject({ visible: true, accessGranted: true, healthy: false });
  expect(judged([operator, ada])).toMatchObject({ visible: true, accessGranted: false });
  expect(judged([stranger])).toMatchObject({ visible: false, sameWorkspace: false, accessGranted: false });
  live.setHealth(gateway.id, { healthy: true, load: 0.5 });
  live.setRoundTrips("dev_laptop", new Map([[gateway.id, 12]]));
  live.setRoundTrips("dev_phone", new Map([[gateway.id, 99]]));
  expect(judged([ada])).toMatchObject({ healthy: true, load: 0.5, roundTripMs: 12, sameNetwork: true });
  live.forget(gateway.id);
  expect(judged([ada])).toMatchObject({ healthy: false });
});
