import { expect, test } from "vitest";
import { desiredState } from "../../../src/tunnel/desired-state.ts";
import { expectRoute } from "../../../src/tunnel/explain.ts";
import { parseKernelRoute } from "../../../src/tunnel/linux/route-get.ts";
import { lockdownIntent } from "../../../src/tunnel/lockdown.ts";
import type { Intent } from "../../../src/tunnel/types.ts";
import type { Address } from "../../../src/wireguard/address.ts";
import type { Prefix } from "../../../src/wireguard/prefix.ts";
import { fullIntent, KEY_A, nestedIntent, privateIntent } from "./intents.ts";

const onLink = [{ interface: "eth0", prefix: "192.168.7.0/24" as Prefix }];
const named = (key: string) => (key === KEY_A ? "tokyo" : "frankfurt");

function where(intent: Intent | null, address: string, closed = false) {
  const network =
    intent === null ? null : desiredState(intent, { interface: "nanami0", onLink, tracks: false, closed });
  const { way, prefix, hops } = expectRoute(network, address as Address, named);
  return [way, prefix, hops.join(" → ")];
}

const local = { allowLocalNetwork: true };

test.each([
  ["nothing in force", null, "1.1.1.1", ["direct", null, ""]],
  ["loopback", fullIntent(), "127.0.0.1", ["loopback", null, ""]],
  ["the tunnel's own address", fullIntent(), "10.90.0.2", ["loopback", null, ""]],
  ["a private host", privateIntent(), "10.20.1.80", ["tunnel", "10.20.0.0/16", "tokyo"]],
  ["the Internet in vpn_only", privateIntent(), "1.1.1.1", ["direct", null, ""]],
  ["the Internet in full_tunnel", fullIntent(), "1.1.1.1", ["tunnel", "0.0.0.0/0", "tokyo"]],
  ["IPv6 in full_tunnel", fullIntent(), "2001:db8::1", ["tunnel", "::/0", "tokyo"]],
  ["the Internet over two hops", nestedIntent(), "1.1.1.1", ["tunnel", "0.0.0.0/0", "tokyo → frankfurt"]],
  ["a private host over two hops", nestedIntent(), "10.20.1.80", ["tunnel", "10.20.0.0/16", "tokyo"]],
  ["an inner gateway's own address", nestedIntent(), "203.0.113.33", ["refused", null, ""]],
  ["the local network, closed", fullIntent(), "192.168.7.9", ["tunnel", "0.0.0.0/0", "tokyo"]],
  ["the local network, allowed", fullIntent(local), "192.168.7.9", ["local", "192.168.7.0/24", ""]],
  ["lockdown", lockdownIntent([], false), "1.1.1.1", ["refused", "0.0.0.0/0", ""]],
  ["lockdown, IPv6", lockdownIntent([], false), "2001:db8::1", ["refused", "::/0", ""]],
  ["lockdown, local", lockdownIntent([], true), "192.168.7.9", ["local", "192.168.7.0/24", ""]],
] as const)("%s", (_, intent, address, wanted) => {
  expect(where(intent, address)).toEqual(wanted);
});

test("what is blocked is refused: all of it in full_tunnel, the private prefixes in vpn_only", () => {
  expect(where(fullIntent(), "1.1.1.1", true)[0]).toBe("refused");
  expect(where(privateIntent(), "10.20.1.80", true)[0]).toBe("refused");
  expect(where(privateIntent(), "1.1.1.1", true)[0]).toBe("direct");
});

test.each([
  ['[{"dst":"1.1.1.1","dev":"nanami0","table":"20033","prefsrc":"10.90.0.2"}]', "tunnel", "20033"],
  ['[{"dst":"1.1.1.1","gateway":"192.168.7.1","dev":"eth0","prefsrc":"192.168.7.2"}]', "direct", "main"],
  ['[{"dst":"192.168.7.9","dev":"eth0","table":"20033"}]', "local", "20033"],
  ['[{"type":"local","dst":"10.90.0.2","dev":"lo","table":"local"}]', "loopback", "local"],
  ['[{"type":"unreachable","dst":"2001:db8::1","dev":"lo","table":"20033"}]', "refused", "20033"],
  ["[]", "refused", "-"],
  ["", "refused", "-"],
])("the kernel's answer %s", (text, way, table) => {
  expect(parseKernelRoute(text, "nanami0")).toMatchObject({ way, table });
});
