import { describe, expect, test } from "vitest";
import {
  classify,
  inWords,
  LOAD_PORTS,
  TAG,
  type Promised,
  type Sent,
} from "../../integration/walk/classify.ts";
import { AROUND, INGRESSES } from "../../integration/walk/world.ts";

const [GATEWAY = ""] = INGRESSES;
const OWN = "192.168.50.10";
const OWN_6 = "2001:db8:50::ff:fe00:10";
const NOTHING: Promised = { mode: "nothing" };
const PRIVATE: Promised = { mode: "vpn_only", gateways: INGRESSES };
const FULL: Promised = { mode: "full_tunnel", gateways: INGRESSES, localNetwork: false };
const FULL_AT_HOME: Promised = { ...FULL, localNetwork: true };

const packet = (change: Partial<Sent>): Sent => ({
  interface: "eth0",
  family: "ipv4",
  protocol: "udp",
  source: OWN,
  destination: "203.0.113.10",
  time: 0,
  direction: "out",
  length: 53,
  ...change,
});
const udp = (destination: string, destinationPort: number, change: Partial<Sent> = {}): Sent =>
  packet({ destination, destinationPort, sourcePort: 40_000, payload: TAG, ...change });
const v6 = (change: Partial<Sent>): Sent => packet({ family: "ipv6", source: OWN_6, ...change });

/** The class, or "leak". */
const judged = (sent: Sent, promised: Promised): string => {
  const verdict = classify(sent, promised, AROUND);
  return verdict.allowed ? verdict.as : "leak";
};

const wireguard = (type: number, size: number): Partial<Sent> => ({
  payload: `${String.fromCharCode(type)}\0\0\0 ciphertext`,
  length: 14 + 20 + 8 + size,
});
const question = (name: string): string => {
  const labels = name.split(".").map((label) => String.fromCharCode(label.length) + label);
  return `\x12\x34\x01\0\0\x01\0\0\0\0\0\0${labels.join("")}\0\0\x01`.slice(0, 32);
};

describe("what every promise allows", () => {
  test("WireGuard's messages to a gateway of the path: by address, port, type and size", () => {
    for (const [type, size] of [
      [1, 148],
      [2, 92],
      [3, 64],
      [4, 32],
      [4, 1312],
      // Cut at an MTU of 1420.
      [4, 1452],
    ] as const)
      expect(judged(udp(GATEWAY, 51820, wireguard(type, size)), FULL)).toBe("encrypted");
    for (const [type, size] of [
      [0, 148],
      [1, 149],
      [4, 16],
      [4, 33],
      [5, 64],
    ] as const)
      expect(judged(udp(GATEWAY, 51820, wireguard(type, size)), FULL)).toBe("leak");
    expect(judged(udp(GATEWAY, 51821, wireguard(1, 148)), FULL)).toBe("leak");
    expect(judged(udp("198.51.100.40", 51820, wireguard(1, 148)), FULL)).toBe("leak");
    const [, ...others] = INGRESSES;
    expect(judged(udp(GATEWAY, 51820, wireguard(1, 148)), { ...FULL, gateways: others })).toBe("leak");
    expect(judged(udp(GATEWAY, 51820), FULL)).toBe("leak");
  });

  test("DHCP to everybody, and not to somebody", () => {
    const ports = { sourcePort: 68, destinationPort: 67, payload: "\x01" };
    expect(judged(udp("255.255.255.255", 67, ports), FULL)).toBe("DHCP");
    expect(judged(udp("192.168.50.1", 67, ports), FULL)).toBe("leak");
    const six = { destination: "ff02::1:2", sourcePort: 546, destinationPort: 547 };
    expect(judged(v6(six), FULL)).toBe("DHCP");
    expect(judged(v6({ ...six, destination: "2001:db8::1" }), FULL)).toBe("leak");
  });

  test("ARP, and of NDP what a link needs", () => {
    expect(judged(packet({ family: "arp", protocol: "other", destination: "192.168.50.1" }), FULL)).toBe(
      "ARP",
    );
    const ndp = (icmpType: number, destination: string) =>
      judged(v6({ protocol: "icmpv6", icmpType, destination }), FULL);
    expect(ndp(133, "ff02::2")).toBe("NDP");
    expect(ndp(135, "ff02::1:ff00:1")).toBe("NDP");
    expect(ndp(136, "fe80::1")).toBe("NDP");
    expect(ndp(135, "2001:db8:50::1")).toBe("leak");
    expect(ndp(137, "fe80::1")).toBe("leak");
    expect(ndp(143, "ff02::16")).toBe("leak");
    expect(ndp(128, "fe80::1")).toBe("leak");
  });

  test("the agent's connection to its control plane, and nobody else's", () => {
    const tcp = (sourcePort: number, destination: string, destinationPort: number) =>
      judged(packet({ protocol: "tcp", sourcePort, destination, destinationPort }), FULL);
    expect(tcp(45_000, "203.0.113.20", 443)).toBe("control plane");
    expect(tcp(LOAD_PORTS.first, "203.0.113.20", 443)).toBe("leak");
    expect(tcp(LOAD_PORTS.last, "203.0.113.20", 443)).toBe("leak");
    expect(tcp(45_000, "203.0.113.20", 80)).toBe("leak");
    expect(tcp(45_000, "203.0.113.21", 443)).toBe("leak");
    expect(judged(udp("203.0.113.20", 443), FULL)).toBe("leak");
  });

  test("look-ups of the control plane's name at the underlay's resolvers", () => {
    const asks = (name: string, resolver: string, port = 53) =>
      judged(udp(resolver, port, { payload: question(name) }), FULL);
    expect(asks("control.example", "192.168.50.1")).toBe("look-up");
    expect(asks("control.example", "192.168.50.1", 853)).toBe("leak");
    expect(asks("intranet.corp.test", "192.168.50.1")).toBe("leak");
    expect(asks("control.example", "203.0.113.10")).toBe("leak");
    expect(judged(udp("192.168.50.1", 53), FULL)).toBe("leak");
  });
});

test("vpn_only holds the private prefixes and the tunnel's own address, and nothing else", () => {
  expect(judged(udp("203.0.113.10", 443), PRIVATE)).toBe("outside the private network");
  expect(judged(udp("10.20.1.80", 443), PRIVATE)).toBe("leak");
  expect(judged(v6({ destination: "fd00:20::80" }), PRIVATE)).toBe("leak");
  expect(judged(udp("203.0.113.10", 443, { source: "100.64.0.6" }), PRIVATE)).toBe("leak");
  expect(judged(v6({ source: "fd00:64::6", destination: "2001:db8::1" }), PRIVATE)).toBe("leak");
  expect(judged(packet({ family: "arp", source: "100.64.0.6" }), PRIVATE)).toBe("leak");
});

test("full_tunnel holds everything, over both families", () => {
  expect(judged(udp("203.0.113.10", 443), FULL)).toBe("leak");
  expect(judged(v6({ destination: "2001:db8:2::10" }), FULL)).toBe("leak");
  expect(judged(packet({ protocol: "tcp", destinationPort: 80 }), FULL)).toBe("leak");
  expect(judged(packet({ protocol: "icmp", icmpType: 8 }), FULL)).toBe("leak");
  expect(judged(packet({ family: "other", protocol: "other", destination: "" }), FULL)).toBe("leak");
});

test("the local network: where it is allowed, private and on this very link, and never for DNS", () => {
  expect(judged(udp("192.168.50.66", 5353), FULL)).toBe("leak");
  expect(judged(udp("192.168.50.66", 5353), FULL_AT_HOME)).toBe("local network");
  expect(judged(udp("192.168.50.66", 5353, { interface: "eth1" }), FULL_AT_HOME)).toBe("leak");
  expect(judged(udp("224.0.0.251", 5353), FULL_AT_HOME)).toBe("local network");
  expect(judged(v6({ protocol: "icmpv6", icmpType: 143, destination: "ff02::16" }), FULL_AT_HOME)).toBe(
    "local network",
  );
  // TunnelCrack LocalNet: a network of public addresses is no local network.
  expect(judged(v6({ destination: "2001:db8:50::66" }), FULL_AT_HOME)).toBe("leak");
  // A local network inside the private one.
  expect(judged(udp("10.20.5.1", 5353, { interface: "eth1" }), FULL_AT_HOME)).toBe("leak");
  for (const port of [53, 853]) expect(judged(udp("192.168.50.66", port), FULL_AT_HOME)).toBe("leak");
});

test("while nothing is promised nothing is a leak", () => {
  expect(judged(udp("10.20.1.80", 443), NOTHING)).toBe("not promised");
  expect(judged(udp("203.0.113.10", 443, { source: "100.64.0.6" }), NOTHING)).toBe("not promised");
});

test("a packet in words names the link, both ends and what it carries", () => {
  expect(inWords(udp("203.0.113.10", 443))).toBe(
    `00:00:00.000 eth0 ipv4 udp ${OWN}:40000 → 203.0.113.10:443 53 bytes "${TAG}"`,
  );
  expect(inWords(v6({ protocol: "icmpv6", icmpType: 143, destination: "ff02::16" }))).toBe(
    `00:00:00.000 eth0 ipv6 icmpv6 ${OWN_6} → ff02::16 type 143 53 bytes`,
  );
});
