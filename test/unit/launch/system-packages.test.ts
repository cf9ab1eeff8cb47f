import { expect, test } from "vitest";
import { familyOf, installation, NEEDED } from "../../../src/launch/system-packages.ts";

test.each([
  ["Debian", 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', "debian"],
  ["Ubuntu", 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', "debian"],
  ["Mint", 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', "debian"],
  ["Fedora", "ID=fedora\n", "fedora"],
  ["Rocky", 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', "fedora"],
  ["Arch", "ID=arch\n", "arch"],
  ["Manjaro", "ID=manjaro\nID_LIKE=arch\n", "arch"],
  ["NixOS", "ID=nixos\n", undefined],
  ["nothing", "", undefined],
])("%s is of its family", (_, osRelease, family) => {
  expect(familyOf(osRelease)).toBe(family);
});

test("a program brings its package once, under the distribution's own name", () => {
  expect(installation("debian", ["ip", "dnsmasq", "unshare", "unshare"]).packages).toEqual([
    "iproute2",
    "dnsmasq-base",
    "util-linux",
  ]);
  expect(installation("fedora", ["ip", "ping", "mount", "unshare"]).packages).toEqual([
    "iproute",
    "iputils",
    "util-linux",
  ]);
});

test("apt's lists are fetched first, and nothing is installed that is merely recommended", () => {
  const [update, install] = installation("debian", ["wg"]).commands;
  expect(update).toContain("update");
  expect(install).toEqual(expect.arrayContaining(["install", "--no-install-recommends", "wireguard-tools"]));
});

test("a program that a distribution does not package is named, not guessed", () => {
  expect(installation("fedora", ["wg", "wireguard-go"])).toMatchObject({
    packages: ["wireguard-tools"],
    unknown: ["wireguard-go"],
  });
  expect(installation("arch", [])).toEqual({ packages: [], commands: [], unknown: [] });
});

test("every program that a command needs is packaged by Debian", () => {
  for (const programs of Object.values(NEEDED)) expect(installation("debian", programs).unknown).toEqual([]);
});
