/** What an agent may say, as values to begin from. */
import { PROTOCOL, type Snapshot } from "../../../src/rpc/contract.ts";

type Path = NonNullable<Snapshot["path"]>;
type Hop = NonNullable<Path["ingress"]>;

export const SINCE = "2026-11-23T10:00:00.000Z";

function hop(deviceId: string, name: string, region: string, address: string): Hop {
  return {
    deviceId,
    name,
    region,
    publicKey: "a04zTPIF8+VuC1EnLC/PVqVlpA1YRGcSyHgFK6Ai7Bw=",
    endpoint: `${address}:51820`,
    overlayAddresses: ["100.64.0.5/32"],
    publicAddresses: [address],
  };
}

export const tokyo = hop("dev_tokyo", "tokyo", "Tokyo", "198.51.100.10");
export const osaka = hop("dev_osaka", "osaka", "Osaka", "198.51.100.20");
export const frankfurt = hop("dev_frankfurt", "frankfurt", "Frankfurt", "198.51.100.30");

/** Enters at Tokyo; in `full_tunnel` it leaves at Frankfurt. Both decided by the defaults. */
export function path(over: Partial<Path> = {}): Path {
  return {
    epoch: { lineage: "l", number: 1 },
    deviceId: "dev_1",
    networkId: "net_1",
    issuedAt: SINCE,
    status: "ready",
    trafficMode: { value: "vpn_only", decidedBy: "system", overridden: [] },
    selection: { value: { routingMode: "auto" }, decidedBy: "system", overridden: [] },
    ingress: tokyo,
    egress: frankfurt,
    alternates: [],
    candidates: [],
    tunnel: {
      addresses: ["100.64.0.6/32"],
      privatePrefixes: ["10.20.0.0/16", "fd00:20::/64"],
      dns: { servers: ["10.20.0.53"], matchDomains: ["corp.test"] },
      probe: "100.64.0.5",
    },
    ...over,
  };
}

const named = ({ deviceId, name, region }: Hop) => ({ deviceId, name, region });

/** Connected, the private network alone. */
export function snapshot(over: Partial<Snapshot> = {}): Snapshot {
  return {
    agentVersion: "0.1.0",
    protocol: PROTOCOL,
    enrollment: {
      controlPlane: "control.example",
      deviceId: "dev_1",
      networkId: "net_1",
      workspaceName: "acme",
      networkName: "corp",
      publicKey: "edUhKmomC9ExqAbxDQ3IiBW2VEc3MGoiIw4QSNULEW4=",
    },
    tunnel: { state: "connected", mode: "vpn_only", since: SINCE, verified: "traffic" },
    path: path(),
    inForce: { ingress: named(tokyo), egress: null, failedOver: false },
    controlPlane: { connected: true, problem: null, revoked: false },
    announcement: null,
    unsaved: null,
    traffic: null,
    profile: null,
    settings: { lockdown: "off", localNetwork: "allow", connectAtStart: "off", dns: "automatic" },
    ...over,
  };
}

/** Connected, all traffic, nested through Tokyo to Frankfurt. */
export function fullTunnel(over: Partial<Snapshot> = {}): Snapshot {
  return snapshot({
    tunnel: { state: "connected", mode: "full_tunnel", since: SINCE, verified: "traffic" },
    path: path({ trafficMode: { value: "full_tunnel", decidedBy: "device", overridden: [] } }),
    inForce: { ingress: named(tokyo), egress: named(frankfurt), failedOver: false },
    ...over,
  });
}

/** A tunnel that something holds up. */
export function heldUp(
  state: "reconnecting" | "blocked",
  code: string,
  mode: "vpn_only" | "full_tunnel" = "full_tunnel",
): Snapshot["tunnel"] {
  return { state, mode, since: SINCE, reason: { code, message: `the agent says ${code}`, remedy: "" } };
}

/** A lockdown that could not be put in force, so that this is open. */
export function lockdownOpen(open: string): Snapshot["tunnel"] {
  const tunnel = notProtected(open);
  const facts = "reason" in tunnel ? tunnel.reason?.facts : undefined;
  return {
    state: "disconnected",
    reason: { code: "lockdown_not_in_force", message: "Lockdown is not in force.", remedy: "", facts },
  };
}

/** One that could not be put in force, so that this is open. */
export function notProtected(
  open: string,
  mode: "vpn_only" | "full_tunnel" = "full_tunnel",
): Snapshot["tunnel"] {
  const detail = "The program nft is not installed.";
  return {
    ...{ state: "connecting", mode, since: SINCE },
    reason: {
      ...{
        code: "not_protected",
        message: `The protection could not be put in place. ${detail}`,
        remedy: "",
      },
      facts: { detail, why: "program_missing", program: "nft", package: "nftables", open },
    },
  };
}
