import { describe, expect, it } from "vitest";
import { checkConfig, reportOf } from "../../../../src/wireguard/config/check.ts";
import type { MachineFacts } from "../../../../src/wireguard/config/check-meaning.ts";
import { parseAddress, type Address } from "../../../../src/wireguard/address.ts";
import { parsePrefix, type Prefix } from "../../../../src/wireguard/prefix.ts";
import { PEER, PRIVATE, PSK } from "./files.ts";

function prefixes(...texts: string[]): Prefix[] {
  return texts
    .map(parsePrefix)
    .filter((result) => result.ok)
    .map((result) => result.value);
}

function addresses(...texts: string[]): Address[] {
  return texts
    .map(parseAddress)
    .filter((result) => result.ok)
    .map((result) => result.value);
}

function codes(allowed: string, facts: MachineFacts): readonly string[] {
  const text = `[Interface]\nPrivateKey = ${PRIVATE}\nAddress = 10.66.0.7\n[Peer]\nPublicKey = ${PEER}\nEndpoint = 203.0.113.7:51820\nAllowedIPs = ${allowed}\n`;
  return checkConfig(Buffer.from(text), facts).findings.map(
    ({ code, line, column }) => `${line}:${column} ${code}`,
  );
}

describe("what a file asks of this machine", () => {
  it("is told for the network that the machine is on", () => {
    const facts = { lan: prefixes("192.168.1.0/24") };
    expect(codes("192.168.0.0/16", facts)).toEqual(["7:14 allowed_ips_cover_lan"]);
    expect(codes("10.66.0.0/16, 192.168.1.7", facts)).toEqual(["7:28 allowed_ips_cover_lan"]);
    expect(codes("192.168.2.0/24", facts)).toEqual([]);
    expect(codes("0.0.0.0/0, ::/0", facts)).toEqual([]);
  });

  it("is told for an endpoint on that network, public though its address looks", () => {
    expect(codes("10.66.0.0/16", { lan: prefixes("203.0.113.0/24") })).toEqual([
      "6:12 endpoint_local_network",
    ]);
  });

  it("is told for the control plane and the resolver in use", () => {
    expect(codes("198.51.100.0/24", { controlPlane: addresses("198.51.100.1") })).toEqual([
      "7:14 allowed_ips_cover_control_plane",
    ]);
    expect(codes("9.9.9.9", { dns: addresses("9.9.9.9") })).toEqual(["7:14 allowed_ips_cover_dns"]);
  });

  it("is told when the gateway will not give it", () => {
    const facts = { granted: prefixes("10.66.0.0/16") };
    expect(codes("10.66.7.0/24", facts)).toEqual([]);
    expect(codes("10.66.7.0/24, 10.67.0.0/16", facts)).toEqual(["7:28 asks_for_more"]);
    // Of another gateway nothing is known, and of the Internet neither.
    expect(codes("10.67.0.0/16", { ...facts, grantedBy: new Set([PEER]) })).toEqual(["7:14 asks_for_more"]);
    expect(codes("10.67.0.0/16", { ...facts, grantedBy: new Set([PRIVATE]) })).toEqual([]);
    expect(codes("203.0.112.0/24", facts)).not.toContain("7:14 asks_for_more");
  });
});

describe("the report", () => {
  it("has the shape of the contract and no secret", () => {
    const text = `[Interface]\nPrivateKey = ${PRIVATE}\nAddress = 10.66.0.7/24\nDNS = 10.66.0.53, corp.internal\nMTU = 1400\nListenPort = 7\nPostUp = id\n[Peer]\nPublicKey = ${PEER}\nPresharedKey = ${PSK}\nEndpoint = VPN.example.com:51820\nAllowedIPs = 10.66.0.0/16\nPersistentKeepalive = 25\n`;
    const report: unknown = JSON.parse(JSON.stringify(reportOf(checkConfig(Buffer.from(text)))));
    expect(report).toEqual({
      verdict: "accepted_with_changes",
      findings: [
        {
          severity: "info",
          code: "listen_port_unused",
          line: 6,
          column: 14,
          message:
            "ListenPort is not used. This device calls its peers, from any port; nobody has to find it. Nothing to do; the line is kept for other programs.",
        },
        {
          severity: "warning",
          code: "hook_left_out",
          line: 7,
          column: 1,
          message:
            "PostUp is left out. It is a command that other programs run as the administrator; a file is data here and runs nothing. If it is needed, ask the author what it is for; most such commands are covered by Nanami itself.",
        },
      ],
      config: {
        interface: {
          addresses: ["10.66.0.7/24"],
          dns: ["10.66.0.53"],
          searchDomains: ["corp.internal"],
          mtu: 1400,
          listenPort: 7,
        },
        peers: [
          {
            publicKey: PEER,
            hasPresharedKey: true,
            endpoint: "vpn.example.com:51820",
            allowedIps: ["10.66.0.0/16"],
            persistentKeepalive: 25,
          },
        ],
      },
    });
  });

  it("has no configuration when the file is refused", () => {
    expect(reportOf(checkConfig(Buffer.from("")))).toMatchObject({ verdict: "refused", config: null });
  });
});
