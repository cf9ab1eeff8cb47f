/** Files, of 64 KiB unless told, that make a check work as hard as it can. */
import type { Verdict } from "../../../../src/wireguard/config/finding.ts";
import { PEER, PRIVATE } from "./files.ts";

const FULL = 64 * 1024;

export interface HeavyFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly verdict: Verdict;
}

const HEAD = `[Interface]\nPrivateKey=${PRIVATE}\nAddress=10.66.0.7\n`;

export function heaviest(size = FULL): readonly HeavyFile[] {
  const heavy = (name: string, verdict: Verdict, text: string | Buffer): HeavyFile => ({
    name,
    verdict,
    bytes: cut(text, size),
  });
  const manyPeers = (prefix: (peer: number, index: number) => string): string => peersOf(size, prefix);
  return [
    heavy("blank lines", "accepted", `${HEAD}${"\n".repeat(FULL)}`),
    heavy("comments", "accepted", `${HEAD}${"#\n".repeat(FULL)}`),
    heavy("comments in Japanese", "accepted", `${HEAD}${`# ${"東京".repeat(160)}\n`.repeat(70)}`),
    heavy("blanks", "accepted", `${HEAD}${`${" ".repeat(1023)}\n`.repeat(70)}`),
    heavy("IPv4 prefixes of 64 peers", "accepted", HEAD + manyPeers((peer, index) => `1.${peer}.${index}.1`)),
    heavy(
      "IPv6 prefixes of 64 peers",
      "accepted",
      HEAD + manyPeers((peer, index) => `${hex(peer)}:${hex(index)}::`),
    ),
    heavy(
      "prefixes, endpoints and resolvers that no prefix covers",
      "accepted",
      `${HEAD}${lists("DNS", 64, (index) => `9.9.9.${index}`)}${manyPeers((peer, index) => `1.${peer}.${index}.1`)}`,
    ),
    heavy(
      "prefixes with host bits",
      "refused",
      HEAD + manyPeers((peer, index) => `${1 + peer}.${index}.1.1/24`),
    ),
    heavy("the same prefix", "refused", HEAD + manyPeers(() => "1.1.1.1")),
    heavy("lines that are nothing", "refused", "x\n".repeat(FULL)),
    heavy("hooks", "refused", `${HEAD}${"PostUp=x\n".repeat(FULL)}`),
    heavy("unknown keys", "refused", `${HEAD}${"a=b\n".repeat(FULL)}`),
    heavy(
      "empty elements",
      "refused",
      `${HEAD}[Peer]\nPublicKey=${PEER}\n${`AllowedIPs=${",".repeat(1000)}\n`.repeat(64)}`,
    ),
    heavy("long host names", "refused", `${HEAD}${`DNS=${"a.".repeat(500)}\n`.repeat(64)}`),
    heavy("colons", "refused", `${HEAD}${`DNS=${":".repeat(1000)}\n`.repeat(64)}`),
    heavy("sections", "refused", "[a]\n".repeat(FULL)),
    heavy("NUL", "refused", "\0".repeat(FULL)),
    heavy("one line", "refused", "a".repeat(FULL)),
    heavy("damaged UTF-8", "refused", Buffer.from("#\xff\n".repeat(FULL), "latin1")),
  ];
}

/** Cuts a file at the last line that fits. */
function cut(text: string | Buffer, size: number): Uint8Array {
  const whole = Buffer.from(text).subarray(0, size);
  const end = whole.lastIndexOf(10);
  return end === -1 ? whole : whole.subarray(0, end + 1);
}

/** 64 peers with 256 prefixes each, as many as fit. */
function peersOf(size: number, prefix: (peer: number, index: number) => string): string {
  return Array.from({ length: 64 }, (_, peer) => {
    const key = Buffer.alloc(32, 100)
      .fill(peer + 1, 0, 1)
      .toString("base64");
    const each = Math.floor((size - 9000) / 64 / (prefix(60, 100).length + 1));
    return `[Peer]\nPublicKey=${key}\nEndpoint=203.0.113.${peer}:1\n${lists("AllowedIPs", Math.min(each, 256), (index) => prefix(peer, index))}`;
  }).join("");
}

/** A list over lines of 20 elements. */
function lists(key: string, count: number, element: (index: number) => string): string {
  const lines: string[] = [];
  for (let begin = 0; begin < count; begin += 20) {
    const size = Math.min(20, count - begin);
    lines.push(`${key}=${Array.from({ length: size }, (_, index) => element(begin + index)).join(",")}\n`);
  }
  return lines.join("");
}

function hex(value: number): string {
  return (value + 0x20).toString(16);
}
