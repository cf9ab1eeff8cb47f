import { expect, test } from "vitest";
import { leadsThere } from "../../../../src/agent/diagnostics/leak-attempt.ts";
import type { Address } from "../../../../src/wireguard/address.ts";

const NONE = "0".repeat(32);
const line = (prefix: string, length: number, flags: string, name: string): string =>
  `${prefix} ${length.toString(16).padStart(2, "0")} ${NONE} 00 ${NONE} 00000400 00000001 00000000 ${flags} ${name}`;
const TABLE = [
  line("20010db8000700000000000000000000", 64, "00000001", "    eth0"),
  line(NONE, 0, "00000003", "    eth0"),
  line("fd000020000000000000000000000000", 48, "00000001", "   wlan0"),
  line(NONE, 0, "00200200", "      lo"),
  line(NONE, 0, "00000001", " nanami0"),
].join("\n");

test("a route of the interface leads there, of whatever length; another interface's and a refusing one do not", () => {
  const leads = (address: string, name: string) => leadsThere(TABLE, address as Address, name);
  expect(leads("2001:2::1", "eth0")).toBe(true);
  expect(leads("fd00:20::1", "wlan0")).toBe(true);
  expect(leads("fd00:21::1", "wlan0")).toBe(false);
  expect(leads("2001:2::1", "wlan0")).toBe(false);
  expect(leads("2001:2::1", "lo")).toBe(false);
  expect(leadsThere("", "2001:2::1" as Address, "eth0")).toBe(false);
});
