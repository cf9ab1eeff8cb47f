import { expect, test } from "vitest";
import { onLinkNetworks, parseLink, parseRoutes, parseRules } from "../../../src/tunnel/linux/read.ts";

test("our rules are found by priority; one that somebody altered is of no known kind", () => {
  const rules = parseRules(
    [
      { priority: 0, src: "all", table: "local", protocol: "kernel" },
      {
        priority: 5100,
        src: "all",
        dst: "203.0.113.33",
        fwmark: "0x4e414e57",
        ipproto: "udp",
        table: "20033",
        protocol: "unspec",
      },
      { priority: 5102, src: "all", fwmark: "0x4e414e57", action: "unreachable" },
      { priority: 5105, src: "10.0.0.0", srclen: 8, table: "20033" },
    ],
    4,
  );
  expect(rules.map(({ rule }) => rule)).toEqual([
    {
      family: 4,
      priority: 5100,
      mark: 0x4e414e57,
      udpTo: "203.0.113.33",
      to: null,
      from: null,
      action: "table",
    },
    { family: 4, priority: 5102, mark: 0x4e414e57, udpTo: null, to: null, from: null, action: "unreachable" },
    null,
  ]);
});

test("rules for prefixes are read with them, single addresses too; a stranger's protocol is a stranger's", () => {
  const end = { priority: 5106, src: "all", action: "unreachable" };
  const rules = parseRules(
    [
      { ...end, dst: "fd00:20::", dstlen: 64 },
      { ...end, dst: "fd00:21::1" },
      end,
      { ...end, src: "fd00:90::2" },
      { ...end, src: "fd00:90::", srclen: 64 },
      { ...end, dst: "fd00:20::", dstlen: 64, ipproto: "tcp" },
      { ...end, dst: "fd00:20::", dstlen: 64, ipproto: "udp" },
    ],
    6,
  );
  const known = { family: 6, priority: 5106, mark: null, udpTo: null, from: null, action: "unreachable" };
  expect(rules.map(({ rule }) => rule)).toEqual([
    { ...known, to: "fd00:20::/64" },
    { ...known, to: "fd00:21::1/128" },
    { ...known, to: null },
    { ...known, to: null, from: "fd00:90::2" },
    null,
    null,
    null,
  ]);
});

test("routes of our table are read with their kind", () => {
  const routes = parseRoutes(
    [
      { dst: "default", dev: "nanami0", scope: "link", metric: 50, metrics: [{ mtu: 1340 }], flags: [] },
      { type: "unreachable", dst: "default", metric: 4294967295, flags: [] },
      { dst: "192.168.7.0/24", dev: "eth0", scope: "link", metric: 100, flags: [] },
      { dst: "198.51.100.7", gateway: "192.168.7.1", dev: "eth0", metric: 7, flags: [] },
    ],
    4,
    "nanami0",
  );
  expect(routes.map(({ to, via }) => [to, via])).toEqual([
    ["0.0.0.0/0", { kind: "tunnel", mtu: 1340 }],
    ["0.0.0.0/0", { kind: "unreachable" }],
    ["192.168.7.0/24", { kind: "link", interface: "eth0" }],
    ["198.51.100.7/32", null],
  ]);
});

test("the local network is what our own addresses say", () => {
  const address = (cidr: string, internal = false): { cidr: string; internal: boolean } => ({
    cidr,
    internal,
  });
  const interfaces = {
    lo: [address("127.0.0.1/8", true)],
    eth0: [address("192.168.7.2/24"), address("fe80::5/64"), address("192.168.9.9/32")],
    nanami0: [address("10.90.0.2/32")],
    "-batch": [address("192.168.8.2/24")],
  };
  expect(onLinkNetworks(interfaces, "nanami0")).toEqual([
    { interface: "eth0", prefix: "192.168.7.0/24" },
    { interface: "eth0", prefix: "fe80::/64" },
  ]);
});

test("the interface is read with the addresses that somebody gave it", () => {
  const link = {
    ifindex: 7,
    ifname: "nanami0",
    flags: ["POINTOPOINT", "NOARP", "UP", "LOWER_UP"],
    mtu: 1420,
    addr_info: [
      { family: "inet", local: "10.90.0.2", prefixlen: 32, scope: "global" },
      { family: "inet6", local: "fe80::1", prefixlen: 64, scope: "link" },
    ],
  };
  expect(parseLink([link], "nanami0")).toEqual({
    index: 7,
    mtu: 1420,
    up: true,
    addresses: ["10.90.0.2/32"],
  });
  expect(parseLink([link], "nanami1")).toBeNull();
});
