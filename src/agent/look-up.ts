/**
 * Name look-ups of the agent's own: UDP to the resolvers of the underlay over marked sockets, so that they work
 * while everything else is closed and never depend on a resolver inside the tunnel.
 */
import { randomInt } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import dnsPacket from "dns-packet";
import { RESOLV_CONF_HEADER } from "../tunnel/dns/resolv-conf.ts";
import { STUBS, UPLINK_FILE } from "../tunnel/dns/resolved.ts";
import { parseAddress } from "../wireguard/address.ts";
import type { LookUp } from "./address-book.ts";
import type { SocketMaker } from "./marked-socket.ts";

/** Time for one resolver, milliseconds. */
const TIMEOUT_MS = 2_000;
/** Most links of a CNAME chain that are followed. */
const MAX_ALIASES = 8;

type RecordType = "A" | "AAAA";

/** The name servers of a `resolv.conf` (resolv.conf(5)): at most three, addresses only. */
export function nameServers(resolvConf: string): readonly string[] {
  return (
    resolvConf
      .split("\n")
      .flatMap((line) => /^nameserver[ \t]+(\S+)/.exec(line)?.[1] ?? [])
      // A zone says something here and nothing in a firewall's rule.
      .filter((address) => parseAddress(address).ok)
      .slice(0, 3)
  );
}

/**
 * The resolvers that the system uses now; none when the file cannot be read, null while it is of our own writing and
 * names those of the tunnel. systemd-resolved's stub would ask over sockets of its own, so those that it asks are
 * meant.
 */
export function systemResolvers(file = "/etc/resolv.conf", uplinks = UPLINK_FILE): readonly string[] | null {
  try {
    const text = readFileSync(file, "utf8");
    if (text.startsWith(RESOLV_CONF_HEADER)) return null;
    const named = nameServers(text);
    const isStub = named.length > 0 && named.every((server) => STUBS.includes(server));
    return isStub ? nameServers(readFileSync(uplinks, "utf8")) : named;
  } catch {
    return [];
  }
}

/**
 * The addresses that an answer gives for the question: records of the name, or of what its aliases lead to.
 * Undefined when it is not the answer to this question.
 */
export function readAnswer(
  message: Buffer,
  id: number,
  name: string,
  type: RecordType,
): readonly string[] | undefined {
  let packet: dnsPacket.DecodedPacket;
  try {
    packet = dnsPacket.decode(message);
  } catch {
    return undefined;
  }
  const [question] = packet.questions ?? [];
  if (packet.id !== id || packet.type !== "response" || question?.type !== type) return undefined;
  if (question.name.toLowerCase() !== name) return undefined;
  const answers = packet.answers ?? [];
  let owner = name;
  for (let aliases = 0; aliases < MAX_ALIASES; aliases += 1) {
    const alias = answers.find((record) => record.type === "CNAME" && record.name.toLowerCase() === owner);
    if (alias?.type !== "CNAME") break;
    owner = alias.data.toLowerCase();
  }
  return answers.flatMap((record) => {
    if (record.type !== type || record.name.toLowerCase() !== owner) return [];
    const address = parseAddress(record.data);
    return address.ok ? [address.value] : [];
  });
}

function bind(sockets: SocketMaker, family: 4 | 6): Promise<Socket> {
  const socket = createSocket(family === 4 ? "udp4" : "udp6");
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("listening", () => {
      socket.removeListener("error", reject);
      resolve(socket);
    });
    const fd = sockets.udp(family);
    socket.bind(fd === undefined ? { port: 0 } : { fd });
  });
}

/** Asks one resolver one question; an empty list when it has no such record, is silent, or answers nonsense. */
async function ask(
  sockets: SocketMaker,
  resolver: string,
  port: number,
  name: string,
  type: RecordType,
): Promise<readonly string[]> {
  const socket = await bind(sockets, isIP(resolver) === 6 ? 6 : 4);
  const id = randomInt(0x1_0000);
  try {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve([]), TIMEOUT_MS);
      const finish = (addresses: readonly string[]) => {
        clearTimeout(timer);
        resolve(addresses);
      };
      socket.once("error", () => finish([]));
      socket.on("message", (message, from) => {
        if (from.address !== resolver || from.port !== port) return;
        const addresses = readAnswer(message, id, name, type);
        if (addresses !== undefined) finish(addresses);
      });
      const question = dnsPacket.encode({
        id,
        type: "query",
        flags: dnsPacket.RECURSION_DESIRED,
        questions: [{ type, name }],
      });
      socket.send(question, port, resolver, (error) => {
        if (error !== null) finish([]);
      });
    });
  } finally {
    socket.close();
  }
}

/** A look-up that asks the resolvers in turn for both families, until one has an answer. IPv4 first. */
export function lookUpThrough(sockets: SocketMaker, resolvers: () => readonly string[], port = 53): LookUp {
  return async (name) => {
    if (name === "localhost") return ["127.0.0.1", "::1"];
    for (const resolver of resolvers()) {
      const [four, six] = await Promise.all([
        ask(sockets, resolver, port, name, "A").catch(() => []),
        ask(sockets, resolver, port, name, "AAAA").catch(() => []),
      ]);
      if (four.length + six.length > 0) return [...four, ...six];
    }
    return [];
  };
}
