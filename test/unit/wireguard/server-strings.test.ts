import { describe, expect, it } from "vitest";
import { checkServerPath, type ServerHop, type ServerPath } from "../../../src/wireguard/server-strings.ts";

const tokyo: ServerHop = {
  name: "tokyo",
  publicKey: Buffer.alloc(32, 1).toString("base64"),
  endpoint: "203.0.113.10:51820",
  overlayAddresses: ["100.64.0.1/32", "fd00:aa::1/128"],
  publicAddresses: ["203.0.113.10"],
};
const good: ServerPath = {
  ingress: tokyo,
  egress: tokyo,
  alternates: [],
  tunnel: {
    addresses: ["100.64.0.7/32", "fd00:aa::7/128"],
    privatePrefixes: ["10.20.0.0/16", "fd00:20::/48"],
    dns: { servers: ["10.20.0.53"], matchDomains: ["corp.internal"] },
    probe: "100.64.0.1",
  },
};

function problems(path: ServerPath): readonly string[] {
  return checkServerPath(path).map(({ pointer, code }) => `${pointer} ${code}`);
}

function tunnel(change: Partial<ServerPath["tunnel"]>): readonly string[] {
  return problems({ ...good, tunnel: { ...good.tunnel, ...change } });
}

function ingress(change: Partial<ServerHop>): readonly string[] {
  return problems({ ...good, ingress: { ...tokyo, ...change } });
}

describe("strings of the control plane", () => {
  it("pass when they are plain", () => {
    expect(problems(good)).toEqual([]);
  });

  it.each([
    [["0.0.0.0/0"], "/tunnel/privatePrefixes/0 default_prefix"],
    [["128.0.0.0/1"], "/tunnel/privatePrefixes/0 default_prefix"],
    [["2000::/3"], "/tunnel/privatePrefixes/0 default_prefix"],
    [["127.0.0.0/8"], "/tunnel/privatePrefixes/0 martian_prefix"],
    [["169.254.169.254/32"], "/tunnel/privatePrefixes/0 martian_prefix"],
    [["ff00::/16"], "/tunnel/privatePrefixes/0 martian_prefix"],
    [["10.20.0.0/16", "10.20.7.0/24"], "/tunnel/privatePrefixes/1 overlapping_prefixes"],
    [["10.20.0.1/16"], "/tunnel/privatePrefixes/0 prefix_host_bits"],
    [["FD00:20::/48"], "/tunnel/privatePrefixes/0 not_canonical"],
    [["10.20.0.0/016"], "/tunnel/privatePrefixes/0 prefix_length"],
  ])("refuse private prefixes %j", (privatePrefixes, expected) => {
    expect(tunnel({ privatePrefixes })).toContain(expected);
  });

  it.each([
    ["127.0.0.1:51820", "endpoint_forbidden_address"],
    ["localhost:51820", "endpoint_local_name"],
    ["169.254.169.254:80", "endpoint_forbidden_address"],
    ["10.20.3.4:51820", "endpoint_inside_tunnel"],
    ["100.64.0.7:51820", "endpoint_inside_tunnel"],
    ["100.64.0.1:51820", "endpoint_inside_tunnel"],
    ["[::ffff:1.2.3.4]:1", "endpoint_address"],
    ["Tokyo.example:51820", "not_canonical"],
    ["a b:1", "endpoint_name"],
    ["x\nPostUp = id:1", "endpoint_name"],
  ])("refuse the endpoint %j", (endpoint, code) => {
    expect(ingress({ endpoint })).toEqual([`/ingress/endpoint ${code}`]);
  });

  it("refuse resolvers and probes outside the private network", () => {
    expect(tunnel({ dns: { servers: ["9.9.9.9"], matchDomains: [] } })).toEqual([
      "/tunnel/dns/servers/0 dns_outside_tunnel",
    ]);
    expect(tunnel({ probe: "9.9.9.9" })).toEqual(["/tunnel/probe probe_outside_tunnel"]);
  });

  it.each([
    ["com", "domain_captures_public"],
    ["co.uk", "domain_captures_public"],
    ["Corp.internal", "not_canonical"],
    ["corp internal", "endpoint_name"],
    [".", "endpoint_name"],
    ["corp.internal\nnameserver 6.6.6.6", "endpoint_name"],
  ])("refuse the match domain %j", (domain, code) => {
    expect(tunnel({ dns: { servers: ["10.20.0.53"], matchDomains: [domain] } })).toEqual([
      `/tunnel/dns/matchDomains/0 ${code}`,
    ]);
  });

  it("refuse hostile names, keys and overlay addresses", () => {
    expect(ingress({ name: "tokyo\u202eoykot" })).toEqual(["/ingress/name name_disguise"]);
    expect(ingress({ name: "a\u001b[2J" })).toEqual(["/ingress/name name_disguise"]);
    expect(ingress({ publicKey: `${"A".repeat(43)}=` })).toEqual(["/ingress/publicKey key_zero"]);
    expect(ingress({ overlayAddresses: ["100.64.0.0/10"] })).toContain(
      "/ingress/overlayAddresses/0 not_host_prefix",
    );
    expect(tunnel({ addresses: ["127.0.0.1/32"] })).toContain("/tunnel/addresses/0 address_forbidden");
    expect(tunnel({ addresses: ["100.64.0.1/32"] })).toContain("/tunnel/addresses address_of_gateway");
    expect(ingress({ publicAddresses: ["nowhere"] })).toEqual(["/ingress/publicAddresses/0 address_syntax"]);
  });

  it("are checked in alternates too, and without any hop", () => {
    const bad = { ...tokyo, endpoint: "[::1]:1" };
    expect(problems({ ...good, alternates: [{ ingress: tokyo, egress: bad }] })).toEqual([
      "/alternates/0/egress/endpoint endpoint_forbidden_address",
    ]);
    expect(problems({ alternates: [], tunnel: good.tunnel })).toEqual([]);
  });
});
