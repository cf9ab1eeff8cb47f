/** What faces are told of the tunnel: the engine's status with what the agent knows beside it. Pure. */
import type { Snapshot } from "../rpc/contract.ts";
import type { AGENT_BLOCKAGES } from "../rpc/said.ts";
import { SILENT } from "../tunnel/machine.ts";
import type { Intent, TunnelStatus } from "../tunnel/types.ts";
import type { Silence } from "./failover.ts";
import type { PortalHint } from "./portal/portal-watch.ts";
import type { Path } from "./routing-state.ts";

type AgentBlockage = (typeof AGENT_BLOCKAGES)[number];

export interface Beside {
  /** The managed path; null where a profile is connected. */
  readonly path: Path | null;
  readonly intent: Intent | null;
  /** What is known of gateways that do not answer; null = none is. */
  readonly silence: Silence | null;
  /** Another pair than the path's own is in use. */
  readonly failedOver: boolean;
  /** Somebody on the way answered in the control plane's place. */
  readonly intercepted: boolean;
  /** The network announces a page to sign in at, and nothing else answers; null = it does not. */
  readonly portal: PortalHint | null;
}

type InForce = NonNullable<Snapshot["inForce"]>;

/**
 * The engine's status; a silence is explained: by a captive portal, by the gateways that were chosen by hand (that is
 * `blocked`, and ends by itself when they answer), or by name. While pairs are tried again that were silent before, to
 * the engine each is a new connection; for a person nothing has changed until something answers. A device that is told
 * to be open is told so whoever is silent.
 */
export function shownTunnel(engine: TunnelStatus, beside: Beside): TunnelStatus {
  const { path, intent, portal, silence } = beside;
  const hopeless = silence !== null && (silence.exhausted || silence.pinned.length > 0);
  const unanswered =
    engine.state === "connecting"
      ? engine.reason === undefined
      : engine.state === "reconnecting" && engine.reason.code === "gateway_silent";
  const status =
    "mode" in engine && unanswered && hopeless
      ? ({ state: "reconnecting", mode: engine.mode, since: silence.since, reason: SILENT } as const)
      : engine;
  if (status.state !== "reconnecting" || status.reason.code !== "gateway_silent") return status;
  if (beside.intercepted || portal !== null) {
    const at = typeof portal?.host === "string" ? ` at ${portal.host}` : "";
    return {
      ...status,
      reason: {
        code: "captive_portal" satisfies AgentBlockage,
        ...(typeof portal?.host === "string" ? { facts: { host: portal.host } } : {}),
        message: `This Wi-Fi asks you to sign in${at}.`,
        remedy: "Disconnect to sign in (nanami down), and connect again afterwards (nanami up).",
      },
    };
  }
  if (path === null || intent === null) return status;
  const pinned = silence?.pinned ?? [];
  const members = pinned.length > 0 ? pinned : intent.peers.map(({ name }) => name);
  const names = members.join(" → ");
  if (names === "") return status;
  const silent = `${names} ${members.length === 1 ? "does" : "do"} not answer`;
  if (pinned.length > 0)
    return {
      ...status,
      state: "blocked",
      reason: {
        code: "pinned_gateway_silent" satisfies AgentBlockage,
        facts: { gateways: names },
        message: `${silent}, and nothing else is used because the gateway was chosen by hand.`,
        remedy:
          "Use the automatic choice, or choose another gateway (nanami gateways). It goes on by itself as soon as the gateway answers.",
      },
    };
  const others = silence?.exhausted === true && path.alternates.length > 0;
  const message = others
    ? `${silent}, and none of the other gateways does. Traffic that belongs in the tunnel waits.`
    : `${silent}. Traffic that belongs in the tunnel waits.`;
  return { ...status, reason: { ...status.reason, message, facts: { gateways: names } } };
}

/** The gateways that the engine uses, as the path names them; null where they are none of a managed path's. */
export function inForceOf({
  path,
  intent,
  failedOver,
}: Pick<Beside, "path" | "intent" | "failedOver">): InForce | null {
  if (path === null || intent === null) return null;
  const hops = [path, ...path.alternates].flatMap(({ ingress, egress }) => [ingress, egress]);
  const named = (publicKey: string | undefined): InForce["ingress"] | null => {
    const hop = hops.find((candidate) => candidate?.publicKey === publicKey);
    return hop === undefined ? null : { deviceId: hop.deviceId, name: hop.name, region: hop.region };
  };
  const near = intent.peers.find((peer) => peer.via === undefined);
  const far = intent.peers.find((peer) => peer.via !== undefined) ?? near;
  const ingress = named(near?.publicKey);
  if (ingress === null) return null;
  return { ingress, egress: intent.mode === "full_tunnel" ? named(far?.publicKey) : null, failedOver };
}

/**
 * Whether somebody stands between this device and its control plane, judged by how the connection failed: a
 * certificate of another authority or name, no TLS at all, or a redirect (RFC 8952 calls such a network captive).
 */
export function looksIntercepted(problem: string): boolean {
  return /self[- ]signed certificate|unable to (?:verify|get)[a-z ]*certificate|does not match certificate|wrong version number|packet length too long|status (?:30[12378]|511)\b/i.test(
    problem,
  );
}
