/** What a person sees of an agent that is not there, may not be used, is another one's, or says what rarely happens. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { en } from "../../../renderer/texts/en/index.ts";
import { ja } from "../../../renderer/texts/ja/index.ts";
import { RpcRefusal } from "../../../src/rpc/server.ts";
import { BLOCKED, CONNECTING, DISCONNECTED, FRANKFURT, GATEWAYS, SNAPSHOT } from "../../unit/cli/values.ts";
import { startStandIn, type StandIn } from "../host/stand-in.ts";
import type { AppWindow, WindowOptions } from "./app-window.ts";
import { says } from "./eventually.ts";
import { windowsForAll } from "./for-all-tests.ts";
import { forgeAgentState } from "./forged-answers.ts";
import { FirstRun } from "./pages/first-run.ts";
import { Home } from "./pages/home.ts";
import { Preferences } from "./pages/preferences.ts";
import { brokenInBothThemes, goTo } from "./pages/screen.ts";

const windows = windowsForAll();
let folder: string;
let socket: string;
let app: AppWindow;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nanami-agent-"));
  socket = join(folder, "agent.sock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function open(options?: WindowOptions): Promise<Home> {
  app = await windows.open(socket, options);
  return new Home(app.page);
}

/** axe finds nothing in what is shown now, in both themes. */
async function isForEverybody(): Promise<void> {
  expect(await brokenInBothThemes(app.page)).toEqual([]);
}

describe("in place of the screens", () => {
  const remedy = () => app.page.getByRole("group", { name: "Command" });

  test("a service that is not installed: what to type, and the window goes on by itself when it is there", async () => {
    const { headline } = await open();
    await says(headline, en.start.agent.notInstalledTitle);
    await says(remedy(), "nanami service install --for");
    await isForEverybody();
    await app.speakJapanese();
    await says(headline, ja.start.agent.notInstalledTitle);
    await using agent = await startStandIn(DISCONNECTED, {}, socket);
    await says(headline, ja.home.headline.notConnected);
    expect(agent.socket).toBe(socket);
  });

  test("a service that does not run: how it is started", async () => {
    await writeFile(socket, "");
    const { headline } = await open();
    await says(headline, en.start.agent.notRunningTitle);
    await says(remedy(), "systemctl start nanamid");
    await isForEverybody();
    await app.speakJapanese();
    await says(headline, ja.start.agent.notRunningTitle);
  });

  test("a service that this user may not use: who can allow it", async () => {
    // Nothing is forbidden to root, as whom this runs: the window is told so.
    const why = {
      state: "away",
      why: "not_permitted",
      since: "2026-11-23T16:00:00.000Z",
      last: null,
    } as const;
    const { headline } = await open({ prepare: forgeAgentState(why) });
    await says(headline, en.start.agent.notPermittedTitle);
    await says(remedy(), "nanami service install --for");
    await isForEverybody();
    await app.speakJapanese();
    await says(headline, ja.start.agent.notPermittedTitle);
  });

  test("a service of another version: both versions, and the way out", async () => {
    await using agent = await startStandIn({ ...SNAPSHOT, protocol: 99 }, {}, socket);
    const { headline } = await open();
    await says(headline, en.start.agent.otherVersionTitle);
    await says(app.page.getByRole("main"), "the service version 99");
    await says(remedy(), "nanami service install --for");
    await isForEverybody();
    await app.speakJapanese();
    await says(headline, ja.start.agent.otherVersionTitle);
    expect(agent.asked).toEqual([]);
  });

  test.each([
    ["no protocol at all", "HTTP/1.1 200 OK\r\n\r\nhello", "notRunningTitle"],
    [
      "a state that cannot be",
      frame({ jsonrpc: "2.0", id: 0, result: { snapshot: { tunnel: "open" } } }),
      "otherVersionTitle",
    ],
    ["a message without end", `Content-Length: 99999999999\r\n\r\n${"x".repeat(65_536)}`, "notRunningTitle"],
  ] as const)("a program in the service's place that says %s is never believed", async (_, lie, title) => {
    let lies = 0;
    const impostor = await listen((connection) => {
      lies += 1;
      connection.write(lie);
    });
    const { headline } = await open();
    await expect.poll(() => lies, { timeout: 10_000 }).toBeGreaterThan(1);
    // It was asked again after the first lie was heard, so what is shown is what came of that.
    await says(headline, en.start.agent[title]);
    await new Promise((resolve) => impostor.close(resolve));
  });
});

function frame(message: unknown): string {
  const body = JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** Something that listens where the agent would, and says one thing to everybody. */
async function listen(onConnection: (connection: { write(text: string): unknown }) => void): Promise<Server> {
  const server = createServer((connection) => {
    connection.on("error", () => undefined);
    connection.once("data", () => {
      onConnection(connection);
      connection.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return server;
}

describe("what rarely happens", () => {
  let agent: StandIn;
  afterEach(() => agent[Symbol.asyncDispose]());

  function answerTo(refusal: RpcRefusal | undefined): Promise<StandIn["snapshot"]> {
    return refusal === undefined ? Promise.resolve(agent.snapshot) : Promise.reject(refusal);
  }

  test("a Wi-Fi that asks to sign in: one button, and afterwards the offer to connect again", async () => {
    const reason = { code: "captive_portal", message: "A sign-in page is in the way.", remedy: "Sign in." };
    const captive = {
      ...{ ...BLOCKED, tunnel: { ...BLOCKED.tunnel, reason } as never },
      controlPlane: { connected: false, problem: "It does not answer.", revoked: false },
    };
    const refusals: RpcRefusal[] = [];
    agent = await startStandIn(captive, { connect: () => answerTo(refusals.shift()) }, socket);
    const home = await open();
    await says(home.headline, "Nothing leaves this device: this Wi-Fi asks you to sign in");
    await says(home.card, "This Wi-Fi asks you to sign in");
    expect(await home.card.getByRole("button").allInnerTexts()).toEqual(["Disconnect to sign in"]);
    await isForEverybody();
    await home.answer("Disconnect to sign in");
    await expect.poll(() => agent.askedFor("disconnect")).toHaveLength(1);
    agent.say({ tunnel: DISCONNECTED.tunnel });
    await says(home.card, "Nothing is protected until you connect again");
    // A window that is opened anew knows it still.
    await app.page.reload();
    await says(home.card, "Nothing is protected until you connect again");
    await home.answer("Connect again");
    await expect.poll(() => agent.askedFor("connect")).toHaveLength(1);
    // Once the Internet answers it is offered on every screen.
    agent.say({ controlPlane: { connected: true, problem: null, revoked: false } });
    await says(home.card, "The Internet answers again");
    await isForEverybody();
    await goTo(app.page, "Settings");
    await says(app.page.getByRole("heading", { level: 1 }), "Settings");
    const banner = app.page.getByRole("alert").filter({ hasText: "The Internet answers again" });
    await banner.getByRole("button", { name: "Connect again" }).click();
    await expect.poll(() => agent.askedFor("connect")).toHaveLength(2);
    await isForEverybody();
    await app.speakJapanese();
    await says(app.page.getByRole("alert"), "サインインのために切断してから、何も保護されていません");
    refusals.push(new RpcRefusal({ code: "refused", message: "The file is damaged." }));
    await app.page.getByRole("alert").getByRole("button").click();
    await says(app.page.getByRole("alert"), "The file is damaged.");
    agent.say({ tunnel: CONNECTING.tunnel });
    await expect.poll(() => app.page.getByRole("alert").count()).toBe(0);
    // What was refused then is no news when it is offered anew.
    agent.say({ tunnel: captive.tunnel });
    agent.say({ tunnel: DISCONNECTED.tunnel });
    await says(app.page.getByRole("alert"), ja.home.cards.signedIn);
    expect(await app.page.getByRole("alert").innerText()).not.toContain("The file is damaged.");
  });

  test("a Wi-Fi that asks to sign in, in the way of a manual configuration alone: the way back leads to that one", async () => {
    const reason = { code: "captive_portal", message: "A sign-in page is in the way.", remedy: "Sign in." };
    const profile = { id: "prf_12345678", name: "office", problem: null };
    const refusals = [new RpcRefusal({ code: "refused", message: "The file is damaged." })];
    agent = await startStandIn(
      {
        ...{ ...BLOCKED, tunnel: { ...BLOCKED.tunnel, reason } as never },
        ...{ enrollment: null, path: null, profile },
        controlPlane: { connected: false, problem: null, revoked: false },
      },
      { connect: () => answerTo(refusals.shift()) },
      socket,
    );
    const home = await open();
    await home.answer("Disconnect to sign in");
    await expect.poll(() => agent.askedFor("disconnect")).toHaveLength(1);
    agent.say({ tunnel: DISCONNECTED.tunnel, profile: null });
    await says(home.headline, en.start.welcome);
    await says(home.card, "Nothing is protected until you connect again");
    const main = app.page.getByRole("main");
    const back = main.getByRole("button", { name: "Connect again" });
    await back.click();
    await says(main, "The file is damaged.");
    await isForEverybody();
    await back.click();
    await expect.poll(() => agent.askedFor("connect")).toHaveLength(2);
    for (const { params } of agent.askedFor("connect")) expect(params).toEqual({ profile: profile.id });
    await expect.poll(() => main.getByText("The file is damaged.").count()).toBe(0);
    await says(home.headline, en.start.welcome);
  });

  test("a path that cannot be used: what is wrong with it, and where, in the window's language", async () => {
    const facts = {
      fault: "dns_outside_tunnel",
      place: "/tunnel/dns/servers/0",
      detail: "the service's words",
    };
    const controlPlane = {
      ...{ connected: true, problem: "the service's words", revoked: false },
      troubles: [{ code: "path_unusable", facts }],
    };
    agent = await startStandIn({ ...SNAPSHOT, controlPlane }, {}, socket);
    const home = await open();
    await says(
      home.card,
      "A resolver lies outside the private network. Where in the path: /tunnel/dns/servers/0.",
    );
    await isForEverybody();
    await app.speakJapanese();
    await says(
      home.card,
      "リゾルバーがプライベートネットワークの外にあります。経路内の場所：/tunnel/dns/servers/0",
    );
    expect(await home.card.innerText()).not.toContain("the service's words");
  });

  test("a gateway of another workspace, told to who may see that workspace, is refused with that rule", async () => {
    // No account of this version sees two workspaces; the contract has the rule for those that will.
    const message = "frankfurt belongs to another workspace.";
    const code = "wrong_workspace";
    agent = await startStandIn(
      DISCONNECTED,
      {
        gateways: () => Promise.resolve(GATEWAYS),
        getPreferences: () => Promise.resolve([{ layer: "device", value: {}, etag: '"0"' }]),
        setPreference: () =>
          Promise.reject(
            new RpcRefusal({
              code: "refused",
              message,
              errors: [{ pointer: "/selection/egressDeviceId", code, message }],
            }),
          ),
      },
      socket,
    );
    await open();
    const preferences = new Preferences(app.page);
    await preferences.open();
    const { device } = preferences;
    await device.gateways("By hand");
    await device.pin("Exit gateway", FRANKFURT.region);
    await device.press("Save");
    const words = (text: string): string => text.replaceAll("{{name}}", FRANKFURT.region);
    await says(device.within, words(en.preferences.problem.wrong_workspace));
    await app.speakJapanese();
    await says(app.page.getByRole("main"), words(ja.preferences.problem.wrong_workspace));
  });

  test("links that are none say what a link looks like, whatever they are, and nothing is asked of the service", async () => {
    const link = `nanami://enroll/control.example?pin=${"ab".repeat(32)}#0123456789abcdef0123`;
    agent = await startStandIn({ ...SNAPSHOT, ...DISCONNECTED, enrollment: null, path: null }, {}, socket);
    await open();
    const start = new FirstRun(app.page);
    const main = app.page.getByRole("main");
    for (const broken of [
      "hello",
      "https://control.example/enroll#0123456789abcdef0123",
      "nanami://enroll/",
      "nanami://enroll/control.example",
      "nanami://enroll/control.example#short",
      "nanami://enroll/control.example?pin=abc#0123456789abcdef0123",
      "nanami://enroll/control.example/../other#0123456789abcdef0123",
      "nanami://enroll/user:word@control.example#0123456789abcdef0123",
      "nanami://enroll/control.example:99999#0123456789abcdef0123",
      "nanami://enroll/127.1#0123456789abcdef0123",
      "nanami://enroll/c\u043entrol.example#0123456789abcdef0123",
      "nanami://enroll/\u202eelpmaxe.lortnoc#0123456789abcdef0123",
      "nanami://disconnect#0123456789abcdef0123",
      `${link} ${link}`,
      `${link}&more=1`,
      `<img src=x onerror=alert(1)>${link}`,
      link + "a".repeat(1500),
    ]) {
      await start.read(broken);
      await says(main, "The link cannot be used: This is not an enrolment link.");
      expect(await main.getByText("asks to steer this device").count(), broken).toBe(0);
    }
    await start.read("   ");
    await says(main, "Paste the link first.");
    await isForEverybody();
    await start.read(link);
    await says(main, "control.example asks to steer this device");
    await isForEverybody();
    expect(agent.asked).toEqual([]);
  });
});
