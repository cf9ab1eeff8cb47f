import { expect, test } from "vitest";
import { checksum } from "../../../src/tunnel/linux/echo.ts";
import { unreachable } from "../../../src/tunnel/linux/unreachable.ts";
import type { Address } from "../../../src/wireguard/address.ts";

const ends = (local: string, remote: string) => ({
  local: { address: local as Address, port: 40_000 },
  remote: { address: remote as Address, port: 443 },
});

test("IPv4: prohibited, with the head of what was sent, and checksums that hold", () => {
  const message = unreachable(ends("10.90.0.2", "203.0.113.80"));
  expect([...message.subarray(0, 2)]).toEqual([3, 13]);
  const [header, udp] = [message.subarray(8, 28), message.subarray(28)];
  // The sum over everything is zero where the checksum in it is right (RFC 1071).
  expect(checksum(message)).toBe(0);
  expect(checksum(header)).toBe(0);
  expect([...header.subarray(12)]).toEqual([10, 90, 0, 2, 203, 0, 113, 80]);
  expect([header[0], header[9], header.readUInt16BE(2)]).toEqual([0x45, 17, 28]);
  expect([udp.readUInt16BE(0), udp.readUInt16BE(2), udp.length]).toEqual([40_000, 443, 8]);
});

test("IPv6: the same; the kernel fills in the checksum", () => {
  const message = unreachable(ends("fd00:90::2", "2001:db8:80::80"));
  expect([...message.subarray(0, 4)]).toEqual([1, 1, 0, 0]);
  const [header, udp] = [message.subarray(8, 48), message.subarray(48)];
  expect(header.toString("hex")).toBe(
    `6000000000081140fd00009000000000000000000000000220010db8008000000000000000000080`,
  );
  expect([udp.readUInt16BE(0), udp.readUInt16BE(2), udp.length]).toEqual([40_000, 443, 8]);
});
