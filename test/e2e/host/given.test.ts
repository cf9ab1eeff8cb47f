/** What comes from outside: links, files and second instances of anybody. All of it only ever becomes an offer. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RpcRefusal } from "../../../src/rpc/server.ts";
import { DISCONNECTED } from "../../unit/cli/values.ts";
import type { AppUnderTest } from "./app-under-test.ts";
import { closeHosts, STARTERS } from "./hosts.ts";
import { ask, offers } from "./page-request.ts";
import { startStandIn, type StandIn } from "./stand-in.ts";

const LINK = `nanami://enroll/control.example?pin=${"ab".repeat(32)}#0123456789abcdef0123`;
const CONF = "[Interface]\nPrivateKey = x\n";

let agent: StandIn;
let folder: string;

afterAll(closeHosts);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nanami-given-"));
  await writeFile(join(folder, "office.conf"), CONF);
  await writeFile(join(folder, "huge.conf"), Buffer.alloc(6 * 1024 * 1024));
  await writeFile(join(folder, "evil\u202e\u001b[31mfnoc.conf"), CONF);
  await mkdir(join(folder, "folder.conf"));
  await symlink("/dev/zero", join(folder, "endless.conf"));
  await execa("mkfifo", [join(folder, "pipe.conf")]);
  for (let count = 0; count < 17; count += 1) await writeFile(join(folder, `${count}.conf`), CONF);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  agent = await startStandIn(DISCONNECTED);
});
afterEach(() => agent[Symbol.asyncDispose]());

/** What waits for the person after something came, without what waited before. */
async function offered(app: AppUnderTest, come: () => Promise<void>): Promise<unknown> {
  const page = await app.page();
  for (const { id } of await offers(page)) await ask(page, "dismissOffer", { id });
  await come();
  await expect.poll(async () => (await offers(page)).length).toBe(1);
  const [offer] = await offers(page);
  return offer;
}

const refused = (words: string) => ({
  kind: "refused",
  message: expect.stringContaining(words) as string,
});

describe.each(STARTERS)("$name", ({ start }) => {
  test("a link fills in what it says and waits; it is never acted on", async () => {
    await using app = await start({ socket: agent.socket, words: ["--hidden", LINK] });
    const page = await app.page();
    const enroll = { kind: "enroll", link: LINK, facts: { controlPlane: "control.example", pinned: true } };
    await expect.poll(() => offers(page)).toMatchObject([enroll]);
    expect(await offered(app, () => app.startAgain([LINK]))).toMatchObject(enroll);
    expect(await offered(app, () => app.open("open-url", LINK))).toMatchObject(enroll);
    expect(agent.askedFor("enroll")).toEqual([]);
  });

  test("a link that comes while somebody types is not taken by their next key, but by the button alone", async () => {
    await using fresh = await startStandIn(
      { ...DISCONNECTED, enrollment: null, path: null },
      {
        enroll: () =>
          Promise.reject(new RpcRefusal({ code: "refused", message: "This enrolment key has been used." })),
      },
    );
    const enrolled = () => fresh.askedFor("enroll");
    await using app = await start({ socket: fresh.socket });
    const page = await app.page();
    await page.getByRole("textbox", { name: "Enrolment link" }).focus();
    await app.open("open-url", LINK);
    const dialog = page.getByRole("dialog", { name: "A link was opened with Nanami" });
    await dialog.getByText("control.example asks to steer this device").waitFor();
    for (const key of ["Enter", "Space", "y", "Enter"]) await page.keyboard.press(key);
    await dialog.getByText("control.example asks to steer this device").waitFor();
    expect(enrolled()).toEqual([]);
    await dialog.getByRole("button", { name: "Enrol this device" }).click();
    await dialog.getByText("This enrolment key has been used.").waitFor();
    expect(enrolled().map(({ params }) => params)).toEqual([{ link: LINK }]);
    await dialog.getByRole("button", { name: "Not now" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await offers(page)).toEqual([]);
  });

  test("files are read, by name, by address, and relative to the folder of who gave them", async () => {
    await using app = await start({ socket: agent.socket });
    const office = { kind: "files", files: [{ name: "office.conf", bytes: btoa(CONF) }] };
    const path = join(folder, "office.conf");
    expect(await offered(app, () => app.open("open-file", path))).toMatchObject(office);
    expect(await offered(app, () => app.startAgain([path]))).toMatchObject(office);
    expect(await offered(app, () => app.startAgain([pathToFileURL(path).href]))).toMatchObject(office);
    const handed = { handedOver: { words: ["office.conf"], folder } };
    expect(await offered(app, () => app.handOver(handed))).toMatchObject(office);
    const disguised = join(folder, "evil\u202e\u001b[31mfnoc.conf");
    expect(await offered(app, () => app.open("open-file", disguised))).toMatchObject({
      files: [{ name: "evil\ufffd\ufffd[31mfnoc.conf" }],
    });
  });

  test("what cannot be taken is refused with words", async () => {
    await using app = await start({ socket: agent.socket });
    const file = (name: string) => () => app.open("open-file", join(folder, name));
    expect(await offered(app, file("huge.conf"))).toMatchObject(refused("more than 5 MiB"));
    expect(await offered(app, file("folder.conf"))).toMatchObject(refused("is not a file"));
    expect(await offered(app, file("endless.conf"))).toMatchObject(refused("is not a file"));
    expect(await offered(app, file("pipe.conf"))).toMatchObject(refused("is not a file"));
    expect(await offered(app, file("gone.conf"))).toMatchObject(refused("cannot be read"));
    const many = Array.from({ length: 17 }, (_, count) => join(folder, `${count}.conf`));
    expect(await offered(app, () => app.startAgain(many))).toMatchObject(refused("More than 16 files"));
    for (const [link, words] of [
      ["nanami://enroll/control.example", "not an enrolment link"],
      ["nanami://enroll/control.example/../x#0123456789abcdef0123", "not an enrolment link"],
      ["nanami://disconnect", "not an enrolment link"],
      [`${LINK}${"a".repeat(600)}`, "too long"],
      ["https://example.com/x.conf", "another machine"],
      ["file://server/share/x.conf", "another machine"],
    ] as const)
      expect(await offered(app, () => app.open("open-url", link)), link).toMatchObject(refused(words));
  });

  test("a second instance of anybody's can hand over anything", async () => {
    await using app = await start({ socket: agent.socket });
    for (const data of [
      null,
      "words",
      { handedOver: null },
      { handedOver: { words: [LINK], folder: 7 } },
      { handedOver: { words: [LINK], folder: "/", run: "rm" } },
      { handedOver: { words: Array.from({ length: 65 }, () => "x"), folder: "/" } },
      { handedOver: { words: ["x".repeat(5000)], folder: "/" } },
    ])
      expect(await offered(app, () => app.handOver(data))).toMatchObject(refused("too long"));
    expect(
      await offered(app, () => app.handOver({ handedOver: { words: [LINK, LINK], folder: "/" } })),
    ).toMatchObject(refused("several links"));
    expect(await offered(app, () => app.startAgain(["--inspect", "--no-sandbox", LINK]))).toMatchObject({
      kind: "enroll",
    });
    expect(await offered(app, () => app.startAgain(["x".repeat(20_000)]))).toMatchObject(refused("too long"));

    // A flood leaves the newest sixteen, and an app that answers.
    const page = await app.page();
    for (let count = 0; count < 40; count += 1)
      await app.handOver({ handedOver: { words: [`nanami://${count}`], folder: "/" } });
    await expect.poll(async () => (await offers(page)).length).toBe(16);
    for (let count = 0; count < 4; count += 1)
      await app.handOver({ handedOver: { words: [join(folder, "0.conf")], folder: "/" } });
    await expect.poll(async () => (await offers(page)).at(-1)?.kind).toBe("files");
    expect(await ask(page, "readLink", { link: LINK })).toMatchObject({ ok: true });
  });

  test("the system's dialogs give bytes and never paths, and save for the person alone", async () => {
    await using app = await start({ socket: agent.socket });
    const page = await app.page();
    expect(await ask(page, "chooseFiles", {})).toEqual({ ok: true, value: [] });
    await app.answerDialogs({ open: [join(folder, "office.conf"), join(folder, "0.conf")] });
    expect(await ask(page, "chooseFiles", {})).toEqual({
      ok: true,
      value: [
        { name: "office.conf", bytes: btoa(CONF) },
        { name: "0.conf", bytes: btoa(CONF) },
      ],
    });
    await app.answerDialogs({ open: [join(folder, "endless.conf")] });
    expect(await ask(page, "chooseFiles", {})).toMatchObject({
      ok: false,
      problem: { code: "bad_request", message: expect.stringContaining("is not a file") as string },
    });
    const file = { kind: "conf", name: "../../.ssh/office", bytes: btoa(CONF) };
    expect(await ask(page, "saveFile", file)).toEqual({ ok: true, value: { saved: false } });
    await app.answerDialogs({ save: join(folder, "saved.conf") });
    expect(await ask(page, "saveFile", file)).toEqual({ ok: true, value: { saved: true } });
    const { stdout } = await execa("stat", ["--format=%a %s", join(folder, "saved.conf")]);
    expect(stdout).toBe(`600 ${CONF.length}`);
    await app.answerDialogs({ save: join(folder, "nowhere", "saved.conf") });
    expect(await ask(page, "saveFile", file)).toMatchObject({
      problem: { message: expect.stringContaining("ENOENT") as string },
    });
  });
});
