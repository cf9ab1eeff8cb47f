/**
 * What has to be true of the laptop's traffic, shown from outside the laptop: by the server that says whom it saw
 * and by the router in the middle of the Internet that counts who talked to whom.
 */
import { z } from "zod";
import type { AgentClient } from "../rpc/client.ts";
import { ECHO, GATEWAYS, gatewaySite, HOTEL, INTRANET, LAPTOP } from "./demo-places.ts";
import type { DemoNetwork } from "./demo-network.ts";
import { observe, type Observation } from "./observer.ts";
import { fetchFrom } from "./socket.ts";

/** One thing that holds or does not. `seen` says what was seen, in a few words; `evidence` all of it. */
export interface Proof {
  readonly claim: string;
  readonly held: boolean;
  readonly seen: string;
  readonly evidence?: string;
}

/** Bytes that are fetched to make a flow unmistakable. */
const LOAD = 400_000;
/** What keepalives, handshakes and probes may amount to meanwhile. */
const CHATTER = 20_000;

/** How the Internet sees the laptop itself. */
const hotel = [HOTEL.v4, LAPTOP.v6];
const echoes = [ECHO.v4, ECHO.v6];
const gateways = GATEWAYS.flatMap(({ v4, v6 }) => [v4, v6]);
const Answer = z.object({ title: z.string(), address: z.string() });

const url = (address: string, path = "/") =>
  `http://${address.includes(":") ? `[${address}]` : address}${path}`;

/** The address that a server saw the laptop come from. */
async function addressSeenBy(network: DemoNetwork, server: string): Promise<string> {
  const page = await fetchFrom(network.laptop, url(server), 3000);
  return Answer.parse(JSON.parse(page.body)).address;
}

/** Runs a proof until it holds, for a change that is still on its way; the last word counts. Milliseconds. */
export async function eventually(prove: () => Promise<Proof>, patience = 8000): Promise<Proof> {
  const deadline = performance.now() + patience;
  for (;;) {
    const proof = await prove();
    if (proof.held || performance.now() > deadline) return proof;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Turns whatever went wrong into a proof that did not hold. */
async function attempt(claim: string, prove: () => Promise<Omit<Proof, "claim">>): Promise<Proof> {
  try {
    return { claim, ...(await prove()) };
  } catch (error) {
    return { claim, held: false, seen: error instanceof Error ? error.message : String(error) };
  }
}

/** The private web application answers over both families. */
export function provePrivateReach(network: DemoNetwork): Promise<Proof> {
  return attempt("private web application answers", async () => {
    const began = performance.now();
    const pages = [];
    for (const address of [INTRANET.v4, INTRANET.v6]) {
      pages.push(Answer.parse(JSON.parse((await fetchFrom(network.laptop, url(address), 3000)).body)));
    }
    return {
      held: pages.every((page) => page.title === INTRANET.host),
      seen: `${INTRANET.v4}, ${INTRANET.v6}`,
      evidence: `both answers took ${(performance.now() - began).toFixed(0)} ms`,
    };
  });
}

/** The private web application does not answer: nothing of it is reachable. */
export function proveNoPrivateReach(network: DemoNetwork): Promise<Proof> {
  return attempt("private web application out of reach", async () => {
    const outcomes = await Promise.allSettled(
      [INTRANET.v4, INTRANET.v6].map((address) => fetchFrom(network.laptop, url(address), 1000)),
    );
    return {
      held: outcomes.every((outcome) => outcome.status === "rejected"),
      seen: outcomes.every((outcome) => outcome.status === "rejected") ? "no answer" : "it answered",
      evidence: outcomes.map((one) => (one.status === "rejected" ? String(one.reason) : "")).join("; "),
    };
  });
}

/** Nothing leaves: neither the private network nor the Internet answers, and nothing is seen of the laptop there. */
export function proveClosed(network: DemoNetwork): Promise<Proof> {
  return proveShut(network, "nothing leaves this device", [INTRANET.v4, INTRANET.v6, ECHO.v4, ECHO.v6]);
}

/**
 * No Internet, neither directly nor through a gateway. What is private enters at the ingress, and may go on where it
 * is the exit alone that does not answer.
 */
export function proveNoInternet(network: DemoNetwork): Promise<Proof> {
  return proveShut(network, "no Internet traffic leaves this device", [ECHO.v4, ECHO.v6]);
}

function proveShut(network: DemoNetwork, claim: string, servers: readonly string[]): Promise<Proof> {
  return attempt(claim, async () => {
    const { result, seen } = await observe(network.world.host("internet"), () =>
      Promise.allSettled(servers.map((address) => fetchFrom(network.laptop, url(address), 1000))),
    );
    const out = seen.bytes(hotel, echoes);
    return {
      held: out === 0 && result.every((outcome) => outcome.status === "rejected"),
      seen: `${out} bytes reached the echo server directly`,
      evidence: result
        .map((one) => (one.status === "rejected" ? String(one.reason) : "it answered"))
        .join("; "),
    };
  });
}

interface Sighting {
  readonly addresses: readonly [v4: string, v6: string];
  readonly seen: Observation;
}

/** Talks to the echo server over both families, with a load, and says whom it saw and what crossed the Internet. */
async function talkToTheInternet(network: DemoNetwork): Promise<Sighting> {
  const { result, seen } = await observe(network.world.host("internet"), async () => {
    const addresses: [string, string] = [
      await addressSeenBy(network, ECHO.v4),
      await addressSeenBy(network, ECHO.v6),
    ];
    for (const address of [ECHO.v4, ECHO.v6]) {
      await fetchFrom(network.laptop, url(address, `/bytes/${LOAD}`), 5000);
    }
    return addresses;
  });
  return { addresses: result, seen };
}

const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;

/** Internet traffic goes its ordinary way and does not enter the tunnel. */
export function proveDirectInternet(network: DemoNetwork): Promise<Proof> {
  return attempt("Internet traffic stays outside", async () => {
    const { addresses, seen } = await talkToTheInternet(network);
    const fromTunnel = seen.bytes(gateways, hotel);
    const fromGateways = seen.bytes(echoes, gateways);
    const direct = seen.bytes(echoes, hotel, "tcp");
    return {
      held:
        addresses[0] === HOTEL.v4 &&
        addresses[1] === LAPTOP.v6 &&
        direct > 2 * LOAD &&
        fromGateways === 0 &&
        fromTunnel < CHATTER,
      seen: `echo saw ${addresses[0]}`,
      evidence: `the echo server saw ${addresses.join(" and ")}; ${kilobytes(direct)} went directly, ${kilobytes(fromGateways)} through gateways, which sent the laptop ${kilobytes(fromTunnel)}`,
    };
  });
}

/** All Internet traffic enters at one gateway and leaves at another (or the same), over both families. */
export function proveFullTunnel(
  network: DemoNetwork,
  ingressName: string,
  egressName: string,
): Promise<Proof> {
  const ingress = gatewaySite(ingressName);
  const egress = gatewaySite(egressName);
  const same = ingress.name === egress.name;
  const claim = same ? `through ${egress.name}` : `${ingress.name} → ${egress.name}`;
  return attempt(claim, async () => {
    const { addresses, seen } = await talkToTheInternet(network);
    const direct = seen.bytes(hotel, echoes) + seen.bytes(echoes, hotel);
    const others = gateways.filter((one) => one !== ingress.v4 && one !== ingress.v6);
    const astray = seen.bytes(others, hotel);
    const carried = seen.bytes([ingress.v4, ingress.v6], hotel, "udp");
    const relayed = seen.bytes([egress.v4, egress.v6], [ingress.v4, ingress.v6], "udp");
    const out = seen.bytes(echoes, [egress.v4, egress.v6], "tcp");
    return {
      held:
        addresses[0] === egress.v4 &&
        addresses[1] === egress.v6 &&
        direct === 0 &&
        astray < CHATTER &&
        out > 2 * LOAD &&
        carried > 2 * LOAD &&
        (same || relayed > 2 * LOAD),
      seen: `echo saw ${addresses[0]}, ${kilobytes(carried)} ${same ? "in the tunnel" : `by ${ingress.name}`}`,
      evidence:
        `the echo server saw ${addresses.join(" and ")}; ${ingress.name} carried ${kilobytes(carried)}, ` +
        `${egress.name} sent it ${kilobytes(relayed)}; ${kilobytes(direct)} went around all gateways, ` +
        `${kilobytes(astray)} through others`,
    };
  });
}

/**
 * `proveFullTunnel` for the gateways that the agent says are in force. An automatic choice may move at any time, when
 * round trips were measured anew: the gateways of a path that was read before may be those of a moment ago.
 */
export async function proveTunnelInForce(network: DemoNetwork, agent: AgentClient): Promise<Proof> {
  const { inForce } = await agent.call("status", {});
  if (inForce === null)
    return { claim: "through the gateways in force", held: false, seen: "there are none" };
  return proveFullTunnel(network, inForce.ingress.name, inForce.egress?.name ?? inForce.ingress.name);
}
