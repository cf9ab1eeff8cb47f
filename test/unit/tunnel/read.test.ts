import { expect, test } from "vitest";
import { onLinkNetworks } from "../../../src/tunnel/linux/read.ts";

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
