import { expect, test } from "vitest";
import type { RoutingPreference } from "../../../src/routing/types.ts";
import type { StoredPreference } from "../../../src/rpc/contract.ts";
import type { z } from "zod";
import {
  BLOCKED,
  lockdownOpen,
  CONNECTING,
  DISCONNECTED,
  FRANKFURT,
  GATEWAYS,
  NO_PATH,
  OSAKA,
  PATH,
  PRIVATE_PATH,
  SNAPSHOT,
} from "./values.ts";
import { fakeAgent, nanami, refuse } from "./world.ts";

type Stored = z.infer<typeof StoredPreference>;
const LINK = "nanami://enroll/control.example?pin=00ff#key";

function stored(device: RoutingPreference, user: RoutingPreference = {}): Stored[] {
  return [
    { layer: "device", value: device, etag: "7" },
    { layer: "user", value: user, etag: "3" },
    { layer: "network", value: {}, etag: "0" },
  ];
}

test("up shows progress on standard error and returns 0 only when traffic was seen to pass", async () => {
  await using agent = await fakeAgent(
    {
      connect: () => {
        const accepted = agent.become(CONNECTING);
        setTimeout(() => agent.become(SNAPSHOT), 50);
        return Promise.resolve(accepted);
      },
    },
    DISCONNECTED,
  );
  const run = await nanami(agent.path, ["up", "--mode", "full_tunnel"]);
  expect(run.status).toBe(0);
  expect(run.err).toBe("Connecting…\n");
  expect(run.out).toMatch(/^All traffic leaves in Frankfurt\n/);
  expect(agent.requests).toEqual([{ method: "connect", params: { mode: "full_tunnel" } }]);
});

test("up waits while another mode is still connected", async () => {
  const inPrivate = {
    ...SNAPSHOT,
    path: PRIVATE_PATH,
    tunnel: { ...SNAPSHOT.tunnel, mode: "vpn_only" },
  } as typeof SNAPSHOT;
  await using agent = await fakeAgent(
    {
      connect: () => {
        setTimeout(() => agent.become(SNAPSHOT), 50);
        return Promise.resolve(inPrivate);
      },
    },
    inPrivate,
  );
  const run = await nanami(agent.path, ["up", "--mode", "full_tunnel", "--json"]);
  expect(run.status).toBe(0);
  expect(JSON.parse(run.out)).toMatchObject({ tunnel: { mode: "full_tunnel" } });
});

test("up ends with 1 and the reason when the state is blocked", async () => {
  await using agent = await fakeAgent(
    { connect: () => Promise.resolve(agent.become(BLOCKED)) },
    DISCONNECTED,
  );
  const run = await nanami(agent.path, ["up"]);
  expect(run.status).toBe(1);
  expect(run.out).toContain("Nothing leaves this device: Frankfurt does not answer.");
  expect(run.out).toContain("Nanami keeps trying.");
});

test("the state of a lockdown that is not in force is what is open, why, and what to do", async () => {
  await using agent = await fakeAgent({}, lockdownOpen("everything"));
  const run = await nanami(agent.path, ["status"]);
  expect(run.status).toBe(1);
  const said = run.out.replaceAll(/\s+/g, " ");
  expect(said).toContain("Lockdown is not in force: traffic leaves. The program nft is not installed.");
  expect(said).toContain(
    "remedy Install the package nftables. It is tried again by itself. state disconnected",
  );
  expect(said).not.toContain("onnecting");
});

test("up ends with 1 when somebody else disconnects meanwhile", async () => {
  await using agent = await fakeAgent(
    {
      connect: () => {
        const accepted = agent.become(CONNECTING);
        setTimeout(() => agent.become(DISCONNECTED), 20);
        return Promise.resolve(accepted);
      },
    },
    DISCONNECTED,
  );
  expect((await nanami(agent.path, ["up"])).status).toBe(1);
});

test("up ends with 1 when the mode was not saved because another value is stored", async () => {
  const conflict = { layer: "device", value: {}, conflict: "Changed elsewhere meanwhile." } as const;
  await using agent = await fakeAgent({
    connect: () => Promise.resolve(agent.become({ unsaved: conflict })),
  });
  const run = await nanami(agent.path, ["up", "--mode", "vpn_only"]);
  expect(run.status).toBe(1);
  expect(run.out).toContain("Changed elsewhere meanwhile.");
  expect(run.err).toContain("nanami prefs get");
});

test("Ctrl-C while waiting cancels the waiting alone, and says what stays", async () => {
  await using agent = await fakeAgent(
    { connect: () => Promise.resolve(agent.become(CONNECTING)) },
    DISCONNECTED,
  );
  const controller = new AbortController();
  const run = await nanami(agent.path, ["up"], {
    interruption: () => controller.signal,
    onErr: () => controller.abort(),
  });
  expect(run.status).toBe(1);
  expect(run.err).toContain("Stopped waiting; the agent goes on connecting");
  expect(run.err).toContain("nanami down");
  expect(agent.requests.map(({ method }) => method)).toEqual(["connect"]);
});

test("up stops waiting after the time that was given", async () => {
  await using agent = await fakeAgent(
    { connect: () => Promise.resolve(agent.become(CONNECTING)) },
    DISCONNECTED,
  );
  const run = await nanami(agent.path, ["up", "--timeout", "1"]);
  expect(run.status).toBe(1);
  expect(run.err).toContain("Not connected in time");
});

test("up ends with 3 when the agent dies while it waits", async () => {
  await using agent = await fakeAgent(
    { connect: () => Promise.resolve(agent.become(CONNECTING)) },
    DISCONNECTED,
  );
  const run = await nanami(agent.path, ["up"], { onErr: () => void agent.stop() });
  expect(run.status).toBe(3);
  expect(run.err).toContain("the agent ended the connection");
});

test("up on a device that is not enrolled names the command that enrols it", async () => {
  await using agent = await fakeAgent(
    { connect: () => refuse({ code: "not_enrolled", message: "this device is not enrolled" }) },
    { ...DISCONNECTED, enrollment: null, path: null },
  );
  const run = await nanami(agent.path, ["up"]);
  expect(run).toEqual({
    status: 1,
    out: "",
    err: "nanami: this device is not enrolled\nEnrol this device first: nanami enroll <link>\n",
  });
});

test("down waits until it is done", async () => {
  await using agent = await fakeAgent({ disconnect: () => Promise.resolve(agent.become(DISCONNECTED)) });
  expect(await nanami(agent.path, ["down"])).toEqual({
    status: 0,
    out: "Not connected. All traffic goes directly.\n",
    err: "",
  });
});

test("status is 0 when connected and 1 when not, and its JSON is the snapshot", async () => {
  await using agent = await fakeAgent();
  const connected = await nanami(agent.path, ["status", "--json"]);
  expect(connected.status).toBe(0);
  expect(connected.err).toBe("");
  expect(JSON.parse(connected.out)).toEqual(SNAPSHOT);
  for (const snapshot of [DISCONNECTED, CONNECTING, BLOCKED]) {
    agent.become(snapshot);
    expect((await nanami(agent.path, ["--json", "status"])).status).toBe(1);
  }
});

test("status --watch shows every change until Ctrl-C, one JSON object a line", async () => {
  await using agent = await fakeAgent();
  const controller = new AbortController();
  let text = "";
  const running = nanami(agent.path, ["status", "--watch", "--json"], {
    interruption: () => controller.signal,
    out: (part) => (text += part),
  });
  await expect.poll(() => text.split("\n").length).toBe(2);
  agent.become(DISCONNECTED);
  await expect.poll(() => text.split("\n").length).toBe(3);
  controller.abort();
  expect((await running).status).toBe(1);
  const states = text
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as typeof SNAPSHOT).tunnel.state);
  expect(states).toEqual(["connected", "disconnected"]);
});

test("status --watch on a terminal draws over what it drew before", async () => {
  await using agent = await fakeAgent();
  const controller = new AbortController();
  let text = "";
  const running = nanami(agent.path, ["status", "--watch"], {
    interruption: () => controller.signal,
    out: (part) => (text += part),
    redraws: true,
  });
  await expect.poll(() => text).toContain("control.example");
  const height = text.split("\n").length - 1;
  agent.become(DISCONNECTED);
  await expect.poll(() => text).toContain(`\u001b[${height}A\u001b[0JNot connected`);
  controller.abort();
  await running;
});

test("status --watch ends with 3 when the agent goes away", async () => {
  await using agent = await fakeAgent();
  const run = await nanami(agent.path, ["status", "--watch"], {
    out: () => void agent.stop(),
  });
  expect(run.status).toBe(3);
});

test("path is 0 when there is one and 1 when it is unavailable", async () => {
  await using agent = await fakeAgent();
  const run = await nanami(agent.path, ["path"]);
  expect(run.status).toBe(0);
  expect(run.out).toContain("osaka");
  expect(run.out).toContain("saopaulo");
  agent.become({ path: NO_PATH });
  expect((await nanami(agent.path, ["path", "--json"])).status).toBe(1);
});

test("without the control plane a path is shown with ids where names are not known", async () => {
  await using agent = await fakeAgent({
    gateways: () => refuse({ code: "control_plane_unreachable", message: "away" }),
  });
  const run = await nanami(agent.path, ["path"]);
  expect(run.status).toBe(0);
  expect(run.out).toContain("dev_saopaulo0000");
});

test("path on a device that is not enrolled says so", async () => {
  await using agent = await fakeAgent({}, { ...DISCONNECTED, enrollment: null, path: null });
  const run = await nanami(agent.path, ["path"]);
  expect(run.status).toBe(1);
  expect(run.err).toContain("nanami enroll <link>");
});

test("path says which profile is connected in its place and what it steers", async () => {
  const profile = { id: "prf_0000000000", name: "office", problem: null };
  const steers = { mode: "vpn_only" as const, prefixes: ["10.20.0.0/16"], narrowed: false };
  const config = {
    interface: { addresses: [], dns: [], searchDomains: [], mtu: null, listenPort: null },
    peers: [],
  };
  const times = { createdAt: "2026-01-01T00:00:00.000Z", changedAt: "2026-01-01T00:00:00.000Z" };
  const stored = {
    id: profile.id,
    name: profile.name,
    ...times,
    own: true,
    shared: false,
    config,
    unused: [],
    steers,
  };
  await using agent = await fakeAgent({ listProfiles: () => Promise.resolve([stored]) });
  agent.become({ profile });
  const said = "The manual profile office is connected and steers 10.20.0.0/16";
  expect((await nanami(agent.path, ["path"])).out).toContain(said);
  expect(JSON.parse((await nanami(agent.path, ["path", "--json"])).out)).toMatchObject({
    profile: { name: "office", steers },
    status: "ready",
  });
  agent.become({ profile, path: null, enrollment: null });
  const alone = await nanami(agent.path, ["path"]);
  expect(alone).toMatchObject({ status: 0, out: `${said}.\n` });
  agent.become({ profile: null });
  expect((await nanami(agent.path, ["path"])).status).toBe(1);
});

test("a preview names gateways, keeps the other pin, and changes nothing", async () => {
  await using agent = await fakeAgent({
    getPreferences: () =>
      Promise.resolve(
        stored({
          trafficMode: "full_tunnel",
          selection: { routingMode: "manual", ingressDeviceId: OSAKA.deviceId, egressDeviceId: null },
        }),
      ),
    previewPath: () => Promise.resolve({ current: PRIVATE_PATH, proposed: PATH }),
  });
  const run = await nanami(agent.path, ["path", "preview", "--egress", "Frankfurt"]);
  expect(run.status).toBe(0);
  expect(run.out).toContain("Nothing was changed.");
  expect(agent.requests.find(({ method }) => method === "previewPath")?.params).toEqual({
    layers: {
      device: {
        trafficMode: "full_tunnel",
        selection: {
          routingMode: "manual",
          ingressDeviceId: OSAKA.deviceId,
          egressDeviceId: FRANKFURT.deviceId,
        },
      },
    },
  });
  expect(agent.requests.map(({ method }) => method)).not.toContain("setPreference");
});

test("a preview of a path that is not allowed is 1, and says which rule it breaks", async () => {
  await using agent = await fakeAgent({
    getPreferences: () => Promise.resolve(stored({})),
    previewPath: () => Promise.resolve({ current: PRIVATE_PATH, proposed: NO_PATH }),
  });
  const run = await nanami(agent.path, ["path", "preview", "--egress", "saopaulo"]);
  expect(run.status).toBe(1);
  expect(run.out).toContain("then: There is no path: The user preference pins the egress");
});

test("prefs get shows the layers with the names of pinned gateways, and one layer alone", async () => {
  await using agent = await fakeAgent({
    getPreferences: () =>
      Promise.resolve(stored({ trafficMode: "full_tunnel" }, { selection: PATH.selection.value })),
  });
  const all = await nanami(agent.path, ["prefs", "get"]);
  expect(all.status).toBe(0);
  expect(all.out).toMatch(/^device +full_tunnel \* +-$/m);
  expect(all.out).toMatch(/^user +- +ingress osaka, egress frankfurt \*$/m);
  expect(all.out).toMatch(/^system +vpn_only +automatic$/m);
  const one = await nanami(agent.path, ["prefs", "get", "--layer", "user", "--json"]);
  expect(JSON.parse(one.out)).toEqual([stored({}, { selection: PATH.selection.value })[1]]);
});

test("prefs set changes what is named, under the version that it read", async () => {
  await using agent = await fakeAgent({
    getPreferences: () => Promise.resolve(stored({ selection: { routingMode: "auto" } })),
    setPreference: ({ layer, value }) =>
      Promise.resolve({ stored: { layer, value, etag: "8" }, saved: true }),
  });
  const run = await nanami(agent.path, ["prefs", "set", "--layer", "device", "--mode", "full_tunnel"]);
  expect(run.status).toBe(0);
  expect(run.err).toBe("");
  expect(agent.requests.at(-1)?.params).toEqual({
    layer: "device",
    value: { trafficMode: "full_tunnel", selection: { routingMode: "auto" } },
    etag: "7",
  });
});

test("prefs set says when the change is not saved yet", async () => {
  await using agent = await fakeAgent({
    getPreferences: () => Promise.resolve(stored({ trafficMode: "full_tunnel" })),
    setPreference: ({ layer, value }) =>
      Promise.resolve({ stored: { layer, value, etag: "8" }, saved: false }),
  });
  const run = await nanami(agent.path, ["prefs", "set", "--layer", "device", "--clear"]);
  expect(run.status).toBe(0);
  expect(run.err).toContain("not saved yet");
  expect(agent.requests.at(-1)?.params).toMatchObject({ value: {} });
});

test("a refused pin is told with each rule it breaks, for people and for programs", async () => {
  await using agent = await fakeAgent({
    getPreferences: () => Promise.resolve(stored({})),
    setPreference: () =>
      refuse({
        code: "refused",
        message: "the pins are not allowed",
        errors: [
          { pointer: "/selection/egressDeviceId", code: "access_denied", message: "Ask an operator." },
        ],
      }),
  });
  const args = ["prefs", "set", "--layer", "user", "--egress", "saopaulo"];
  const run = await nanami(agent.path, args);
  expect(run).toEqual({
    status: 1,
    out: "",
    err:
      "nanami: the pins are not allowed\n" +
      "  /selection/egressDeviceId: Ask an operator. (access_denied)\n" +
      "See what may be chosen: nanami gateways\n",
  });
  const json = await nanami(agent.path, [...args, "--json"]);
  expect(JSON.parse(json.out)).toMatchObject({
    error: { code: "refused", details: [{ code: "access_denied" }] },
  });
});

test("a gateway that does not exist is refused before anything is asked of it", async () => {
  await using agent = await fakeAgent({ getPreferences: () => Promise.resolve(stored({})) });
  const run = await nanami(agent.path, ["prefs", "set", "--layer", "device", "--egress", "lima"]);
  expect(run.status).toBe(1);
  expect(run.err).toContain(
    'there is no gateway "lima" that you can see; there are osaka, frankfurt, saopaulo',
  );
});

test("gateways answers with the rows", async () => {
  await using agent = await fakeAgent();
  const run = await nanami(agent.path, ["gateways", "--json"]);
  expect(run.status).toBe(0);
  expect(JSON.parse(run.out)).toEqual(GATEWAYS);
});

test("enroll asks a person, with the host that will steer the traffic", async () => {
  const questions: string[] = [];
  await using agent = await fakeAgent({}, { ...DISCONNECTED, enrollment: null, path: null });
  const run = await nanami(agent.path, ["enroll", LINK], {
    ask: (question) => {
      questions.push(question);
      return Promise.resolve(false);
    },
  });
  expect(run).toMatchObject({ status: 1, out: "", err: "Not enrolled; nothing was changed.\n" });
  expect(questions).toEqual([expect.stringContaining("control.example will decide")]);
  expect(agent.requests).toEqual([]);
});

test("enroll takes the link from standard input, so that no history keeps the key", async () => {
  const { enrollment } = SNAPSHOT;
  if (enrollment === null) throw new Error("the test's snapshot has an enrolment");
  await using agent = await fakeAgent({ enroll: () => Promise.resolve(enrollment) });
  const run = await nanami(agent.path, ["enroll", "-", "--name", "laptop"], {
    readInput: () => Promise.resolve(`${LINK}\n`),
  });
  expect(run.status).toBe(0);
  expect(run.out).toBe("Enrolled in the network corp of acme as dev_laptop000000.\n");
  expect(run.err).toBe("Connect: nanami up\n");
  expect(agent.requests).toEqual([{ method: "enroll", params: { link: LINK, name: "laptop" } }]);
});

test("logout does what it says without a question where nobody can answer", async () => {
  await using agent = await fakeAgent({ logout: () => Promise.resolve({}) });
  expect(await nanami(agent.path, ["logout"])).toEqual({
    status: 0,
    out: "Not enrolled any more.\n",
    err: "",
  });
});

test("what a control plane sends cannot steer the terminal", async () => {
  const problem = "\u001b]0;owned\u0007\u202eevil";
  await using agent = await fakeAgent(
    {},
    { ...SNAPSHOT, controlPlane: { connected: false, problem, revoked: false } },
  );
  const run = await nanami(agent.path, ["status"]);
  // eslint-disable-next-line no-control-regex -- control characters are what must not be there
  expect(run.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  const json = await nanami(agent.path, ["status", "--json"]);
  expect(JSON.parse(json.out)).toMatchObject({ controlPlane: { problem } });
});
