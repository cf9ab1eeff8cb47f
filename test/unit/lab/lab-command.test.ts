import { expect, test } from "vitest";
import { wordsToEnter } from "../../../src/lab/lab-command.ts";

const world = {
  sandboxPid: 4711,
  hosts: [
    { name: "laptop", about: "the device", pid: 12 },
    { name: "tokyo", about: "a gateway", pid: 13 },
  ],
};

test("root enters the sandbox's namespaces, then the host's", () => {
  expect(wordsToEnter(world, "tokyo", ["ip", "route"], 0).join(" ")).toBe(
    "nsenter --target=4711 --net --mount --pid=/proc/4711/ns/pid_for_children -- " +
      "nsenter --target=13 --net --mount -- ip route",
  );
});

test("anybody else enters the user namespace too, and keeps the identity that it maps", () => {
  expect(wordsToEnter(world, "laptop", ["id"], 1000)).toContain("--user");
  expect(wordsToEnter(world, "laptop", ["id"], 1000)).toContain("--preserve-credentials");
});

test("a host that does not exist is named together with those that do", () => {
  expect(() => wordsToEnter(world, "kyoto", ["id"], 0)).toThrow(/no host "kyoto"; there are laptop, tokyo/);
});
