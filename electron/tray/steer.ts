/** What the tray's entries ask of the agent. */
import type { AgentLink } from "../../src/face/agent-link.ts";
import type { Params } from "../../src/rpc/contract.ts";
import type { MenuAction } from "./menu.ts";

/** What the device's own layer says. */
type Preference = Params<"setPreference">["value"];

/** The device's preference with another exit; a pinned ingress stays. null = the platform chooses the exit. */
export function withExit(preference: Preference, egress: string | null): Preference {
  const { selection } = preference;
  const ingress = selection?.routingMode === "manual" ? selection.ingressDeviceId : null;
  return {
    ...preference,
    selection:
      ingress === null && egress === null
        ? { routingMode: "auto" }
        : { routingMode: "manual", ingressDeviceId: ingress, egressDeviceId: egress },
  };
}

/** Does it. Throws what the agent refuses with (see `AgentLink.call`). */
export async function steer(
  agent: Pick<AgentLink, "call">,
  action: Exclude<MenuAction, { do: "open" | "quit" }>,
): Promise<void> {
  switch (action.do) {
    case "connect":
      await agent.call("connect", {}, PATIENT);
      return;
    case "disconnect":
      await agent.call("disconnect", {}, PATIENT);
      return;
    // Chosen while disconnected, a mode is for the next time: it connects nothing.
    case "mode":
      await change(agent, (device) => ({ ...device, trafficMode: action.mode }));
      return;
    case "profile":
      await agent.call("connect", action.id === null ? {} : { profile: action.id }, PATIENT);
      return;
    case "exit":
      await change(agent, (device) => withExit(device, action.egress));
  }
}

async function change(
  agent: Pick<AgentLink, "call">,
  changed: (device: Preference) => Preference,
): Promise<void> {
  const device = (await agent.call("getPreferences", {})).find(({ layer }) => layer === "device");
  await agent.call(
    "setPreference",
    {
      layer: "device",
      value: changed(device?.value ?? {}),
      ...(device === undefined ? {} : { etag: device.etag }),
    },
    PATIENT,
  );
}

/** As long as a network that does not answer needs; milliseconds. */
const PATIENT = { timeoutMs: 90_000 } as const;
