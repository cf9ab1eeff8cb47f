/** `nanami status` for people. */
import type { Snapshot } from "../../rpc/contract.ts";
import { drawing, hopNames } from "./drawing.ts";
import { headline } from "./headline.ts";
import type { Paint } from "./paint.ts";
import { facts } from "./table.ts";
import { paragraph } from "./width.ts";
import { bytes, duration, milliseconds } from "./units.ts";

function stateText({ tunnel }: Snapshot, now: Date): string {
  if (tunnel.state === "disconnected") return "disconnected";
  const age = duration((now.getTime() - Date.parse(tunnel.since)) / 1000);
  if (tunnel.state !== "connected") return `${tunnel.state} for ${age}`;
  const proof = { traffic: "traffic was seen to pass", handshake: "a handshake was seen, nothing to probe" };
  return `connected for ${age}; ${proof[tunnel.verified]}`;
}

function modeText({ tunnel, path, profile }: Snapshot): string | undefined {
  if (profile !== null && "mode" in tunnel) return `${tunnel.mode}, of the profile ${profile.name}`;
  if (path !== null) return `${path.trafficMode.value}, decided by ${path.trafficMode.decidedBy}`;
  return "mode" in tunnel ? tunnel.mode : undefined;
}

/** The gateways that stand in for those of the path. */
function standInText({ inForce, path }: Snapshot): string | undefined {
  if (inForce?.failedOver !== true || path?.ingress === undefined) return undefined;
  const { ingress, egress } = inForce;
  const own = hopNames(path.ingress, egress === null ? undefined : path.egress);
  const used =
    egress === null || egress.deviceId === ingress.deviceId
      ? ingress.name
      : `${ingress.name} → ${egress.name}`;
  return `${used}, because ${own} did not answer`;
}

/** Where a link on the way drops large packets. */
function packetSizeText({ pathMtu }: Snapshot): string | undefined {
  if (pathMtu === null || pathMtu === undefined) return undefined;
  const { passes, intended, ipv6 } = pathMtu;
  return `${passes} bytes instead of ${intended}, because larger packets are lost on the way${ipv6 ? "" : "; IPv6 needs more, so it goes nowhere"}`;
}

/** Where everything goes through the tunnel and nobody in it is to be asked for names. */
function namesText({ tunnel, path, profile }: Snapshot): string | undefined {
  if (path === null || profile !== null || !("mode" in tunnel) || tunnel.mode !== "full_tunnel")
    return undefined;
  return path.tunnel.dns.servers.length > 0
    ? undefined
    : "the network names no resolver: this machine's own is asked, through the tunnel or not at all";
}

function controlPlaneText({ controlPlane, enrollment }: Snapshot): string | undefined {
  if (enrollment === null) return undefined;
  if (controlPlane.revoked) return `${enrollment.controlPlane} revoked this device`;
  if (controlPlane.connected) return `${enrollment.controlPlane}, connected`;
  return `${enrollment.controlPlane}, not connected${controlPlane.problem === null ? "" : `: ${controlPlane.problem}`}`;
}

function unsavedText({ unsaved }: Snapshot): string | undefined {
  if (unsaved === null) return undefined;
  return unsaved.conflict ?? `the change of the ${unsaved.layer} layer is in force and not saved yet`;
}

/** The state with its facts. `now` gives the ages; `columns` is the terminal's width. */
export function statusView(snapshot: Snapshot, now: Date, columns: number, paint: Paint): string {
  const { text, tone } = headline(snapshot);
  const { tunnel, traffic, enrollment, path } = snapshot;
  const stuck = "reason" in tunnel ? tunnel.reason : undefined;
  const managed = path !== null && snapshot.profile === null;
  const lines = managed && tunnel.state !== "disconnected" ? drawing(path) : [];
  return (
    `${paint[tone](paragraph(text, columns))}\n` +
    facts(
      [
        ["remedy", stuck?.remedy],
        ["state", stateText(snapshot, now)],
        ["mode", modeText(snapshot)],
        ["profile", snapshot.profile?.problem ?? undefined],
        ["no answer", traffic?.silentPeers?.join(", ")],
        ...lines.map((line, index): readonly [string, string] => [index === 0 ? "path" : "", line]),
        ["failed over", standInText(snapshot)],
        [
          "traffic",
          traffic === null
            ? undefined
            : `${bytes(traffic.rxRate)}/s in, ${bytes(traffic.txRate)}/s out (${bytes(traffic.rxBytes)} and ${bytes(traffic.txBytes)} so far)`,
        ],
        ["names", namesText(snapshot)],
        ["packet size", packetSizeText(snapshot)],
        ["round trip", traffic?.roundTripMs == null ? undefined : milliseconds(traffic.roundTripMs)],
        ["handshake", traffic?.handshakeAge == null ? undefined : `${duration(traffic.handshakeAge)} ago`],
        [
          "network",
          enrollment === null ? undefined : `${enrollment.networkName} of ${enrollment.workspaceName}`,
        ],
        ["control plane", controlPlaneText(snapshot)],
        ["announced", snapshot.announcement ?? undefined],
        ["not saved", unsavedText(snapshot)],
      ],
      columns,
      paint,
    )
  );
}
