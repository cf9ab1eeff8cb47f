/** The demo as a script: every mode and pin in turn, each proved from outside the laptop, one line each. */
import type { AgentClient } from "../rpc/client.ts";
import { connectIn, isConnected, prefer, until } from "./device.ts";
import type { DemoNetwork } from "./demo-network.ts";
import {
  eventually,
  proveDirectInternet,
  proveFullTunnel,
  proveNoPrivateReach,
  provePrivateReach,
  proveTunnelInForce,
} from "./proof.ts";
import type { Proof } from "./proof.ts";
import { heading, paragraph, verdict, type Steps } from "./terminal.ts";
import { gatewaysOf } from "./seed.ts";

/** Walks through everything. Returns the exit status: 0 only if every proof held. */
export async function showOnce(network: DemoNetwork, steps: Steps): Promise<number> {
  const began = performance.now();
  const proofs: Proof[] = [];
  const show = async (title: string, prove: () => Promise<Proof>): Promise<void> => {
    const proof = await eventually(prove);
    proofs.push(proof);
    verdict(proof.held, `${title.padEnd(13)}${proof.claim}: ${proof.seen}`);
    if (!proof.held && proof.evidence !== undefined) paragraph(proof.evidence);
  };

  steps.begin("enrolling the laptop by link");
  const agent: AgentClient = await network.agent();
  try {
    await agent.call("enroll", { link: await network.deviceLink(), name: "laptop" });
    steps.done();

    steps.begin("connecting");
    await connectIn(agent, "vpn_only");
    steps.done("connected, vpn_only");
    heading("Proof");
    await show("vpn_only", () => provePrivateReach(network));
    await show("vpn_only", () => proveDirectInternet(network));

    await connectIn(agent, "full_tunnel");
    await show("full_tunnel", () => proveTunnelInForce(network, agent));

    const gateways = await gatewaysOf(network.operator, network.seed.networks.corp);
    const idOf = (name: string): string => {
      const gateway = gateways.get(name);
      if (gateway === undefined) throw new Error(`the control plane lists no gateway ${name}`);
      return gateway.deviceId;
    };
    for (const [from, to] of [
      ["tokyo", "frankfurt"],
      ["osaka", "frankfurt"],
    ] as const) {
      await prefer(agent, "full_tunnel", {
        routingMode: "manual",
        ingressDeviceId: idOf(from),
        egressDeviceId: idOf(to),
      });
      await until(agent, `connected, ${from} → ${to}`, (snapshot) =>
        isConnected(snapshot, "full_tunnel", { ingress: from, egress: to }),
      );
      await show("pinned", () => proveFullTunnel(network, from, to));
    }

    await agent.call("disconnect", {});
    await show("disconnected", () => proveNoPrivateReach(network));
    await show("disconnected", () => proveDirectInternet(network));
  } finally {
    agent.close();
  }

  const held = proofs.filter((proof) => proof.held).length;
  heading(`${held} of ${proofs.length} proofs held, ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return held === proofs.length ? 0 : 1;
}
