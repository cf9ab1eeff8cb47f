/** A desk over a fake agent that is served by the real RPC server over a real socket. */
import { AgentLink } from "../../../src/face/agent-link.ts";
import { Desk, ShellRefusal, type Shell } from "../../../src/face/desk.ts";
import { DEFAULT_PRESENTATION, type HostFacts, type Presentation } from "../../../src/bridge/state.ts";
import { connectAgent } from "../../../src/rpc/client.ts";

export const FACTS: HostFacts = {
  kind: "browser",
  appVersion: "0.0.0",
  platform: "linux",
  canInstallService: false,
  installCommand: "sudo nanami service install --for 1000",
  startCommand: "sudo systemctl start nanamid",
  tray: false,
  canStartAtLogin: false,
  canOpenLinks: false,
};

const no = () =>
  Promise.reject(new ShellRefusal({ code: "unavailable", message: "this shell has no dialogs" }));

/** A started link to the agent at `socket` with its desk. `kept`: every presentation that was to be stored. */
export function deskAt(socket: string, shell: Partial<Shell> = {}) {
  const kept: Presentation[] = [];
  const states: string[] = [];
  const link: AgentLink = new AgentLink({
    connect: () => connectAgent(socket, { timeoutMs: 2000 }),
    now: () => new Date("2026-11-23T12:00:00.000Z"),
    onState: (state) => {
      states.push(state.state === "away" ? `away: ${state.why}` : state.state);
      desk.agentChanged();
    },
    onPatch: (patch) => desk.snapshotChanged(patch),
  });
  const desk = new Desk(link, {
    facts: FACTS,
    presentation: DEFAULT_PRESENTATION,
    keepPresentation: (presentation) => void kept.push(presentation),
    chooseFiles: no,
    saveFile: no,
    openPlace: no,
    installService: no,
    ...shell,
  });
  link.start();
  return { desk, link, kept, states, [Symbol.dispose]: () => link.close() };
}
