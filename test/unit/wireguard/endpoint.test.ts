import { describe, expect, it } from "vitest";
import { formatEndpoint, parseEndpoint, parseHostName } from "../../../src/wireguard/endpoint.ts";

describe("endpoints", () => {
  it.each([
    ["203.0.113.1:51820", "203.0.113.1:51820"],
    ["[2001:DB8::0001]:1", "[2001:db8::1]:1"],
    ["VPN.Example.com:65535", "vpn.example.com:65535"],
    ["gateway:7", "gateway:7"],
    ["3com.example:7", "3com.example:7"],
    ["192.168.1.1:51820", "192.168.1.1:51820"],
    ["xn--bcher-kva.example:443", "xn--bcher-kva.example:443"],
  ])("reads %s as %s", (text, canonical) => {
    const parsed = parseEndpoint(text);
    expect(parsed.ok && formatEndpoint(parsed.value)).toBe(canonical);
  });

  it.each([
    ["", "endpoint_syntax"],
    ["host", "endpoint_syntax"],
    ["2001:db8::1:51820", "endpoint_syntax"],
    ["[2001:db8::1]51820", "endpoint_syntax"],
    ["[2001:db8::1", "endpoint_syntax"],
    ["host:", "endpoint_port"],
    ["host:0", "endpoint_port"],
    ["host:65536", "endpoint_port"],
    ["host:+1", "endpoint_port"],
    ["host:01", "endpoint_port"],
    ["host:0x10", "endpoint_port"],
    ["host:https", "endpoint_port"],
    ["host: 1", "endpoint_port"],
    ["[fe80::1%eth0]:1", "endpoint_address"],
    ["[::ffff:1.2.3.4]:1", "endpoint_address"],
    ["[1.2.3.4]:1", "endpoint_address"],
    ["[host]:1", "endpoint_address"],
    [":1", "endpoint_name"],
    ["1.2.3:1", "endpoint_name"],
    ["0x7f000001:1", "endpoint_name"],
    ["a.0x7f:1", "endpoint_name"],
    ["2130706433:1", "endpoint_name"],
    ["010.0.0.1:1", "endpoint_name"],
    ["1.2.3.4.:1", "endpoint_name"],
    ["host.:1", "endpoint_name"],
    ["-host:1", "endpoint_name"],
    ["ho_st:1", "endpoint_name"],
    ["a..b:1", "endpoint_name"],
    [`${"a".repeat(64)}:1`, "endpoint_name"],
    [`${"a.".repeat(127)}a:1`, "endpoint_name"],
    ["loc\u212aalhost:1", "endpoint_name"],
    ["$(id):1", "endpoint_name"],
    ["user@host:1", "endpoint_name"],
    ["localhost:1", "endpoint_local_name"],
    ["LOCALHOST:1", "endpoint_local_name"],
    ["a.localhost:1", "endpoint_local_name"],
    ["ip6-loopback:1", "endpoint_local_name"],
    ["metadata.google.internal:1", "endpoint_local_name"],
    ["127.0.0.1:1", "endpoint_forbidden_address"],
    ["0.0.0.0:1", "endpoint_forbidden_address"],
    ["255.255.255.255:1", "endpoint_forbidden_address"],
    ["224.0.0.1:1", "endpoint_forbidden_address"],
    ["169.254.169.254:80", "endpoint_forbidden_address"],
    ["[::1]:1", "endpoint_forbidden_address"],
    ["[::]:1", "endpoint_forbidden_address"],
    ["[ff02::1]:1", "endpoint_forbidden_address"],
    ["[::127.0.0.1]:1", "endpoint_forbidden_address"],
    ["[64:ff9b::7f00:1]:1", "endpoint_forbidden_address"],
    ["[fd00:ec2::254]:1", "endpoint_forbidden_address"],
  ])("refuses %j with %s", (text, code) => {
    expect(parseEndpoint(text)).toMatchObject({ ok: false, code });
  });

  it("takes host names in lower case up to 253 characters", () => {
    const longest = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(61)}`;
    expect(parseHostName(longest)).toEqual({ ok: true, value: longest });
    expect(parseHostName(`${longest}e`)).toMatchObject({ ok: false });
  });
});
