import { expect, test } from "vitest";
import { obstacle, sandboxWords, type Examination } from "../../../src/launch/sandbox.ts";

const FINE: Examination = {
  uid: 1000,
  trial: 0,
  trialError: "",
  tun: "usable",
  settings: { apparmorRestricts: undefined, usernsClone: undefined, maxUserNamespaces: "96365" },
};
const FORBIDDEN = { ...FINE, trial: 1, trialError: "unshare: unshare failed: Operation not permitted\n" };
const settings = (but: Partial<Examination["settings"]>) => ({ settings: { ...FINE.settings, ...but } });

test("nothing stands in the way of a machine that allows it", () => {
  expect(obstacle(FINE)).toBeUndefined();
  // A restriction that is set and does not bite is no obstacle: a profile may allow us.
  expect(obstacle({ ...FINE, ...settings({ apparmorRestricts: "1" }) })).toBeUndefined();
});

test.each<[string, Examination, string]>([
  ["no unshare", { ...FINE, trial: null }, "install the package util-linux"],
  [
    "AppArmor's restriction",
    { ...FORBIDDEN, ...settings({ apparmorRestricts: "1" }) },
    "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
  ],
  [
    "user namespaces switched off",
    { ...FORBIDDEN, ...settings({ usernsClone: "0" }) },
    "sudo sysctl -w kernel.unprivileged_userns_clone=1",
  ],
  [
    "no user namespaces left",
    { ...FORBIDDEN, ...settings({ maxUserNamespaces: "0" }) },
    "sudo sysctl -w user.max_user_namespaces=15000",
  ],
  ["a container", FORBIDDEN, "start it with --privileged"],
  [
    "a container, as root",
    { ...FORBIDDEN, uid: 0, ...settings({ apparmorRestricts: "1" }) },
    "start it with --privileged",
  ],
  ["no TUN", { ...FINE, tun: "missing" }, "sudo modprobe tun"],
  ["TUN for root alone", { ...FINE, tun: "forbidden" }, "sudo chmod 666 /dev/net/tun"],
])("%s is told with its remedy", (_, found, remedy) => {
  expect(obstacle(found)).toContain(remedy);
});

test("root needs no user namespace, others become root in one", () => {
  expect(sandboxWords(0, ["true"])).not.toContain("--user");
  expect(sandboxWords(1000, ["true"])).toEqual(expect.arrayContaining(["--user", "--map-root-user", "true"]));
});
