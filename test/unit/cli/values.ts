/** Values that an agent would send, for the tests of the command line. */
import { PROTOCOL, type Result, type Snapshot } from "../../../src/rpc/contract.ts";
import { DEFAULT_SETTINGS } from "../../../src/rpc/settings.ts";

/** As they cross the wire. */
type ResolvedPath = NonNullable<Snapshot["path"]>;
type Hop = NonNullable<ResolvedPath["ingress"]>;

function hop(name: string, region: string): Hop {
  return {
    deviceId: `dev_${name.padEnd(12, "0")}`,
    name,
    region,
    publicKey: `${"A".repeat(43)}=`,
    endpoint: "198.51.100.10:51820",
    overlayAddresses: ["100.64.0.1/32"],
    publicAddresses: ["198.51.100.10"],
  };
}

export const TOKYO = hop("tokyo", "Tokyo");
export const OSAKA = hop("osaka", "Osaka");
export const FRANKFURT = hop("frankfurt", "Frankfurt");
export const SAOPAULO = hop("saopaulo", "São Paulo");

/** All traffic, osaka → frankfurt, mode of the device over the system's, gateways of the user. */
export const PATH: ResolvedPath = {
  epoch: { lineage: "l1", number: 12 },
  deviceId: "dev_laptop000000",
  networkId: "net_corp00000000",
  issuedAt: "2026-11-23T16:00:00.000Z",
  status: "ready",
  trafficMode: {
    value: "full_tunnel",
    decidedBy: "device",
    overridden: [{ layer: "system", value: "vpn_only" }],
  },
  selection: {
    value: { routingMode: "manual", ingressDeviceId: OSAKA.deviceId, egressDeviceId: FRANKFURT.deviceId },
    decidedBy: "user",
    overridden: [{ layer: "system", value: { routingMode: "auto" } }],
  },
  ingress: OSAKA,
  egress: FRANKFURT,
  alternates: [],
  candidates: [
    { deviceId: OSAKA.deviceId, end: "ingress", eligible: true, reasons: [], score: 14 },
    { deviceId: OSAKA.deviceId, end: "egress", eligible: false, reasons: ["missing_role"] },
    { deviceId: FRANKFURT.deviceId, end: "ingress", eligible: true, reasons: [], score: 230 },
    { deviceId: FRANKFURT.deviceId, end: "egress", eligible: true, reasons: [] },
    {
      deviceId: SAOPAULO.deviceId,
      end: "ingress",
      eligible: false,
      reasons: ["access_denied", "missing_role"],
    },
    { deviceId: SAOPAULO.deviceId, end: "egress", eligible: false, reasons: ["access_denied"] },
  ],
  tunnel: {
    addresses: ["100.64.0.7/32", "fd00:64::7/128"],
    privatePrefixes: ["10.20.0.0/16", "fd00:20::/64"],
    dns: { servers: ["10.20.0.53"], matchDomains: ["corp.test"] },
    probe: "100.64.0.1",
  },
};

/** The private network only, through tokyo, all by default. */
export const PRIVATE_PATH: ResolvedPath = {
  ...PATH,
  epoch: { lineage: "l1", number: 11 },
  trafficMode: { value: "vpn_only", decidedBy: "system", overridden: [] },
  selection: { value: { routingMode: "auto" }, decidedBy: "system", overridden: [] },
  ingress: TOKYO,
  egress: TOKYO,
};

export const NO_PATH: ResolvedPath = {
  ...PATH,
  status: "unavailable",
  reason: {
    code: "access_denied",
    message: "The user preference pins the egress, but access is not granted.",
  },
  ingress: undefined,
  egress: undefined,
};

export const SNAPSHOT: Snapshot = {
  agentVersion: "0.1.0",
  protocol: PROTOCOL,
  enrollment: {
    controlPlane: "control.example",
    deviceId: "dev_laptop000000",
    networkId: "net_corp00000000",
    workspaceName: "acme",
    networkName: "corp",
    publicKey: `${"A".repeat(43)}=`,
  },
  tunnel: { state: "connected", mode: "full_tunnel", since: "2026-11-23T16:00:00.000Z", verified: "traffic" },
  path: PATH,
  inForce: null,
  controlPlane: { connected: true, problem: null, revoked: false },
  announcement: null,
  unsaved: null,
  profile: null,
  settings: DEFAULT_SETTINGS,
  traffic: {
    rxBytes: 12_400_000,
    txBytes: 1_100_000,
    rxRate: 1_200_000,
    txRate: 30_000,
    handshakeAge: 12,
    roundTripMs: 42.4,
  },
};

export const DISCONNECTED: Snapshot = { ...SNAPSHOT, tunnel: { state: "disconnected" }, traffic: null };
export const CONNECTING: Snapshot = {
  ...DISCONNECTED,
  tunnel: { state: "connecting", mode: "full_tunnel", since: "2026-11-23T16:00:00.000Z" },
};
/** The protection is wanted and could not be put in place, so that this is open. */
export const open = (what: string): Snapshot => ({
  ...DISCONNECTED,
  tunnel: {
    state: "connecting",
    mode: "full_tunnel",
    since: "2026-11-23T16:00:00.000Z",
    reason: {
      code: "not_protected",
      message: "The protection could not be put in place.",
      remedy: "Install the package nftables.",
      facts: { detail: "The program nft is not installed.", open: what },
    },
  },
});
/** Nobody is connected, and lockdown closes the device. */
export const LOCKED: Snapshot = {
  ...DISCONNECTED,
  settings: { ...DISCONNECTED.settings, lockdown: "on" },
  tunnel: {
    state: "blocked",
    mode: "full_tunnel",
    since: "2026-11-23T16:00:00.000Z",
    reason: {
      code: "lockdown",
      message: "Not connected, and lockdown keeps everything closed.",
      remedy: "Connect (nanami up), or turn lockdown off: nanami settings set lockdown off",
    },
  },
};
/** The same that could not be put in force, so that this is open. */
export const lockdownOpen = (what: string): Snapshot => ({
  ...LOCKED,
  tunnel: {
    state: "disconnected",
    reason: {
      code: "lockdown_not_in_force",
      message: "Lockdown is not in force: traffic leaves. The program nft is not installed.",
      remedy: "Install the package nftables. It is tried again by itself.",
      facts: {
        detail: "The program nft is not installed.",
        why: "program_missing",
        program: "nft",
        package: "nftables",
        open: what,
      },
    },
  },
});
export const BLOCKED: Snapshot = {
  ...DISCONNECTED,
  tunnel: {
    state: "blocked",
    mode: "full_tunnel",
    since: "2026-11-23T16:00:00.000Z",
    reason: {
      code: "gateway_silent",
      message: "Frankfurt does not answer.",
      remedy: "Choose another gateway, or wait: Nanami keeps trying.",
    },
  },
};

/** The agent's rows for three gateways. */
export const GATEWAYS: Result<"gateways"> = [
  {
    deviceId: OSAKA.deviceId,
    name: "osaka",
    region: "Osaka",
    healthy: true,
    roundTripMs: 14,
    ends: [
      { end: "ingress", eligible: true, chosen: true, reasons: [] },
      {
        end: "egress",
        eligible: false,
        chosen: false,
        reasons: [{ code: "missing_role", message: "osaka does not have the role of an exit gateway." }],
      },
    ],
  },
  {
    deviceId: FRANKFURT.deviceId,
    name: "frankfurt",
    region: "Frankfurt",
    healthy: true,
    roundTripMs: null,
    ends: [
      { end: "ingress", eligible: true, chosen: false, reasons: [] },
      { end: "egress", eligible: true, chosen: true, reasons: [] },
    ],
  },
  {
    deviceId: SAOPAULO.deviceId,
    name: "saopaulo",
    region: "São Paulo",
    healthy: false,
    roundTripMs: 301.2,
    ends: [
      {
        end: "egress",
        eligible: false,
        chosen: false,
        reasons: [{ code: "access_denied", message: "Access to saopaulo is not granted." }],
      },
    ],
  },
];
