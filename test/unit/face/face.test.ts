import { expect, test, vi } from "vitest";
import { applyUpdate } from "../../../src/bridge/apply-update.ts";
import { DEFAULT_PRESENTATION, Update, type BridgeState } from "../../../src/bridge/state.ts";
import { readPresentation } from "../../../src/face/presentation.ts";
import { RpcRefusal } from "../../../src/rpc/server.ts";
import { serve, SNAPSHOT } from "../rpc/fixtures.ts";
import { deskAt } from "./fixtures.ts";

const KEY = "k".repeat(32);
const LINK = `nanami://enroll/vpn.example.com?pin=${"ab".repeat(32)}#${KEY}`;

/** What a window knows that applies every update as it comes. */
function window() {
  const updates: Update[] = [];
  let state: BridgeState | undefined;
  return {
    updates,
    tell: (update: Update) => {
      updates.push(Update.parse(update));
      state = applyUpdate(state, update);
    },
    get state() {
      return state;
    },
  };
}

test("a window is told the whole state, then only what is new, numbered without a gap", async () => {
  let snapshot = SNAPSHOT;
  await using agent = await serve({ snapshot: () => snapshot });
  using face = deskAt(agent.path);
  const one = window();
  face.desk.subscribe(one.tell);
  await vi.waitFor(() => expect(one.state?.agent.state).toBe("ready"));
  snapshot = { ...SNAPSHOT, announcement: "The operator loosened this network." };
  agent.server.publish({ announcement: snapshot.announcement });
  await vi.waitFor(() =>
    expect(one.state?.agent).toMatchObject({ snapshot: { announcement: snapshot.announcement } }),
  );
  expect(one.updates.map(({ kind }) => kind)).toEqual(["state", "changed", "snapshot"]);
  expect(one.updates.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
});

test("while the agent is away its last word stays, and it is found again by itself", async () => {
  const agent = await serve();
  using face = deskAt(agent.path);
  await vi.waitFor(() => expect(face.link.state.state).toBe("ready"));
  await agent.server.close();
  await vi.waitFor(() =>
    expect(face.link.state).toMatchObject({ state: "away", why: "not_running", last: SNAPSHOT }),
  );
  await expect(face.desk.answer("gateways", {})).resolves.toMatchObject({
    ok: false,
    problem: { code: "agent_away" },
  });
  await agent[Symbol.asyncDispose]();
});

test("an agent that was never there is told apart from one that stopped", async () => {
  using face = deskAt("/tmp/nanami-there-is-no-agent-here.sock");
  await vi.waitFor(() =>
    expect(face.link.state).toMatchObject({ state: "away", why: "not_installed", last: null }),
  );
});

test("the agent's refusal reaches the window in its own words", async () => {
  const problem = {
    code: "conflict",
    message: "Somebody disconnected meanwhile.",
    remedy: "Connect again.",
  } as const;
  await using agent = await serve({
    handlers: { connect: () => Promise.reject(new RpcRefusal(problem)) } as never,
  });
  using face = deskAt(agent.path);
  await vi.waitFor(() => expect(face.link.state.state).toBe("ready"));
  expect(await face.desk.answer("connect", { mode: "full_tunnel" })).toEqual({ ok: false, problem });
});

test.each([
  ["a name that is not in the table", "status", {}],
  ["a name from the prototype", "constructor", {}],
  ["no name at all", undefined, {}],
  ["a mode that there is not", "connect", { mode: "everything" }],
  ["a field more", "disconnect", { force: true }],
  ["an address to open", "openPlace", { place: "https://evil.example" }],
  ["parameters that are no object", "gateways", "none"],
])("a window that asks with %s is refused before anybody else hears of it", async (_, name, params) => {
  const asked: string[] = [];
  await using agent = await serve({ refuses: (_peer, method) => void asked.push(method) });
  using face = deskAt(agent.path);
  await vi.waitFor(() => expect(face.link.state.state).toBe("ready"));
  asked.length = 0;
  expect(await face.desk.answer(name, params)).toMatchObject({ ok: false, problem: { code: "bad_request" } });
  expect(asked).toEqual([]);
});

test("a link is read without its key, and a broken one says what a link looks like", async () => {
  using face = deskAt("/tmp/nanami-there-is-no-agent-here.sock");
  const read = await face.desk.answer("readLink", { link: ` ${LINK}\n` });
  expect(read).toEqual({ ok: true, value: { controlPlane: "vpn.example.com", pinned: true } });
  expect(JSON.stringify(read)).not.toContain(KEY);
  expect(await face.desk.answer("readLink", { link: "https://vpn.example.com" })).toMatchObject({
    ok: false,
    problem: { message: expect.stringContaining("nanami://enroll/") as string },
  });
});

test("an offer waits until it is dismissed, and the seventeenth makes the first go", async () => {
  using face = deskAt("/tmp/nanami-there-is-no-agent-here.sock");
  const one = window();
  face.desk.subscribe(one.tell);
  for (let index = 0; index < 17; index += 1)
    face.desk.offer({ kind: "refused", id: `offer-${index}`, message: "This is no file that Nanami reads." });
  expect(one.state?.offers.map(({ id }) => id)).toEqual(
    Array.from({ length: 16 }, (_, index) => `offer-${index + 1}`),
  );
  await face.desk.answer("dismissOffer", { id: "offer-3" });
  expect(one.state?.offers).toHaveLength(15);
});

test("offered files are no more than can be told at once: the oldest make room", () => {
  using face = deskAt("/tmp/nanami-there-is-no-agent-here.sock");
  const one = window();
  face.desk.subscribe(one.tell);
  const bytes = "A".repeat(3 * 1024 * 1024);
  for (const id of ["a", "b", "c"]) {
    face.desk.offer({ kind: "refused", id: `before ${id}`, message: "This is no file." });
    face.desk.offer({ kind: "files", id, files: [{ name: "x.conf", bytes }] });
  }
  expect(one.state?.offers.map(({ id }) => id)).toEqual(["before b", "b", "before c", "c"]);
});

test("what is changed of the presentation is kept, told, and leaves the rest", async () => {
  using face = deskAt("/tmp/nanami-there-is-no-agent-here.sock");
  const one = window();
  face.desk.subscribe(one.tell);
  await face.desk.answer("setPresentation", { language: "ja" });
  expect(face.kept).toEqual([{ ...DEFAULT_PRESENTATION, language: "ja" }]);
  expect(one.state?.presentation.language).toBe("ja");
});

test("one bad field of a stored presentation never loses the others", () => {
  expect(readPresentation({ language: "ja", appearance: "pink", startHidden: true, more: 1 })).toEqual({
    ...DEFAULT_PRESENTATION,
    language: "ja",
    startHidden: true,
  });
  for (const nothing of [undefined, null, 7, "text", []])
    expect(readPresentation(nothing)).toEqual(DEFAULT_PRESENTATION);
});
