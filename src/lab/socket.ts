/**
 * Sockets that stand on a host of the lab although this process does not: the thread steps into the host's network
 * namespace, makes the socket, and steps back before anything else can run. A socket stays where it was made.
 */
import { closeSync, openSync } from "node:fs";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import http from "node:http";
import net from "node:net";
import { getSystemErrorName } from "node:util";
import koffi from "koffi";
import type { Connect } from "../api/connection.ts";
import type { Host } from "./host.ts";

const libc = koffi.load("libc.so.6");
const setns = libc.func("int setns(int fd, int type)") as (fd: number, type: number) => number;
const makeSocket = libc.func("int socket(int domain, int type, int protocol)") as (
  domain: number,
  type: number,
  protocol: number,
) => number;

const CLONE_NEWNET = 0x40000000;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;

function check(result: number, call: string): number {
  if (result < 0) throw new Error(`${call}: ${getSystemErrorName(-koffi.errno())}`);
  return result;
}

/** Descriptor of a fresh socket on that host. The caller owns it. */
export function socketOn(host: Host, family: 4 | 6, kind: "tcp" | "udp"): number {
  const home = openSync("/proc/self/ns/net", "r");
  const there = openSync(`/proc/${host.pid}/ns/net`, "r");
  try {
    check(setns(there, CLONE_NEWNET), `${host.name}: setns`);
    try {
      const type = (kind === "tcp" ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK_CLOEXEC;
      return check(makeSocket(family === 4 ? AF_INET : AF_INET6, type, 0), `${host.name}: socket`);
    } finally {
      check(setns(home, CLONE_NEWNET), "setns back");
    }
  } finally {
    closeSync(there);
    closeSync(home);
  }
}

/** Connects from that host. Names are looked up in `names` (name → address), never by the machine's resolver. */
export function connectFrom(host: Host, names: ReadonlyMap<string, string> = new Map()): Connect {
  return ({ host: target, port, signal }) =>
    new Promise((resolve, reject) => {
      const address = net.isIP(target) === 0 ? names.get(target) : target;
      if (address === undefined) {
        reject(new Error(`${host.name}: no address known for ${target}`));
        return;
      }
      const socket = new net.Socket({ fd: socketOn(host, net.isIPv6(address) ? 6 : 4, "tcp"), signal });
      socket.once("error", reject);
      socket.setNoDelay(true);
      socket.connect(port, address, () => {
        socket.off("error", reject);
        resolve(socket);
      });
    });
}

/** A UDP socket on that host, bound to a free port. */
export async function udpOn(host: Host, family: 4 | 6): Promise<UdpSocket> {
  const socket = createSocket(family === 4 ? "udp4" : "udp6");
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ fd: socketOn(host, family, "udp") }, () => {
      socket.off("error", reject);
      resolve();
    });
  });
  return socket;
}

export interface Page {
  readonly status: number;
  readonly body: string;
  /** Bytes of the body. */
  readonly size: number;
}

/** Fetches `http://<address>[:port]/…` from that host, over a fresh connection. Rejects after `timeout` ms. */
export async function fetchFrom(host: Host, url: string, timeout = 5000): Promise<Page> {
  const target = new URL(url);
  const signal = AbortSignal.timeout(timeout);
  const socket = await connectFrom(host)({
    host: target.hostname.replace(/^\[|\]$/g, ""),
    port: Number(target.port === "" ? 80 : target.port),
    signal,
  });
  return new Promise((resolve, reject) => {
    const request = http.get(
      target,
      { createConnection: () => socket, signal, headers: { connection: "close" } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          const body = Buffer.concat(chunks);
          resolve({ status: response.statusCode ?? 0, body: body.toString("latin1"), size: body.length });
        });
      },
    );
    request.once("error", reject);
  });
}
