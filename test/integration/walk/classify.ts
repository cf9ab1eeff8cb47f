/**
 * What a packet on the device's physical link is, and whether the promise that is in force allows it: exactly the
 * classes of "Fail closed" in `security.md`; everything else is a leak. Pure.
 */
import type { CapturedPacket } from "../../../src/lab/capture.ts";
import { parseAddress } from "../../../src/wireguard/address.ts";
import { contains, type Prefix } from "../../../src/wireguard/prefix.ts";

/** What every datagram of the load begins with, and the source ports of its TCP connections. */
export const TAG = "nanami walk";
export const LOAD_PORTS = { first: 20_000, last: 27_999 } as const;

/** A packet that left by an interface. */
export interface Sent extends CapturedPacket {
  readonly interface: string;
}

/** What is promised at one time. */
export type Promised =
  | { readonly mode: "nothing" }
  | { readonly mode: "vpn_only"; readonly gateways: readonly string[] }
  | {
      readonly mode: "full_tunnel";
      readonly gateways: readonly string[];
      /** Whether the person lets the local network stay reachable. */
      readonly localNetwork: boolean;
    };

/** What does not change in the course of a walk. */
export interface Around {
  /** Networks that the device's tunnel addresses are from. */
  readonly overlay: readonly string[];
  readonly privatePrefixes: readonly string[];
  readonly wireguardPort: number;
  readonly controlPlane: {
    readonly name: string;
    readonly addresses: readonly string[];
    readonly port: number;
  };
  readonly resolvers: readonly string[];
  /** Private networks that an interface is attached to and that hide no private prefix, by interface. */
  readonly local: Readonly<Record<string, readonly string[]>>;
}

export type Verdict =
  | {
      readonly allowed: true;
      readonly as:
        | "not promised"
        | "encrypted"
        | "ARP"
        | "DHCP"
        | "NDP"
        | "control plane"
        | "look-up"
        | "local network"
        | "outside the private network";
    }
  | { readonly allowed: false; readonly why: string };

type Allowed = Extract<Verdict, { readonly allowed: true }>["as"];

const leak = (why: string): Verdict => ({ allowed: false, why });
const allowed = (as: Allowed): Verdict => ({ allowed: true, as });

/** Judges one packet. */
export function classify(packet: Sent, promised: Promised, around: Around): Verdict {
  if (promised.mode === "nothing") return allowed("not promised");
  if (isIn(packet.source, around.overlay)) return leak("it carries the tunnel's address outside the tunnel");
  const own = ownClass(packet, promised.gateways, around);
  if (own !== null) return allowed(own);
  if (promised.mode === "vpn_only") {
    return isIn(packet.destination, around.privatePrefixes)
      ? leak("it is for the private network and outside the tunnel")
      : allowed("outside the private network");
  }
  if (promised.localNetwork && isLocal(packet, around)) return allowed("local network");
  return leak("nothing allows it");
}

/** The classes that every promise allows; null = none of them. */
function ownClass(packet: Sent, gateways: readonly string[], around: Around): Allowed | null {
  const { family, protocol, destination } = packet;
  if (family === "arp") return "ARP";
  if (isNdp(packet)) return "NDP";
  if (isDhcp(packet)) return "DHCP";
  if (isFromLoad(packet)) return null;
  if (protocol === "udp" && gateways.includes(destination) && isWireguard(packet, around.wireguardPort))
    return "encrypted";
  const { controlPlane } = around;
  if (
    protocol === "tcp" &&
    controlPlane.addresses.includes(destination) &&
    packet.destinationPort === controlPlane.port
  )
    return "control plane";
  if (protocol === "udp" && around.resolvers.includes(destination) && asksFor(packet, controlPlane.name))
    return "look-up";
  return null;
}

/** RFC 4861: what a link needs, to the addresses that it is sent to. */
function isNdp({ protocol, icmpType, destination }: Sent): boolean {
  if (protocol !== "icmpv6") return false;
  switch (icmpType) {
    case 133:
      return destination === "ff02::2";
    case 135:
      return isIn(destination, ["ff02::1:ff00:0/104", "fe80::/10"]);
    case 136:
      return isIn(destination, ["ff02::1/128", "fe80::/10"]);
    default:
      return false;
  }
}

/** RFC 2131 and RFC 8415, from a client to every server. */
function isDhcp({ protocol, sourcePort, destinationPort, destination }: Sent): boolean {
  if (protocol !== "udp") return false;
  if (sourcePort === 68) return destinationPort === 67 && destination === "255.255.255.255";
  return sourcePort === 546 && destinationPort === 547 && ["ff02::1:2", "ff05::1:3"].includes(destination);
}

/** Bytes of the headers before a UDP payload: Ethernet, IP, UDP. */
const BEFORE_PAYLOAD = { ipv4: 14 + 20 + 8, ipv6: 14 + 40 + 8 } as const;
/** Length of the messages that have one: initiation, response, cookie. */
const MESSAGE_LENGTHS: Readonly<Record<number, number>> = { 1: 148, 2: 92, 3: 64 };
/** Data is padded to a multiple of 16, but not beyond the MTU, whatever that is. */
const DATA = 4;
const DATA_OVERHEAD = 32;
const LARGE = 1200;

/** Whether the payload has the form of one of WireGuard's four messages. */
function isWireguard({ family, destinationPort, payload, length }: Sent, port: number): boolean {
  if (destinationPort !== port || payload === undefined || (family !== "ipv4" && family !== "ipv6"))
    return false;
  const type = payload.charCodeAt(0);
  if (type < 1 || type > 4 || payload.slice(1, 4) !== "\0\0\0") return false;
  const size = length - BEFORE_PAYLOAD[family];
  if (type !== DATA) return size === MESSAGE_LENGTHS[type];
  return size >= DATA_OVERHEAD && (size % 16 === 0 || size >= DATA_OVERHEAD + LARGE);
}

/** Length of the header of a DNS message. */
const DNS_HEADER = 12;

/** Whether it is a DNS question for this name. A capture has the first 32 bytes of a payload: 19 of a name. */
function asksFor({ destinationPort, payload = "" }: Sent, name: string): boolean {
  const labels = name.split(".").map((label) => String.fromCharCode(label.length) + label);
  const question = labels.join("").slice(0, 32 - DNS_HEADER);
  return destinationPort === 53 && payload.slice(DNS_HEADER).startsWith(question);
}

function isFromLoad({ protocol, payload, sourcePort = 0 }: Sent): boolean {
  if (protocol === "tcp") return sourcePort >= LOAD_PORTS.first && sourcePort <= LOAD_PORTS.last;
  return payload?.startsWith(TAG) === true;
}

/** Multicast that stays on the link or the site, and broadcast. */
const GROUPS = ["224.0.0.0/4", "255.255.255.255/32", "ff02::/16", "ff05::/16"];

/** TunnelCrack LocalNet (CVE-2023-36672): only private on-link networks; never DNS, which has its own way. */
function isLocal(packet: Sent, around: Around): boolean {
  const { interface: name, destination, destinationPort } = packet;
  if (destinationPort === 53 || destinationPort === 853) return false;
  return isIn(destination, [...(around.local[name] ?? []), "fe80::/10", ...GROUPS]);
}

/** Whether the text is an address inside one of the prefixes. */
function isIn(text: string, prefixes: readonly string[]): boolean {
  const address = parseAddress(text);
  // The prefixes are constants of the world, in canonical text.
  return address.ok && prefixes.some((prefix) => contains(prefix as Prefix, address.value));
}

/** One line for people. */
export function inWords(packet: Sent): string {
  const { interface: name, family, protocol, source, sourcePort, destination, destinationPort } = packet;
  const end = (address: string, port?: number): string =>
    port === undefined ? address : address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  return [
    new Date(packet.time).toISOString().slice(11, 23),
    name,
    family,
    protocol,
    end(source, sourcePort),
    "→",
    end(destination, destinationPort),
    ...(packet.icmpType === undefined ? [] : [`type ${packet.icmpType}`]),
    `${packet.length} bytes`,
    ...(packet.payload === undefined || packet.payload === "" ? [] : [JSON.stringify(packet.payload)]),
  ].join(" ");
}
