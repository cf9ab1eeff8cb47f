/** What a person sees and can do when something else changes or dies: the operator, a gateway, the control plane, the agent. */
import { beforeEach, expect, test } from "vitest";
import type { z } from "zod";
import type { RoutingPreference } from "../../../src/routing/schema.ts";
import type { Snapshot } from "../../../src/rpc/contract.ts";
import { bodyOf, overwrite } from "../../../src/lab/seed.ts";
import {
  proveClosed,
  proveDirectInternet,
  proveFullTunnel,
  proveNoInternet,
  proveTunnelInForce,
} from "../../../src/lab/proof.ts";
import { silence } from "../../../src/lab/silence.ts";
import { CONTROL, HOTEL, LAPTOP } from "../../../src/lab/demo-places.ts";
import { connectIn, isConnected, prefer, until } from "../../../src/lab/device.ts";
import { holds } from "../../holds.ts";
import type { AppWindow } from "./app-window.ts";
import { says } from "./eventually.ts";
import { demoForAll, windowsForAll } from "./for-all-tests.ts";
import { Home } from "./pages/home.ts";
import { Path } from "./pages/path.ts";
import { Preferences } from "./pages/preferences.ts";

const windows = windowsForAll();
const demo = demoForAll({ enrolled: true });
let app: AppWindow;
let home: Home;

beforeEach(async () => {
  // What one test broke is none of the next one's business, however that test ended.
  await cutOff(false);
  await silence(demo.network);
  app = await windows.open(demo.socket);
  home = new Home(app.page);
});

/** Whether the laptop alone cannot reach the control plane: everybody else does. */
async function cutOff(isCut: boolean): Promise<void> {
  const drops = `ip saddr ${HOTEL.v4} ip daddr ${CONTROL.v4} drop; ip6 saddr ${LAPTOP.v6} ip6 daddr ${CONTROL.v6} drop`;
  await demo.network.world.host("internet").run("nft", ["-f", "-"], {
    input: `
      table inet cut {
      }
      delete table inet cut
      table inet cut {
        chain forward {
          type filter hook forward priority -300
          ${isCut ? drops : ""}
        }
      }
    `,
  });
}

/** Changes what the operator wants of the whole network. */
async function setPolicy(policy: z.infer<typeof RoutingPreference>): Promise<void> {
  const { operator, seed } = demo.network;
  await overwrite(operator, `/networks/${seed.networks.corp}/routing-policy`, policy);
}

/** All traffic goes through the gateways that are in force when it is looked at: the platform may move its choice. */
async function holdsFullTunnel(): Promise<void> {
  using agent = await demo.network.agent();
  await holds(() => proveTunnelInForce(demo.network, agent));
}

/** In full tunnel by the platform's choice of gateways. */
async function connectedInFull(): Promise<void> {
  using agent = await demo.network.agent();
  await agent.call("setPreference", { layer: "device", value: {} });
  await connectIn(agent, "full_tunnel");
}

/** In full tunnel by gateways that nobody moves: what is in force once the agent is gone cannot be asked for. */
async function connectedBy(ingress: string, egress: string): Promise<void> {
  using agent = await demo.network.agent();
  const gateways = await agent.call("gateways", {});
  const idOf = (wanted: string) => gateways.find(({ name }) => name === wanted)?.deviceId ?? null;
  const ends = { ingressDeviceId: idOf(ingress), egressDeviceId: idOf(egress) };
  await prefer(agent, "full_tunnel", { routingMode: "manual", ...ends });
  await agent.call("connect", { mode: "full_tunnel" });
  const isThere = (snapshot: Snapshot) => isConnected(snapshot, "full_tunnel", { ingress, egress });
  await until(agent, `${ingress} → ${egress}`, isThere);
}

test("what the operator changes is seen at once, with who decided it; what loosens is announced", async () => {
  await home.turn();
  await says(home.headline, "Private network connected");
  await setPolicy({ trafficMode: "full_tunnel" });
  await says(home.headline, /All traffic leaves in \w+/);
  await says(app.page.getByRole("main"), "Set by your operator");
  await setPolicy({});
  await says(home.headline, "Private network connected");
  await says(home.card, "Your operator loosened your protection");
  await home.answer("Understood");
});

test("a change made while the control plane is away is in force here, and said to be not saved until it is", async () => {
  await demo.network.stop("control-plane");
  await home.chooseMode("Full tunnel");
  await says(home.headline, /All traffic leaves in \w+/);
  await says(home.card, "Not saved yet");
  await demo.network.startControlPlane();
  const preferences = new Preferences(app.page);
  await preferences.open();
  await says(preferences.device.within, "This is what is stored.");
  await preferences.device.press("Use my default");
  await says(preferences.device.within, "Nothing is set here.");
});

test("a control plane that dies is said to be away; the tunnel goes on, what needs it says so, and it comes back", async () => {
  await connectedInFull();
  await says(home.headline, /All traffic leaves in \w+/);
  await demo.network.stop("control-plane", "SIGKILL");
  await says(home.card, "The control plane does not answer");
  await says(home.card, "What is in force stays in force. Changes wait here and are saved later.");
  await says(home.headline, /All traffic leaves in \w+/);
  await holdsFullTunnel();

  // What is known here is shown; what only the control plane knows says that it does not answer.
  const why = new Path(app.page);
  await why.open();
  await says(why.gateways, "The gateways could not be asked for");
  await says(why.layers, /This device.*Full tunnel/);
  const change = await why.tryChange();
  await change.mode("Private network");
  await says(change.within, "Other traffic goes directly.");
  await change.press("Discard");

  await demo.network.startControlPlane();
  await says(why.gateways, /Frankfurt/);
  await home.open();
  await home.card.waitFor({ state: "detached" });
  await holdsFullTunnel();
});

test("what somebody else stored meanwhile is a conflict, and the person decides", async () => {
  using agent = await demo.network.agent();
  const { path } = await connectIn(agent, "vpn_only");
  await cutOff(true);
  await home.chooseMode("Full tunnel");
  await says(home.card, "Not saved yet");
  const elsewhere = demo.network.client(demo.network.seed.member.token);
  const stored = `/devices/${path?.deviceId ?? ""}/routing-preference`;
  await overwrite(elsewhere, stored, { trafficMode: "vpn_only", selection: { routingMode: "auto" } });
  await cutOff(false);
  // The stored value would open what the person closed, so it waits for them.
  await says(home.card, "A change waits for your consent");
  await says(home.headline, /All traffic leaves in \w+/);
  await home.answer("Keep full tunnel");
  await home.card.waitFor({ state: "detached" });
  await says(home.headline, /All traffic leaves in \w+/);
});

test("a pinned exit that dies closes the device and says so; one button lets the platform choose", async () => {
  using agent = await demo.network.agent();
  const frankfurt = (await agent.call("gateways", {})).find(({ name }) => name === "frankfurt");
  if (frankfurt === undefined) throw new Error("the world has no frankfurt");
  await agent.call("setPreference", {
    layer: "device",
    value: {
      trafficMode: "full_tunnel",
      selection: { routingMode: "manual", ingressDeviceId: null, egressDeviceId: frankfurt.deviceId },
    },
  });
  await connectIn(agent, "full_tunnel");
  await says(home.headline, "All traffic leaves in Frankfurt");
  await silence(demo.network, "frankfurt");
  await says(home.headline, "Nothing leaves this device: frankfurt does not answer");
  await holds(() => proveNoInternet(demo.network));
  await home.answer("Use automatic exit");
  await says(home.headline, /All traffic leaves in (?!Frankfurt)\w+/);
  await silence(demo.network);
});

test("an agent that is killed leaves the window in its place and the device protected, and is found again", async () => {
  await connectedBy("tokyo", "frankfurt");
  const preferences = new Preferences(app.page);
  await preferences.open();
  await demo.network.stop("agent", "SIGKILL");
  const gone = app.page.getByRole("alert").filter({ hasText: "The Nanami service does not answer" });
  await gone.waitFor();
  await holds(() => proveFullTunnel(demo.network, "tokyo", "frankfurt"));
  await demo.network.startAgent();
  await gone.waitFor({ state: "detached" });
  await says(app.page.getByRole("heading", { level: 1 }), "Preferences");
  await home.open();
  await says(home.headline, /All traffic leaves in \w+/);
});

test("a device that is removed from its network stays closed and says so; a disconnect and a log-out end it", async () => {
  using agent = await demo.network.agent();
  const { enrollment } = await connectIn(agent, "full_tunnel");
  await says(home.headline, /All traffic leaves in \w+/);
  const path = `/devices/${enrollment?.deviceId ?? ""}`;
  bodyOf(await demo.network.operator.call({ method: "DELETE", path, answer: null }));
  await says(home.card, "This device was removed from its network");
  await says(home.headline, "Nothing leaves this device: this device was removed from its network");
  await holds(() => proveClosed(demo.network));
  await home.answer("Disconnect");
  await says(home.headline, "Not connected");
  await holds(() => proveDirectInternet(demo.network));
  await home.answer("Log out");
  await app.page.getByRole("alertdialog").getByRole("button", { name: "Log out" }).click();
  await says(home.headline, "Where should your traffic go?");
  expect(await agent.call("status", {})).toMatchObject({ enrollment: null, path: null });
});
