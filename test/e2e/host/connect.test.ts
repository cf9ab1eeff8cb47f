/** The app before the real agent in the demo world: enrolled by a link, steered from the tray. */
import { afterAll, describe, expect, test } from "vitest";
import { proveFullTunnel, provePrivateReach } from "../../../src/lab/proof.ts";
import { holds } from "../../holds.ts";
import { demoForAll } from "../app/for-all-tests.ts";
import { closeHosts, STARTERS } from "./hosts.ts";
import { ask, offers, stateSeen } from "./page-request.ts";
import { busForAll } from "./session-bus.ts";

/** As long as the world may need on a machine that has much to do; milliseconds. */
const PATIENCE = { timeout: 30_000 } as const;

const demo = demoForAll();
const bus = busForAll();

afterAll(closeHosts);

/** Name of the gateway where traffic enters, which the platform chooses by what it measured. */
async function ingressNow(): Promise<string> {
  using agent = await demo.network.agent();
  const { path } = await agent.call("status", {});
  return path?.ingress?.name ?? "";
}

// The device is enrolled once: where Electron is there as well, the double shows the rest.
describe.each(STARTERS.slice(-1))("$name", { timeout: 120_000 }, ({ start }) => {
  test("a link, a yes, and the tray steers the device; the agent may come and go", async () => {
    const link = await demo.network.deviceLink();
    await using app = await start({ socket: demo.socket, bus: bus.address, words: [link] });
    const tip = async () => (await app.tray())?.toolTip.replace("Nanami: ", "");
    const page = await app.page();
    await expect.poll(() => offers(page)).toMatchObject([{ kind: "enroll", link }]);
    expect((await stateSeen(page)).agent).toMatchObject({ snapshot: { enrollment: null } });
    await expect.poll(tip).toBe("Not enrolled");

    // What the page does when the person confirms.
    expect(await ask(page, "enroll", { link, name: "laptop" })).toMatchObject({ ok: true });
    expect(await ask(page, "enroll", { link, name: "laptop" })).toMatchObject({ ok: false });
    await app.closeWindow();
    await app.choose("Connect");
    await expect.poll(tip, PATIENCE).toBe("Private network connected. Other traffic goes directly");
    await holds(() => provePrivateReach(demo.network));

    await app.choose("Mode", "Full tunnel");
    await expect.poll(tip, PATIENCE).toContain("All traffic leaves in");
    await app.choose("Exit gateway", "Frankfurt");
    await expect.poll(tip, PATIENCE).toBe("All traffic leaves in Frankfurt");
    await expect
      .poll(
        async () => (await app.tray())?.entries.find(({ label }) => label === "Exit gateway")?.entries,
        PATIENCE,
      )
      .toContainEqual(
        expect.objectContaining({ checked: true, label: expect.stringContaining("Frankfurt") as string }),
      );
    await expect
      .poll(async () => (await app.notices()).at(-1)?.body, PATIENCE)
      .toBe("All traffic leaves in Frankfurt.");
    const ingress = await ingressNow();
    await holds(() => proveFullTunnel(demo.network, ingress, "frankfurt"));

    await demo.network.stop("agent", "SIGKILL");
    await expect.poll(tip).toBe("The Nanami service is not running");
    await demo.network.startAgent();
    await expect.poll(tip, PATIENCE).toBe("All traffic leaves in Frankfurt");

    await app.choose("Disconnect");
    await expect.poll(tip, PATIENCE).toBe("Not connected");
    await app.choose("Quit");
    await expect.poll(() => app.hasEnded()).toBe(true);
  });
});
