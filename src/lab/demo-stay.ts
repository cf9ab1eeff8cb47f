/** The demo that stays: what the device does and why, then one live line until somebody ends it. */
import type { Snapshot } from "../rpc/contract.ts";
import type { ResolvedPath } from "../routing/types.ts";
import { explainPath } from "../routing/explain-path.ts";
import { INTRANET } from "./demo-places.ts";
import { isConnected, until } from "./device.ts";
import type { DemoNetwork } from "./demo-network.ts";
import { eventually, proveDirectInternet, provePrivateReach } from "./proof.ts";
import { fetchFrom } from "./socket.ts";
import { bitRate, bold, dim, heading, liveLine, paragraph, print, verdict, type Steps } from "./terminal.ts";

/** Bytes fetched through the tunnel to say how fast it is. */
const SAMPLE = 20_000_000;

/**
 * Enrols, connects, shows everything, and stays until `ending`. `window` says where the app is. Returns the exit
 * status.
 */
export async function showAndStay(
  network: DemoNetwork,
  steps: Steps,
  { ending, window }: { readonly ending: Promise<unknown>; readonly window?: string | undefined },
): Promise<number> {
  const agent = await network.agent();
  try {
    steps.begin("enrolling the laptop by link");
    const { workspaceName, networkName } = await agent.call("enroll", {
      link: await network.deviceLink(),
      name: "laptop",
    });
    steps.done(`laptop enrolled in ${workspaceName} / ${networkName}`);
    steps.begin("connecting");
    await agent.call("connect", {});
    const connected = await until(agent, "connected", (snapshot) => isConnected(snapshot, "vpn_only"));
    steps.done("connected");

    if (connected.path !== null) {
      const names = new Map((await agent.call("gateways", {})).map((one) => [one.deviceId, one.name]));
      showPath(connected.path, (id) => names.get(id) ?? id);
    }
    heading("State");
    paragraph(stateText(connected));

    heading("Throughput");
    const began = performance.now();
    await fetchFrom(network.laptop, `http://${INTRANET.v4}/bytes/${SAMPLE}`, 60_000);
    const rate = SAMPLE / ((performance.now() - began) / 1000);
    paragraph(`${bitRate(rate)} from the private web application through the tunnel.`);

    heading("Proof");
    for (const prove of [provePrivateReach, proveDirectInternet]) {
      const proof = await eventually(() => prove(network));
      verdict(proof.held, `${proof.claim}: ${proof.seen}`);
      if (!proof.held && proof.evidence !== undefined) paragraph(proof.evidence);
    }

    if (window !== undefined) {
      heading("App");
      print(`  ${window}`);
    }

    heading("Now try, in another terminal");
    for (const [command, meaning] of [
      ["npm run nanami -- up --mode full_tunnel", "everything through the gateway"],
      ["npm run nanami -- path", "where traffic goes, and why"],
      ["npm run nanami -- gateways", "what there is to choose from"],
      ["npm run lab -- hosts", "who is in this world"],
      ["npm run lab -- exec laptop -- ip route", "any program on any host"],
    ] as const) {
      print(`  ${bold(command.padEnd(42))} ${dim(meaning)}`);
    }
    print(`\n  ${dim("Ctrl-C ends all of it.")}\n`);

    await stayLive(agent, ending);
    print();
    return 0;
  } finally {
    agent.close();
  }
}

function showPath(path: ResolvedPath, nameOf: (deviceId: string) => string): void {
  const [headline = "", ...reasons] = explainPath(path, nameOf);
  heading("Path");
  paragraph(headline);
  heading("Why");
  for (const reason of reasons) paragraph(reason);
}

/** One plain sentence that never claims more than is known. */
function stateText({ tunnel }: Pick<Snapshot, "tunnel">): string {
  switch (tunnel.state) {
    case "disconnected":
    case "connecting":
      if (tunnel.reason !== undefined) return `${tunnel.reason.message} ${tunnel.reason.remedy}`;
      return tunnel.state === "connecting" ? "Connecting…" : "Not connected.";
    case "disconnecting":
      return "Disconnecting…";
    case "connected":
      return `${
        tunnel.mode === "vpn_only"
          ? "Private network connected. Other traffic goes directly."
          : "All traffic goes through the tunnel."
      } ${tunnel.verified === "traffic" ? "Traffic was seen to pass." : "The gateway answered the handshake."}`;
    case "reconnecting":
    case "blocked":
      return `${tunnel.reason.message} ${tunnel.reason.remedy}`;
  }
}

async function stayLive(
  agent: Awaited<ReturnType<DemoNetwork["agent"]>>,
  ending: Promise<unknown>,
): Promise<void> {
  let { snapshot } = await agent.call("subscribe", {});
  const show = (): void => {
    const { traffic, path } = snapshot;
    const ends = [
      path?.ingress?.name,
      path?.trafficMode.value === "full_tunnel" ? path.egress?.name : undefined,
    ];
    const way = ends.filter((end, index) => end !== undefined && end !== ends[index - 1]).join(" → ");
    const rates =
      traffic === null
        ? []
        : [
            `↓ ${bitRate(traffic.rxRate)}  ↑ ${bitRate(traffic.txRate)}`,
            ...(traffic.roundTripMs === null ? [] : [`${traffic.roundTripMs.toFixed(1)} ms`]),
          ];
    liveLine([snapshot.tunnel.state, path?.trafficMode.value, way, ...rates].filter(Boolean).join(" · "));
  };
  show();
  const stop = agent.onChanged(({ patch }) => {
    // A patch carries only the fields that are new, never an undefined one.
    snapshot = { ...snapshot, ...patch } as Snapshot;
    show();
  });
  const lost = new Promise<void>((resolve) => agent.onClosed(resolve));
  await Promise.race([ending, lost.then(() => Promise.reject(new Error("the agent has ended by itself")))]);
  stop();
}
