/**
 * A gateway with ten thousand peers: bringing the policy into force, changing one peer of it, and forwarding under
 * it, against what is usually done: an nftables rule for each peer, replaced as a whole. Both sides in the same run,
 * alternating, medians. `node test/bench/gateway.bench.ts`, in the sandbox, prints the rows.
 */
import { z } from "zod";
import { checkState } from "../../src/gateway/check-state.ts";
import { rulesetOf } from "../../src/gateway/ruleset.ts";
import { wholeTransaction } from "../../src/gateway/transaction.ts";
import { connect, Host } from "../../src/lab/host.ts";
import { generatePrivateKey } from "../../src/wireguard/keys.ts";
import { DriverProcess } from "../integration/gateway/programs.ts";
import { peerOf, SELF, stateOf } from "../unit/gateway/states.ts";
import { median, type BenchRow } from "./row.ts";

const PEERS = 10_000;
const ROUNDS = 9;
const SECONDS = 1;

const peers = Array.from({ length: PEERS }, (_, n) => peerOf(n));
const state = stateOf(peers);

/** The list: for each peer and each of its grants a rule, and nothing else. */
function ruleList(count: number): string {
  const rules = peers.slice(0, count).flatMap(({ addresses, grants }) =>
    addresses.flatMap((address) => {
      const ip = address.includes(":") ? "ip6" : "ip";
      return grants.privatePrefixes
        .filter((prefix) => prefix.includes(":") === address.includes(":"))
        .map((prefix) => `${ip} saddr ${address} ${ip} daddr ${prefix} accept`);
    }),
  );
  return [
    "table inet naive",
    "delete table inet naive",
    "table inet naive {",
    "chain forward {",
    "type filter hook forward priority filter; policy drop;",
    // What answers is accepted; what a device sends is judged packet by packet, as we do.
    "ct state established ct direction reply accept",
    ...rules,
    "}",
    "}",
    "",
  ].join("\n");
}

/** The same peers for `wg setconf`. */
function wireguardConfig(count: number): string {
  return peers
    .slice(0, count)
    .map(
      ({ publicKey, addresses }) =>
        `[Peer]\nPublicKey = ${publicKey}\nAllowedIPs = ${addresses.join(", ")}\n`,
    )
    .join("");
}

const Report = z.object({
  end: z.object({
    sum: z.object({ packets: z.number(), seconds: z.number() }),
    cpu_utilization_percent: z.object({ host_total: z.number() }),
  }),
});

async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

const ms = (figure: number): string => `${Math.round(figure)} ms`;

function row(what: string, ours: number, theirs: number, against: string, most: number): BenchRow {
  const ratio = ours / theirs;
  return {
    what,
    value: ms(ours),
    against: `${against}: ${ms(theirs)}`,
    ratio,
    target: `at most ${most} ×`,
    met: ratio <= most,
  };
}

/** Peers in WireGuard and in the firewall, from nothing and then one more or one less. */
async function policies(): Promise<BenchRow[]> {
  const [ours, theirs] = await Promise.all([Host.create("ours"), Host.create("list")]);
  try {
    const driver = new DriverProcess(ours, generatePrivateKey());
    await driver.apply(null);
    await theirs.run("wireguard-go", ["wg0"]);
    const byHand = async (count: number): Promise<void> => {
      await theirs.run("/bin/sh", ["-c", "cat >/run/wg0.conf && wg syncconf wg0 /run/wg0.conf"], {
        input: wireguardConfig(count),
      });
      await theirs.run("nft", ["-f", "-"], { input: ruleList(count) });
      await Promise.all([
        theirs.run("nft", ["-j", "list", "table", "inet", "naive"]),
        theirs.run("wg", ["show", "wg0", "dump"]),
      ]);
    };
    const first = [await timed(() => driver.apply(state)), await timed(() => byHand(PEERS))];
    const changes: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      const count = PEERS - ((round + 1) % 2);
      changes[0].push(await timed(() => driver.apply(stateOf(peers.slice(0, count)))));
      changes[1].push(await timed(() => byHand(count)));
    }
    const what = (text: string) => `gateway, ${PEERS.toLocaleString("en-US")} peers: ${text}`;
    const list = "by hand, wg syncconf and a rule for each peer, listed again";
    return [
      row(what("checked, in force and read back"), first[0] ?? NaN, first[1] ?? NaN, list, 1.5),
      row(what("one peer more or less"), median(changes[0]), median(changes[1]), list, 1),
    ];
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
  }
}

/** Small packets through a gateway whose policy they have to pass; the device is in the middle of the list. */
async function forwarding(): Promise<BenchRow[]> {
  const hosts = await Promise.all(["device", "gateway", "server"].map((name) => Host.create(name)));
  const [device, gateway, server] = hosts;
  if (device === undefined || gateway === undefined || server === undefined) throw new Error("three hosts");
  try {
    const own = peers[PEERS / 2]?.addresses[0] ?? "";
    await connect(
      { host: device, interface: "eth0", addresses: [own] },
      { host: gateway, interface: "overlay0", addresses: ["100.64.0.1/32"] },
    );
    await connect(
      { host: gateway, interface: "corp0", addresses: ["10.20.0.1/16"] },
      { host: server, interface: "eth0", addresses: ["10.20.0.80/16"] },
    );
    await device.run("ip", ["route", "add", "default", "dev", "eth0"]);
    await gateway.run("ip", ["route", "add", own, "dev", "overlay0"]);
    await gateway.run("sysctl", ["-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.overlay0.proxy_arp=1"]);
    await server.run("ip", ["route", "add", "100.64.0.0/16", "via", "10.20.0.1"]);
    void server.spawn("iperf3", ["-s"]);

    const verdict = checkState({ ...state, privateRouting: "routed" }, SELF);
    if (!verdict.ok) throw new Error(verdict.refused[0].message);
    const policies = {
      ours: wholeTransaction(rulesetOf(verdict.state, "overlay0")),
      list: ruleList(PEERS),
      open: "table inet open {\nchain forward {\ntype filter hook forward priority filter; policy drop;\nct state new,established accept\n}\n}\n",
    };
    /** Packets for each second of processor time: what else runs on this machine counts little. */
    const rate = async (name: keyof typeof policies): Promise<number> => {
      await gateway.run("nft", ["flush", "ruleset"]);
      await gateway.run("nft", ["-f", "-"], { input: policies[name] });
      const arguments_ = ["-c", "10.20.0.80", "-u", "-b", "0", "-l", "200", "-t", String(SECONDS), "-J"];
      const { end } = Report.parse(JSON.parse(await device.run("iperf3", arguments_)));
      return end.sum.packets / (end.sum.seconds * (end.cpu_utilization_percent.host_total / 100));
    };
    const rates = { ours: [] as number[], list: [] as number[], open: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.ours.push(await rate("ours"));
      rates.list.push(await rate("list"));
      rates.open.push(await rate("open"));
    }
    const shown = (figure: number): string =>
      `${Math.round(figure).toLocaleString("en-US")} packets/s of CPU`;
    const ours = median(rates.ours);
    const against = (name: "list" | "open", what: string, least: number): BenchRow => {
      const theirs = median(rates[name]);
      return {
        what: `gateway, ${PEERS.toLocaleString("en-US")} peers: forwarding 200-byte packets`,
        value: shown(ours),
        against: `${what}: ${shown(theirs)}`,
        ratio: ours / theirs,
        target: `at least ${least} ×`,
        met: ours / theirs >= least,
      };
    };
    return [
      against("list", "a rule for each peer", 2),
      against("open", "a firewall that accepts every connection", 0.6),
    ];
  } finally {
    await Promise.all(hosts.map((host) => host.close()));
  }
}

export async function bench(): Promise<BenchRow[]> {
  return [...(await policies()), ...(await forwarding())];
}

if (import.meta.main) console.table(await bench());
