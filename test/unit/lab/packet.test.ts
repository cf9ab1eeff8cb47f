import { describe, expect, test } from "vitest";
import { ipv6Text, parsePacket } from "../../../src/lab/packet.ts";

const ethernet = (type: string) => `020000000001020000000002${type}`;
const frame = (...parts: string[]) => Buffer.from(parts.join(""), "hex");
const text = (value: string) => Buffer.from(value).toString("hex");

/** IPv4 without options: protocol number, flags and fragment offset. */
const ipv4 = (protocol: string, fragment = "0000") =>
  `45000020000a${fragment}40${protocol}0000c0a8320acb00710a`;
/** IPv6 from 2001:db8:50::10 to 2001:db8:2::10 with the next header. */
const ipv6 = (next: string) =>
  `600000000010${next}4020010db800500000000000000000001020010db8000200000000000000000010`;
const udp = (payload: string) => `d4310007000c0000${text(payload)}`;
const tcp = (payload: string) => `d4310050000000010000000250180400000000 00${text(payload)}`.replace(" ", "");

describe("a captured frame says who sends what to whom", () => {
  test("UDP over IPv4, with the tag it carries", () => {
    expect(parsePacket(frame(ethernet("0800"), ipv4("11"), udp("tag 7")))).toEqual({
      family: "ipv4",
      protocol: "udp",
      source: "192.168.50.10",
      destination: "203.0.113.10",
      sourcePort: 0xd431,
      destinationPort: 7,
      payload: "tag 7",
    });
  });

  test("TCP over IPv6", () => {
    expect(parsePacket(frame(ethernet("86dd"), ipv6("06"), tcp("GET /")))).toEqual({
      family: "ipv6",
      protocol: "tcp",
      source: "2001:db8:50::10",
      destination: "2001:db8:2::10",
      sourcePort: 0xd431,
      destinationPort: 80,
      payload: "GET /",
    });
  });

  test("IPv4 options and IPv6 extension headers are stepped over", () => {
    const options = `46000024000a00004011 0000c0a8320acb00710a94040000`.replace(" ", "");
    expect(parsePacket(frame(ethernet("0800"), options, udp("x")))).toMatchObject({ destinationPort: 7 });
    expect(parsePacket(frame(ethernet("86dd"), ipv6("00"), "1100010400000000", udp("x")))).toMatchObject({
      protocol: "udp",
      destinationPort: 7,
    });
  });

  test("a later fragment names no port that it does not have, and is still seen as what it belongs to", () => {
    expect(parsePacket(frame(ethernet("0800"), ipv4("11", "00b9"), udp("x")))).toEqual({
      family: "ipv4",
      protocol: "udp",
      source: "192.168.50.10",
      destination: "203.0.113.10",
    });
    expect(parsePacket(frame(ethernet("86dd"), ipv6("2c"), "11000100deadbeef", udp("x")))).toEqual({
      family: "ipv6",
      protocol: "udp",
      source: "2001:db8:50::10",
      destination: "2001:db8:2::10",
    });
  });

  test("ICMP and ICMPv6 with their type", () => {
    expect(parsePacket(frame(ethernet("0800"), ipv4("01"), "0800"))).toMatchObject({
      protocol: "icmp",
      icmpType: 8,
    });
    expect(parsePacket(frame(ethernet("86dd"), ipv6("3a"), "8700"))).toMatchObject({
      protocol: "icmpv6",
      icmpType: 135,
    });
  });

  test("ARP: who asks for whom", () => {
    const arp = "0001080006040001020000000001c0a8320a000000000000c0a83201";
    expect(parsePacket(frame(ethernet("0806"), arp))).toMatchObject({
      family: "arp",
      source: "192.168.50.10",
      destination: "192.168.50.1",
    });
  });

  test("a frame that is cut off anywhere never throws", () => {
    for (const whole of [
      frame(ethernet("0800"), ipv4("06"), tcp("GET /")),
      frame(ethernet("86dd"), ipv6("00"), "1100010400000000", udp("x")),
      frame(ethernet("0806"), "0001080006040001"),
    ]) {
      for (let length = 0; length <= whole.length; length += 1) parsePacket(whole.subarray(0, length));
    }
  });
});

test.each([
  ["00000000000000000000000000000000", "::"],
  ["00000000000000000000000000000001", "::1"],
  ["fe800000000000000000000000000001", "fe80::1"],
  ["20010db8000000010000000000000001", "2001:db8:0:1::1"],
  ["20010db8000100000001000100010001", "2001:db8:1:0:1:1:1:1"],
  ["20010db8000000000001000000000000", "2001:db8:0:0:1::"],
  ["00010002000300040005000600070008", "1:2:3:4:5:6:7:8"],
])("an IPv6 address is written as RFC 5952 wants it: %s is %s", (bytes, written) => {
  expect(ipv6Text(Buffer.from(bytes, "hex"))).toBe(written);
});
