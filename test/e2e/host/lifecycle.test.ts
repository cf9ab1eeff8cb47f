/** How the app comes, stays and goes. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { BLOCKED, SNAPSHOT } from "../../unit/cli/values.ts";
import { tipOf } from "./app-under-test.ts";
import { closeHosts, STARTERS, startOnDouble } from "./hosts.ts";
import { ask } from "./page-request.ts";
import { busForAll } from "./session-bus.ts";
import { startStandIn, type StandIn } from "./stand-in.ts";

const bus = busForAll();
let agent: StandIn;
let folder: string;

afterAll(closeHosts);
beforeEach(async () => {
  agent = await startStandIn(SNAPSHOT);
  folder = await mkdtemp(join(tmpdir(), "nanami-data-"));
});
afterEach(async () => {
  await agent[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe.each(STARTERS)("$name", ({ start }) => {
  test("closing the window leaves the tray and says so once; the tray opens it again", async () => {
    await using app = await start({ socket: agent.socket, bus: bus.address });
    const page = await app.page();
    expect(await page.title()).toContain("Nanami");
    await expect.poll(tipOf(app)).toBe("Nanami: All traffic leaves in Frankfurt");
    await app.closeWindow();
    await expect.poll(() => app.windowState()).toBe("none");
    expect(await app.notices()).toEqual([
      {
        title: "Nanami stays in the tray",
        body: "Its icon shows what is protected. Click it to open the window again.",
      },
    ]);
    await app.choose("Open Nanami");
    await app.page();
    await app.closeWindow();
    await expect.poll(() => app.windowState()).toBe("none");
    expect(await app.notices()).toHaveLength(1);
    expect(agent.askedFor("disconnect")).toEqual([]);
  });

  test("without a tray the window is minimised instead, and stays reachable", async () => {
    await using app = await start({ socket: agent.socket });
    await app.page();
    expect(await app.tray()).toBeNull();
    await app.closeWindow();
    await expect.poll(() => app.windowState()).toBe("minimised");
    expect((await app.notices()).map(({ title }) => title)).toEqual(["Nanami stays open"]);
    await app.startAgain([]);
    await expect.poll(() => app.windowState()).toBe("shown");
  });

  test("a tray that comes and goes is followed", async () => {
    await bus.setTray(false);
    await using app = await start({ socket: agent.socket, bus: bus.address });
    await app.page();
    expect(await app.tray()).toBeNull();
    await bus.setTray(true);
    await app.closeWindow();
    await expect.poll(() => app.windowState()).toBe("none");
    await expect.poll(tipOf(app)).toBe("Nanami: All traffic leaves in Frankfurt");
  });

  test("started hidden, only the tray is there; without a tray, a minimised window", async () => {
    await using hidden = await start({ socket: agent.socket, bus: bus.address, words: ["--hidden"] });
    await expect.poll(tipOf(hidden)).toBe("Nanami: All traffic leaves in Frankfurt");
    expect(await hidden.windowState()).toBe("none");
    await using minimised = await start({ socket: agent.socket, words: ["--hidden"] });
    await expect.poll(() => minimised.windowState()).toBe("minimised");
  });

  test("power events reach the agent, a second instance shows the window, and quitting ends nothing else", async () => {
    await using app = await start({ socket: agent.socket, bus: bus.address, words: ["--hidden"] });
    await expect.poll(tipOf(app)).toBe("Nanami: All traffic leaves in Frankfurt");
    await app.power("suspend");
    await app.power("resume");
    await expect
      .poll(() => agent.askedFor("noteEvent").map(({ params }) => params))
      .toEqual([{ event: "suspend" }, { event: "resume" }]);
    await app.startAgain([]);
    await app.page();
    expect(await app.hasEnded()).toBe(false);
    await app.choose("Quit");
    await expect.poll(() => app.hasEnded()).toBe(true);
    expect(agent.askedFor("disconnect")).toEqual([]);
  });

  test("an agent that comes late is shown, and until then what is missing", async () => {
    const socket = join(folder, "agent.sock");
    await using app = await start({ socket, bus: bus.address, words: ["--hidden"] });
    await expect.poll(tipOf(app)).toBe("Nanami: The Nanami service is not installed");
    expect((await app.tray())?.entries.map(({ label }) => label)).toEqual([
      "The Nanami service is not installed",
      "Open Nanami",
      "Quit (what is protected stays protected)",
    ]);
    await using late = await startStandIn(BLOCKED, {}, socket);
    await expect.poll(tipOf(app)).toBe("Nanami: Nothing leaves this device");
    expect(late.socket).toBe(socket);
  });

  test("an agent of another version is said to be one", async () => {
    await using other = await startStandIn({ ...SNAPSHOT, protocol: 99 });
    await using app = await start({ socket: other.socket, bus: bus.address, words: ["--hidden"] });
    await expect.poll(tipOf(app)).toBe("Nanami: The app and the Nanami service are of different versions");
  });
});

describe("what is remembered", () => {
  const wide = { x: 200, y: 150, width: 900, height: 700 };

  test("the window opens where it was", async () => {
    {
      await using app = await startOnDouble({ socket: agent.socket, bus: bus.address, userData: folder });
      await app.page();
      if (app.double.window !== undefined) app.double.window.bounds = wide;
      await app.closeWindow();
      await expect.poll(() => app.windowState()).toBe("none");
    }
    await using app = await startOnDouble({ socket: agent.socket, userData: folder });
    await expect.poll(() => app.double.window?.bounds).toEqual(wide);
  });

  test("one bad field of the file loses no other, and a broken file nothing but itself", async () => {
    const file = join(folder, "presentation.json");
    const presentation = {
      language: "ja",
      appearance: "purple",
      notifications: 7,
      hintsSeen: ["limited_mode"],
    };
    await writeFile(file, JSON.stringify({ presentation, bounds: "everywhere" }));
    {
      await using app = await startOnDouble({ socket: agent.socket, bus: bus.address, userData: folder });
      const page = await app.page();
      await expect.poll(() => app.double.tray?.toolTip).toBe("Nanami: すべての通信は Frankfurt から出ます");
      const outcome = await ask(page, "setPresentation", {});
      expect(outcome).toMatchObject({
        value: { language: "ja", appearance: "system", notifications: true, hintsSeen: ["limited_mode"] },
      });
    }
    await writeFile(file, "{");
    await using app = await startOnDouble({
      socket: agent.socket,
      bus: bus.address,
      userData: folder,
      words: ["--hidden"],
    });
    await expect.poll(tipOf(app)).toBe("Nanami: All traffic leaves in Frankfurt");
  });

  test("a choice of language and appearance is in force at once and kept", async () => {
    await using app = await startOnDouble({ socket: agent.socket, bus: bus.address, userData: folder });
    const page = await app.page();
    await ask(page, "setPresentation", { language: "ja", appearance: "dark" });
    await expect.poll(() => app.double.tray?.toolTip).toBe("Nanami: すべての通信は Frankfurt から出ます");
    expect(app.double.nativeTheme.themeSource).toBe("dark");
    const kept: unknown = JSON.parse(await readFile(join(folder, "presentation.json"), "utf8"));
    expect(kept).toMatchObject({ presentation: { language: "ja", appearance: "dark" } });
  });

  test("start at login is an entry of the session, from an installed app alone", async () => {
    const entry = join(folder, "config", "autostart", "nanami.desktop");
    for (const packaged of [false, true]) {
      await using app = await startOnDouble({ socket: agent.socket, userData: folder, packaged });
      const page = await app.page();
      // Nothing is taken from whoever opens links now: on Linux that is the switch's, or a package's.
      expect(app.double.protocols).toEqual([]);
      await ask(page, "setPresentation", { startAtLogin: true });
      await expect
        .poll(() => readFile(entry, "utf8").catch(() => ""))
        .toContain(packaged ? `Exec="${process.execPath}"` : "");
      await ask(page, "setPresentation", { startAtLogin: false });
      await expect.poll(() => readFile(entry, "utf8").catch(() => "none")).toBe("none");
    }
  });
});
