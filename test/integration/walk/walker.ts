/** Carries out the events of a walk in its world, and keeps the timeline of what is promised meanwhile. */
import { writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ResultPromise } from "execa";
import { expect } from "vitest";
import { DemoNetwork } from "../../../src/lab/demo-network.ts";
import { CONTROL, ECHO, gatewaySite } from "../../../src/lab/demo-places.ts";
import { until } from "../../../src/lab/device.ts";
import type { Host } from "../../../src/lab/host.ts";
import { eventually, provePrivateReach } from "../../../src/lab/proof.ts";
import { gatewaysOf } from "../../../src/lab/seed.ts";
import { fetchFrom } from "../../../src/lab/socket.ts";
import { untilLine } from "../../../src/lab/world.ts";
import type { AgentClient } from "../../../src/rpc/client.ts";
import type { MethodName, Params, Result, Snapshot } from "../../../src/rpc/contract.ts";
import type { Selection, TrafficMode } from "../../../src/routing/types.ts";
import { speak } from "../attacks/world.ts";
import { difference, move, networkOf } from "./device.ts";
import type { Tampering, WalkEvent } from "./events.ts";
import { Timeline } from "./timeline.ts";
import { INGRESSES, LOAD_PROGRAM, loadPlan, PLACES, WALK_WORLD, type Place } from "./world.ts";

const IMPOSTOR = fileURLToPath(new URL("../agent-impostor.ts", import.meta.url));
const CLOCK = fileURLToPath(new URL("clock-program.ts", import.meta.url));
const HOUR_MS = 3_600_000;
/** Longest that the walk waits for an answer before it goes on; the answer counts when it comes. */
const ANSWER_MS = 1_200;
/** Somebody's deletion is repaired within a second; the machine of a test may be very busy. */
const REPAIR_MS = 6_000;

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export class Walker implements AsyncDisposable {
  readonly network: DemoNetwork;
  readonly timeline = new Timeline(INGRESSES, true);
  /** Milliseconds from a deletion until everything stood again, by what was deleted. */
  readonly repairs: { readonly what: Tampering; readonly ms: number }[] = [];
  readonly #gatewayIds: ReadonlyMap<string, string>;
  readonly #clockFile: string;
  /** What the system is like when disconnected, by place. */
  readonly #baselines = new Map<Place, readonly string[]>();
  #agent: AgentClient;
  #snapshot: Snapshot;
  /** Rises with every request of the person's: an answer to an older one says nothing any more. */
  #request = 0;
  #wanted: TrafficMode | null = null;
  /** Whether the agent said yes to the last connect; it may have been killed while it thought. */
  #accepted = true;
  #mode: TrafficMode = "vpn_only";
  #place: Place = "hotel";
  #linkLost = false;
  #pinned: string | null = null;
  #controlPlane: "up" | "away" = "up";
  #impostor: ResultPromise | null = null;
  #clock = 0;
  /** What the system's resolver file said last, by somebody else than the agent. */
  #resolvConf = "";

  private constructor(
    network: DemoNetwork,
    agent: AgentClient,
    snapshot: Snapshot,
    gatewayIds: ReadonlyMap<string, string>,
    clockFile: string,
  ) {
    this.network = network;
    this.#agent = agent;
    this.#snapshot = snapshot;
    this.#gatewayIds = gatewayIds;
    this.#clockFile = clockFile;
  }

  /** The world with its device enrolled, both places visited, and the load on. */
  static async start(state: string, socket: string): Promise<Walker> {
    const clockFile = `${state}-clock`;
    await writeFile(clockFile, "0");
    const network = await DemoNetwork.raise({
      state,
      socket,
      world: WALK_WORLD,
      agentEnv: { NODE_OPTIONS: `--import=${pathToFileURL(CLOCK).href}`, NANAMI_WALK_CLOCK: clockFile },
    });
    try {
      const agent = await network.agent();
      await agent.call("enroll", { link: await network.deviceLink(), name: "laptop" });
      const ids = [...(await gatewaysOf(network.operator, network.seed.networks.corp))].map(
        ([name, { deviceId }]) => [name, deviceId] as const,
      );
      const { snapshot } = await agent.call("subscribe", {});
      const walker = new Walker(network, agent, snapshot, new Map(ids), clockFile);
      walker.#listen(agent);
      await walker.#visit();
      const addresses = (snapshot.path?.tunnel.addresses ?? []).map((prefix) => prefix.split("/")[0] ?? "");
      const plan = JSON.stringify(loadPlan(addresses));
      const load = walker.laptop.spawn(process.execPath, [LOAD_PROGRAM, plan], { buffer: false });
      await untilLine("laptop", "load", load, /^ready$/);
      return walker;
    } catch (error) {
      await network.close();
      throw error;
    }
  }

  get laptop(): Host {
    return this.network.laptop;
  }

  get connected(): boolean {
    return this.#wanted !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.close();
    await this.network.close();
  }

  /** Carries out one event. Throws where the device does not do what it has to, by name. */
  perform(event: WalkEvent): Promise<void> {
    switch (event.do) {
      case "connect":
        return this.#connect(event.mode);
      case "disconnect":
        return this.#disconnect();
      case "pin":
        return this.#pin(event.pin[0], event.pin[1]);
      case "unpin":
        return this.#prefer({ routingMode: "auto" }, null);
      case "gateway":
        return this.#silence(
          event.is === "silent" ? (this.#snapshot.inForce?.ingress.name ?? "tokyo") : null,
        );
      case "link":
        return this.#link(event.is === "lost");
      case "move":
        return this.#move(event.to);
      case "control plane":
        return this.#replaceControlPlane(event.is);
      case "kill -9":
        return this.#kill(event.awayMs);
      case "sleep":
        return this.#sleep(event.ms, event.clockHours);
      case "tamper":
        return this.#tamper(event.with);
      case "rp_filter":
        return this.#rpFilter(event.value);
      case "local network":
        return this.#localNetwork(event.is === "allow");
      case "calm":
        return this.calm();
    }
  }

  /** Everything around works: then the device does, too. */
  async calm(): Promise<void> {
    await this.#silence(null);
    await this.#link(false);
    await this.#replaceControlPlane("back");
    const mode = this.#wanted;
    if (mode === null) {
      await this.#asBefore();
      return;
    }
    // Whoever got no answer asks again.
    if (!this.#accepted) await this.#connect(mode);
    const wanted = ({ tunnel }: Snapshot) => tunnel.state === "connected" && tunnel.mode === mode;
    await until(this.#agent, `connected again, ${mode}`, wanted, 30_000);
    const reach = await eventually(() => provePrivateReach(this.network));
    if (!reach.held) throw new Error(`calm: ${reach.claim}: ${reach.seen}`);
    await expect
      .poll(() => this.#seenFrom(), { timeout: 8_000 })
      .toBe(mode === "full_tunnel" ? "a gateway" : "this network");
  }

  /** What the laptop's network is by now, for whoever asks why something did not come. */
  async around(): Promise<string> {
    const asked = "ip address; ip route; ip rule; ip route show table 20033; wg show; nft list ruleset";
    return (await this.laptop.exec("sh", ["-c", asked])).stdout;
  }

  /** Whom a server on the Internet sees. */
  async #seenFrom(): Promise<string> {
    const page = await fetchFrom(this.laptop, `http://${ECHO.v4}/`, 2_000).catch(String);
    if (typeof page === "string") return page;
    const { address } = JSON.parse(page.body) as { address: string };
    return address.startsWith("198.51.100.") ? "a gateway" : "this network";
  }

  /** Lets the laptop send this text past everything, as a hole in the protection would; what is right is put back. */
  async plant(text: string, port: number): Promise<void> {
    const run = (script: string) => this.laptop.run("sh", ["-ec", script]);
    // While the agent sleeps it repairs nothing.
    this.network.signal("agent", "SIGSTOP");
    try {
      await run(
        `nft insert rule inet nanami output udp dport ${port} accept
         for f in -4 -6; do ip $f rule add pref 100 ipproto udp dport ${port} lookup main; done`,
      );
      await speak(this.laptop, [ECHO.v4, ECHO.v6], port, text);
    } finally {
      await run("for f in -4 -6; do ip $f rule del pref 100; done");
      this.network.signal("agent", "SIGCONT");
    }
  }

  #listen(agent: AgentClient): void {
    const told = (): void => {
      const { tunnel, inForce, path } = this.#snapshot;
      const at = Date.now() + 1;
      this.timeline.told(tunnel, at);
      const isPinned =
        path?.selection.value.routingMode === "manual" && inForce?.ingress.name === this.#pinned;
      if (isPinned && tunnel.state === "connected" && this.#pinned !== null)
        this.timeline.gateways([gatewaySite(this.#pinned).v4], at);
    };
    agent.onChanged(({ patch }) => {
      if (agent !== this.#agent) return;
      // A patch has the fields that changed, whole.
      this.#snapshot = { ...this.#snapshot, ...patch } as Snapshot;
      told();
    });
    told();
  }

  /** A request of the person's. `answered` is told of the answer unless something else was asked meanwhile. */
  async #ask<M extends MethodName>(
    method: M,
    params: Params<M>,
    answered: (answer: Result<M>) => void,
  ): Promise<void> {
    const request = (this.#request += 1);
    const asking = this.#agent.call(method, params).then(
      (answer) => {
        if (request === this.#request) answered(answer);
      },
      // The agent may refuse, and may be killed while it thinks: then nothing more is promised than before.
      () => undefined,
    );
    await Promise.race([asking, delay(ANSWER_MS)]);
  }

  async #connect(mode: TrafficMode): Promise<void> {
    this.#wanted = mode;
    this.#mode = mode;
    this.#accepted = false;
    this.timeline.asks(mode, Date.now());
    await this.#ask("connect", { mode }, ({ tunnel }) => {
      this.#accepted = true;
      if ("mode" in tunnel) this.timeline.connected(tunnel.mode, Date.now() + 1);
    });
  }

  async #disconnect(): Promise<void> {
    this.#request += 1;
    this.#wanted = null;
    this.timeline.disconnects(Date.now());
    await this.#agent.call("disconnect", {});
    if (!this.#linkLost) await this.#asBefore();
  }

  #pin(ingress: string, egress: string): Promise<void> {
    const id = (name: string) => this.#gatewayIds.get(name) ?? null;
    return this.#prefer(
      { routingMode: "manual", ingressDeviceId: id(ingress), egressDeviceId: id(egress) },
      ingress,
    );
  }

  async #prefer(selection: Selection, pinned: string | null): Promise<void> {
    this.timeline.gateways(null, Date.now());
    this.#pinned = null;
    const value = { trafficMode: this.#mode, selection };
    await this.#ask("setPreference", { layer: "device", value }, () => (this.#pinned = pinned));
  }

  async #localNetwork(allow: boolean): Promise<void> {
    if (allow) this.timeline.localNetwork(true, Date.now());
    await this.#ask("setSettings", { localNetwork: allow ? "allow" : "block" }, () =>
      this.timeline.localNetwork(allow, Date.now() + 1),
    );
  }

  /** Whatever goes to or comes from this gateway is lost in the middle of the Internet; null = all are back. */
  async #silence(name: string | null): Promise<void> {
    const drops = name === null ? "" : `iifname "${name}" drop; oifname "${name}" drop`;
    await this.network.world.host("internet").run("nft", ["-f", "-"], {
      input: `table inet dead { }
        delete table inet dead
        table inet dead {
          chain forward {
            type filter hook forward priority -300
            ${drops}
          }
        }`,
    });
  }

  async #link(lost: boolean): Promise<void> {
    this.#linkLost = lost;
    const { host, port } = PLACES[this.#place];
    await this.network.world.host(host).run("ip", ["link", "set", "dev", port, lost ? "down" : "up"]);
  }

  async #move(to: Place): Promise<void> {
    await this.#link(false);
    await move(this.laptop, PLACES[this.#place].interface, PLACES[to].interface);
    this.#place = to;
    this.#resolvConf = `nameserver ${PLACES[to].resolver}\n`;
  }

  async #replaceControlPlane(by: "down" | "garbage" | "silence" | "back"): Promise<void> {
    if (by === "back") {
      if (this.#controlPlane === "up") return;
      this.#impostor?.kill("SIGKILL");
      await this.#impostor;
      this.#impostor = null;
      await this.network.startControlPlane();
      this.#controlPlane = "up";
      return;
    }
    await this.network.stop("control-plane", "SIGKILL");
    this.#controlPlane = "away";
    if (by === "down") return;
    const files = ["tls.pem", "tls-key.pem"].map((name) => this.network.path(name));
    const host = this.network.world.host(CONTROL.host);
    this.#impostor = host.spawn(process.execPath, [IMPOSTOR, by, ...files], { buffer: false });
    await untilLine(CONTROL.host, "the impostor", this.#impostor, /^ready$/);
  }

  async #kill(awayMs: number): Promise<void> {
    this.#request += 1;
    await this.network.stop("agent", "SIGKILL");
    this.#agent.close();
    await delay(awayMs);
    await this.network.startAgent();
    this.#agent = await this.network.agent();
    this.#snapshot = (await this.#agent.call("subscribe", {})).snapshot;
    this.#listen(this.#agent);
  }

  /** The device's own programs stand still; the load and the captures do not, so that what leaves is seen. */
  async #sleep(ms: number, clockHours: number): Promise<void> {
    const carrier = (signal: string) =>
      this.laptop.run("sh", [
        "-c",
        `for pid in $(pidof wireguard-go); do
           [ "$(readlink /proc/$pid/ns/net)" != "$(readlink /proc/self/ns/net)" ] || kill -${signal} $pid
         done`,
      ]);
    this.network.signal("agent", "SIGSTOP");
    await carrier("STOP");
    await delay(ms);
    this.#clock += clockHours * HOUR_MS;
    await writeFile(this.#clockFile, String(this.#clock));
    await carrier("CONT");
    this.network.signal("agent", "SIGUSR2");
    this.network.signal("agent", "SIGCONT");
  }

  async #tamper(what: Tampering): Promise<void> {
    if (what === "resolver") {
      this.#resolvConf = `nameserver ${PLACES[this.#place].resolver}\n# somebody was here\n`;
      await this.laptop.run("sh", ["-c", "cat > /etc/resolv.conf"], { input: this.#resolvConf });
      return;
    }
    const began = Date.now();
    // Nothing of it is there while nobody is connected; and a peer is only noticed by its silence.
    const { exitCode } = await this.laptop.exec("sh", ["-c", DELETIONS[what]]);
    if (exitCode !== 0 || !this.timeline.holds || what === "peers") return;
    const stands = async () => (await this.laptop.exec("sh", ["-c", STANDS[what]])).exitCode;
    // One hole at a time: the routes hold what the firewall does not, and the other way round.
    await expect
      .poll(stands, { timeout: REPAIR_MS, interval: 25, message: `${what} was not repaired` })
      .toBe(0);
    this.repairs.push({ what, ms: Date.now() - began });
  }

  async #rpFilter(value: number): Promise<void> {
    const names = ["all", "default", "eth0", "eth1"];
    const lines = names.map((name) => `echo ${value} > /proc/sys/net/ipv4/conf/${name}/rp_filter`);
    await this.laptop.run("sh", ["-ec", lines.join("\n")]);
  }

  /** Notes what the system is like in each place while nobody is connected. */
  async #visit(): Promise<void> {
    await this.#move("café");
    this.#baselines.set("café", await networkOf(this.laptop));
    await this.#move("hotel");
    this.#baselines.set("hotel", await networkOf(this.laptop));
  }

  /** Nobody is connected, and the system is what it was. */
  async #asBefore(): Promise<void> {
    expect(await this.laptop.run("cat", ["/etc/resolv.conf"])).toBe(this.#resolvConf.trimEnd());
    const before = this.#baselines.get(this.#place) ?? [];
    await expect
      .poll(async () => difference(before, await networkOf(this.laptop)), { timeout: 3_000, interval: 300 })
      .toEqual([]);
  }
}

const DELETIONS: Readonly<Record<Exclude<Tampering, "resolver">, string>> = {
  firewall: "nft delete table inet nanami",
  chain: "nft flush chain inet nanami output",
  rules: "for f in -4 -6; do ip $f rule del pref 5105; done",
  routes: "for f in -4 -6; do ip $f route flush table 20033; done",
  interface: "ip link del dev nanami0",
  peers: "for peer in $(wg show nanami0 peers); do wg set nanami0 peer $peer remove; done",
};

const STANDS: Readonly<Record<Exclude<Tampering, "resolver" | "peers">, string>> = {
  firewall: "nft list table inet nanami",
  chain: "nft list chain inet nanami output | grep -q 'reject\\|goto refuse'",
  rules: "ip -4 rule | grep -q 5105: && ip -6 rule | grep -q 5105:",
  routes: '[ -n "$(ip -4 route show table 20033)" ] && [ -n "$(ip -6 route show table 20033)" ]',
  interface: "ip link show dev nanami0",
};
