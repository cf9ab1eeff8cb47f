/** Reading the headers of an Ethernet frame: enough to say who sends what to whom. Pure. */

export interface Packet {
  readonly family: "ipv4" | "ipv6" | "arp" | "other";
  readonly protocol: "tcp" | "udp" | "icmp" | "icmpv6" | "other";
  readonly source: string;
  readonly destination: string;
  /** TCP and UDP only. */
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** ICMP and ICMPv6 only. */
  readonly icmpType?: number;
  /** The first bytes of the payload of TCP or UDP, at most 32, as Latin-1: enough for a tag. */
  readonly payload?: string;
}

const ETHERNET = 14;
const IPV6_HEADER = 40;
/** Hop-by-hop, routing, destination options: each says its length in units of eight bytes after the first eight. */
const EXTENSIONS = [0, 43, 60];
const FRAGMENT = 44;

const PROTOCOLS: Readonly<Record<number, Packet["protocol"]>> = {
  1: "icmp",
  6: "tcp",
  17: "udp",
  58: "icmpv6",
};

/** Reads a frame that may be cut off behind its headers; what is missing is left out. */
export function parsePacket(frame: Buffer): Packet {
  const none = { protocol: "other", source: "", destination: "" } as const;
  if (frame.length < ETHERNET) return { family: "other", ...none };
  switch (frame.readUInt16BE(12)) {
    case 0x0800: {
      if (frame.length < ETHERNET + 20) return { family: "ipv4", ...none };
      const payload = ETHERNET + ((frame[ETHERNET] ?? 0) & 0x0f) * 4;
      const later = (frame.readUInt16BE(ETHERNET + 6) & 0x1fff) !== 0;
      return {
        family: "ipv4",
        source: [...frame.subarray(ETHERNET + 12, ETHERNET + 16)].join("."),
        destination: [...frame.subarray(ETHERNET + 16, ETHERNET + 20)].join("."),
        ...transport(frame[ETHERNET + 9] ?? 0, later ? Buffer.alloc(0) : frame.subarray(payload)),
      };
    }
    case 0x86dd: {
      if (frame.length < ETHERNET + IPV6_HEADER) return { family: "ipv6", ...none };
      return {
        family: "ipv6",
        source: ipv6Text(frame.subarray(ETHERNET + 8, ETHERNET + 24)),
        destination: ipv6Text(frame.subarray(ETHERNET + 24, ETHERNET + 40)),
        ...ipv6Transport(frame),
      };
    }
    case 0x0806:
      return {
        family: "arp",
        protocol: "other",
        source: [...frame.subarray(ETHERNET + 14, ETHERNET + 18)].join("."),
        destination: [...frame.subarray(ETHERNET + 24, ETHERNET + 28)].join("."),
      };
    default:
      return { family: "other", ...none };
  }
}

type Transport = Omit<Packet, "family" | "source" | "destination">;

function ipv6Transport(frame: Buffer): Transport {
  let header = frame[ETHERNET + 6] ?? 0;
  let at = ETHERNET + IPV6_HEADER;
  while (EXTENSIONS.includes(header) && at + 8 <= frame.length) {
    header = frame[at] ?? 0;
    at += 8 + (frame[at + 1] ?? 0) * 8;
  }
  if (header === FRAGMENT && at + 8 <= frame.length) {
    const later = (frame.readUInt16BE(at + 2) & 0xfff8) !== 0;
    return transport(frame[at] ?? 0, later ? Buffer.alloc(0) : frame.subarray(at + 8));
  }
  return transport(header, frame.subarray(at));
}

function transport(number: number, payload: Buffer): Transport {
  const protocol = PROTOCOLS[number] ?? "other";
  if (protocol === "icmp" || protocol === "icmpv6") {
    const type = payload[0];
    return type === undefined ? { protocol } : { protocol, icmpType: type };
  }
  if (protocol === "other" || payload.length < 4) return { protocol };
  const header = protocol === "udp" ? 8 : ((payload[12] ?? 0x50) >> 4) * 4;
  return {
    protocol,
    sourcePort: payload.readUInt16BE(0),
    destinationPort: payload.readUInt16BE(2),
    payload: payload.subarray(header, header + 32).toString("latin1"),
  };
}

/** RFC 5952 text of an address. */
export function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at += 1) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length += 1;
    if (length > best.length) best = { at, length };
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (best.at < 0) return text(groups);
  return `${text(groups.slice(0, best.at))}::${text(groups.slice(best.at + best.length))}`;
}
