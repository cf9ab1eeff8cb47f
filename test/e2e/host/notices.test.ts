/** Notices: when the protection changes, or something needs the person. */
import { afterAll, afterEach, describe, expect, test } from "vitest";
import {
  BLOCKED,
  CONNECTING,
  DISCONNECTED,
  LOCKED,
  lockdownOpen,
  open,
  PATH,
  PRIVATE_PATH,
  SNAPSHOT,
} from "../../unit/cli/values.ts";
import { tipOf } from "./app-under-test.ts";
import { closeHosts, STARTERS, startOnDouble } from "./hosts.ts";
import { ask } from "./page-request.ts";
import { busForAll } from "./session-bus.ts";
import { startStandIn, type StandIn } from "./stand-in.ts";

const CAPTIVE = {
  ...({ state: "reconnecting", mode: "full_tunnel", since: "2026-11-23T16:00:00.000Z" } as const),
  reason: { code: "captive_portal", message: "A sign-in page is in the way.", remedy: "Sign in." },
};

const bus = busForAll();
let agent: StandIn;

afterAll(closeHosts);
afterEach(() => agent[Symbol.asyncDispose]());

describe.each(STARTERS)("$name", ({ start }) => {
  test("tells what changed, once, and a click opens the window", async () => {
    agent = await startStandIn(DISCONNECTED);
    await using app = await start({ socket: agent.socket, bus: bus.address, words: ["--hidden"] });
    const tip = tipOf(app);
    const titles = async () => (await app.notices()).map(({ title }) => title);
    await expect.poll(tip).toBe("Nanami: Not connected");
    expect(await titles()).toEqual([]);
    agent.say({ tunnel: CONNECTING.tunnel });
    agent.say({ tunnel: SNAPSHOT.tunnel });
    await expect
      .poll(() => app.notices())
      .toEqual([{ title: "Connected", body: "All traffic leaves in Frankfurt." }]);
    agent.say({ tunnel: BLOCKED.tunnel });
    await expect
      .poll(async () => (await app.notices()).at(-1))
      .toEqual({
        title: "Nothing leaves this device",
        body: "The gateway does not answer. It is tried again by itself.",
      });
    agent.say({ traffic: null });
    agent.say({ tunnel: SNAPSHOT.tunnel });
    await expect.poll(titles).toEqual(["Connected", "Nothing leaves this device", "Connected"]);
    agent.say({ announcement: "Your operator narrowed the network to the private prefixes." });
    await expect
      .poll(async () => (await app.notices()).at(-1))
      .toEqual({
        title: "Your operator changed what is protected",
        body: "Your operator narrowed the network to the private prefixes.",
      });
    await app.clickNotice("Nothing leaves this device");
    await app.page();
  });

  test("tells that the protection is lost where nothing can be closed, in notice and tray", async () => {
    agent = await startStandIn(SNAPSHOT);
    await using app = await start({ socket: agent.socket, bus: bus.address, words: ["--hidden"] });
    const tip = tipOf(app);
    await expect.poll(tip).toBe("Nanami: All traffic leaves in Frankfurt");
    agent.say({ tunnel: open("everything").tunnel });
    await expect.poll(tip).toBe("Nanami: Not protected: all traffic goes directly");
    await expect
      .poll(() => app.notices())
      .toEqual([
        {
          title: "Not protected: all traffic goes directly",
          body: "The protection could not be put in place. It is tried again by itself. Open Nanami to see why.",
        },
      ]);
  });

  test("tells that lockdown is not in force, by icon, words and notice, and offers to connect", async () => {
    agent = await startStandIn(SNAPSHOT);
    await using app = await start({ socket: agent.socket, bus: bus.address, words: ["--hidden"] });
    const tip = tipOf(app);
    await expect.poll(tip).toBe("Nanami: All traffic leaves in Frankfurt");
    const { tunnel, settings } = lockdownOpen("everything");
    agent.say({ tunnel, settings });
    await expect.poll(tip).toBe("Nanami: Lockdown is not in force: all traffic goes directly");
    await expect
      .poll(() => app.notices())
      .toEqual([
        {
          title: "Lockdown is not in force: all traffic goes directly",
          body: "Lockdown could not be put in force. It is tried again by itself. Open Nanami to see why.",
        },
      ]);
    await app.choose("Connect");
    await expect.poll(() => agent.asked.map(({ method }) => method)).toContain("connect");
    agent.say({ tunnel: LOCKED.tunnel });
    await expect.poll(tip).toBe("Nanami: Not connected, and closed: nothing leaves this device");
    await expect
      .poll(async () => (await app.notices()).at(-1))
      .toEqual({ title: "Not connected", body: "Nothing leaves this device until you connect." });
  });

  test("offers the way back to who disconnected to sign in, when the Internet answers, without a window", async () => {
    const away = { connected: false, problem: "no answer", revoked: false };
    agent = await startStandIn({ ...SNAPSHOT, tunnel: CAPTIVE, controlPlane: away });
    await using app = await start({ socket: agent.socket, bus: bus.address, words: ["--hidden"] });
    const tip = tipOf(app);
    await expect.poll(tip).toBe("Nanami: Nothing leaves this device");
    agent.say({ tunnel: DISCONNECTED.tunnel });
    await expect.poll(tip).toBe("Nanami: Not protected, on purpose: you are signing in to this Wi-Fi");
    await expect
      .poll(async () => (await app.notices()).at(-1)?.body)
      .toMatch(/while you sign in to this Wi-Fi\. You are told/);
    agent.say({ controlPlane: { ...away, connected: true, problem: null } });
    await expect.poll(tip).toBe("Nanami: Not protected: you signed in and did not connect again");
    const offer = "You can connect again";
    await expect.poll(async () => (await app.notices()).at(-1)?.title).toBe(offer);
    const connects = () => agent.askedFor("connect").length;
    await app.pressNotice(offer);
    await expect.poll(connects).toBe(1);
    await app.choose("Connect again");
    await expect.poll(connects).toBe(2);
    expect(await app.windowState()).toBe("none");
    await app.clickNotice(offer);
    const page = await app.page();
    await page.getByRole("alert").filter({ hasText: "The Internet answers again" }).waitFor();
    await page.getByRole("button", { name: "Connect again" }).click();
    await expect.poll(connects).toBe(3);
    agent.say({ tunnel: SNAPSHOT.tunnel });
    await expect.poll(tip).toBe("Nanami: All traffic leaves in Frankfurt");
  });

  test("says nothing while the window is looked at, and nothing when it is not wanted", async () => {
    agent = await startStandIn(DISCONNECTED);
    await using app = await start({ socket: agent.socket, bus: bus.address });
    const tip = tipOf(app);
    const page = await app.page();
    await expect.poll(tip).toBe("Nanami: Not connected");
    agent.say({ tunnel: SNAPSHOT.tunnel, path: PATH });
    await expect.poll(tip).toBe("Nanami: All traffic leaves in Frankfurt");
    await ask(page, "setPresentation", { notifications: false });
    await app.lookAway();
    agent.say({ tunnel: { ...SNAPSHOT.tunnel, mode: "vpn_only" } as never, path: PRIVATE_PATH });
    await expect.poll(tip).toContain("Private network connected");
    expect(await app.notices()).toEqual([]);
    await ask(page, "setPresentation", { notifications: true });
    agent.say({ tunnel: DISCONNECTED.tunnel });
    await expect
      .poll(() => app.notices())
      .toEqual([{ title: "Not connected", body: "All traffic goes directly, unprotected." }]);
  });
});

test("a service that is gone for longer than a restart is said to be gone, in the language of the system", async () => {
  agent = await startStandIn(SNAPSHOT);
  await using app = await startOnDouble({
    socket: agent.socket,
    bus: bus.address,
    words: ["--hidden"],
    language: "ja-JP",
  });
  await expect.poll(() => app.double.tray?.toolTip).toBe("Nanami: すべての通信は Frankfurt から出ます");
  await agent.stop();
  await expect.poll(() => app.double.tray?.toolTip).toBe("Nanami: Nanami サービスが動いていません");
  await expect
    .poll(() => app.notices(), { timeout: 10_000 })
    .toEqual([
      {
        title: "Nanami サービスが停止しました",
        body: "保護は続いていますが、異常があっても修復されません。Nanami を開いてください。",
      },
    ]);
});
