/** The state in one sentence that never says more than is known. */
import type { Snapshot } from "../../rpc/contract.ts";
import type { Paint } from "./paint.ts";

/** Where traffic leaves, in the words of a person: the egress's region, or a profile's name. */
function exit(snapshot: Snapshot): string {
  if (snapshot.profile !== null) return `by the profile ${snapshot.profile.name}`;
  const hop = snapshot.inForce?.egress ?? snapshot.path?.egress ?? snapshot.path?.ingress;
  return hop === undefined ? "through the tunnel" : `in ${hop.region}`;
}

/** The sentence, and how good it is. */
export function headline(snapshot: Snapshot): { readonly text: string; readonly tone: keyof Paint } {
  const { tunnel } = snapshot;
  switch (tunnel.state) {
    case "disconnected":
      if (tunnel.reason !== undefined) return { text: tunnel.reason.message, tone: "bad" };
      return snapshot.enrollment === null
        ? { text: "Not enrolled", tone: "strong" }
        : { text: "Not connected. All traffic goes directly", tone: "strong" };
    case "connecting":
      return tunnel.reason === undefined
        ? { text: "Connecting…", tone: "warn" }
        : { text: tunnel.reason.message, tone: "bad" };
    case "connected":
      return tunnel.mode === "full_tunnel"
        ? { text: `All traffic leaves ${exit(snapshot)}`, tone: "good" }
        : {
            text: `${snapshot.profile === null ? "Private network" : `The profile ${snapshot.profile.name} is`} connected. Other traffic goes directly`,
            tone: "good",
          };
    case "reconnecting":
      return { text: `Reconnecting: ${tunnel.reason.message}`, tone: "warn" };
    case "blocked":
      return tunnel.mode === "full_tunnel"
        ? { text: `Nothing leaves this device: ${tunnel.reason.message}`, tone: "bad" }
        : {
            text: `The private network is closed, other traffic goes directly: ${tunnel.reason.message}`,
            tone: "bad",
          };
    case "disconnecting":
      return { text: "Disconnecting…", tone: "warn" };
  }
}
