/** Sending and counting packets on hosts of the lab. */
import { z } from "zod";
import type { Host } from "../../../src/lab/host.ts";
import { fetchFrom, udpOn } from "../../../src/lab/socket.ts";

export const urlOf = (address: string, path = "/") =>
  `http://${address.includes(":") ? `[${address}]` : address}${path}`;

const Seen = z.object({ address: z.string() });

/** The address from which a web server saw this host. */
export async function seenFrom(host: Host, server: string): Promise<string> {
  return Seen.parse(JSON.parse((await fetchFrom(host, urlOf(server))).body)).address;
}

/** What one ping came to: an answer, a refusal by somebody who said so, or nothing. */
export async function ping(
  host: Host,
  address: string,
  ...more: string[]
): Promise<"answer" | "refused" | "silence"> {
  const { stdout } = await host.exec("ping", ["-c1", "-W0.7", ...more, address]);
  if (/ 1 received/.test(stdout)) return "answer";
  return /Packet filtered|Administratively prohibited/.test(stdout) ? "refused" : "silence";
}

/** Whether an echo server answers a datagram from this host. */
export async function udpEchoes(host: Host, address: string, port: number): Promise<boolean> {
  const socket = await udpOn(host, address.includes(":") ? 6 : 4);
  try {
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), 1000);
      const done = (answer: boolean) => () => {
        clearTimeout(timer);
        resolve(answer);
      };
      socket.once("message", done(true));
      socket.once("error", done(false));
      socket.send("nanami", port, address);
    });
  } finally {
    socket.close();
  }
}

/** Sends datagrams from a port of the sender's choice. */
export async function sendFromPort(
  host: Host,
  from: number,
  address: string,
  port: number,
  count: number,
): Promise<void> {
  const script = `
    const socket = require("node:dgram").createSocket("udp4");
    socket.bind(${from}, async () => {
      for (let i = 0; i < ${count}; i++) await new Promise((sent) => socket.send("shadow", ${port}, "${address}", sent));
      socket.close();
    });`;
  await host.run(process.execPath, ["-e", script]);
}

/** Collects, from now on, the sources of what comes in to this host by an interface, or of what it sends there. */
export async function watchSources(
  host: Host,
  interfaceName: string,
  direction: "in" | "out" = "in",
): Promise<() => Promise<readonly string[]>> {
  const [hook, end] = direction === "in" ? ["prerouting", "iifname"] : ["output", "oifname"];
  const rules = `table inet witness
    delete table inet witness
    table inet witness {
      set sources4 { type ipv4_addr; flags dynamic; size 1024; }
      set sources6 { type ipv6_addr; flags dynamic; size 1024; }
      chain ${hook} {
        type filter hook ${hook} priority -400;
        ${end} "${interfaceName}" update @sources4 { ip saddr }
        ${end} "${interfaceName}" update @sources6 { ip6 saddr }
      }
    }`;
  await host.run("nft", ["-f", "-"], { input: rules });
  return async () => {
    const sets = await Promise.all(
      ["sources4", "sources6"].map((name) => host.run("nft", ["-j", "list", "set", "inet", "witness", name])),
    );
    return sets.flatMap((text) =>
      SetListing.parse(JSON.parse(text)).nftables.flatMap(({ set }) => set?.elem ?? []),
    );
  };
}

const SetListing = z.object({
  nftables: z.array(z.object({ set: z.object({ elem: z.array(z.string()).optional() }).optional() })),
});

/** Counts UDP packets that reach this host, from an address to a port. */
export async function countUdp(host: Host, source: string, port: number): Promise<() => Promise<number>> {
  const rules = `table inet udp_witness
    delete table inet udp_witness
    table inet udp_witness {
      counter arrived { }
      chain input {
        type filter hook input priority -400;
        ip saddr ${source} udp dport ${port} counter name arrived
      }
    }`;
  await host.run("nft", ["-f", "-"], { input: rules });
  return async () => {
    const listing = await host.run("nft", ["-j", "list", "counter", "inet", "udp_witness", "arrived"]);
    return Number(/"packets": (\d+)/.exec(listing)?.[1]);
  };
}
