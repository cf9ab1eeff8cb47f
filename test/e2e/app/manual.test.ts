/** A person with WireGuard files from anywhere: shown, checked, saved, connected, let out again. */
import { readFile } from "node:fs/promises";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { provePrivateReach } from "../../../src/lab/proof.ts";
import { writeZip } from "../../../src/wireguard/container/write.ts";
import { holds } from "../../holds.ts";
import type { AppWindow } from "./app-window.ts";
import { issueConfig } from "./demo.ts";
import { says } from "./eventually.ts";
import { demoForAll, windowsForAll } from "./for-all-tests.ts";
import { Manual } from "./pages/manual.ts";
import { message } from "./pages/screen.ts";
import { wrongFiles } from "./wrong-files.ts";

const windows = windowsForAll();
const demo = demoForAll({ enrolled: true });
let app: AppWindow;
let manual: Manual;
/** As the control plane issued it, with its private key. */
let file: string;

beforeAll(async () => {
  file = await issueConfig(demo.network);
});
beforeEach(async () => {
  app = await windows.open(demo.socket);
  manual = new Manual(app.page);
  await manual.open();
});

/** Names of what the agent keeps. */
async function saved(): Promise<readonly string[]> {
  using agent = await demo.network.agent();
  const profiles = await agent.call("listProfiles", {});
  return profiles.map(({ name }) => name);
}

const secret = () => /^PrivateKey = (.*)$/m.exec(file)?.[1] ?? "";

test("a pasted file is shown line by line without its key, says what is left out, and is saved on one word", async () => {
  await manual.paste(file.replace("[Peer]", "PostUp = touch /tmp/owned\n\n[Peer]"));
  await says(manual.report, /It can be used, but not all of it/);
  await says(manual.report, /It would steer .*10\.20\.0\.0\/16/);
  await says(manual.report, /Line \d+/);
  expect(await app.page.content()).not.toContain(secret());
  await manual.saveAs("office");
  await says(message(app.page, "office"), "office is saved.");
});

test("a file that was chosen is refused with the line and the reason, and nothing is saved", async () => {
  await manual.addFiles({
    name: "broken.conf",
    buffer: Buffer.from(file.replace(/^PrivateKey = .*$/m, "PrivateKey = not-a-key")),
  });
  await says(manual.report, "It cannot be used.");
  await says(manual.report, /Line 2/);
  expect(await manual.report.getByRole("button", { name: "Save" }).count()).toBe(0);
  await manual.report.getByRole("button", { name: /Cancel|Close/ }).click();
});

test("an archive shows what is in it, and only what is chosen is saved", async () => {
  const archive = writeZip([
    { name: "first", text: file },
    { name: "second", text: file.replace("PrivateKey", "PrivateKay") },
  ]);
  await manual.addFiles({ name: "two.zip", buffer: Buffer.from(archive) });
  const documents = manual.report.getByRole("list", { name: "What was found" }).getByRole("listitem");
  await says(documents.first(), "first");
  await says(documents.nth(1), "Refused");
  await manual.report.getByRole("button", { name: "Save", exact: true }).click();
  await says(manual.saved, "first");
  expect(await manual.saved.innerText()).not.toContain("second");
});

test("files of every wrong kind that are dropped get a sentence each, and the app goes on", async () => {
  const before = await saved();
  for (const [wrong, words] of wrongFiles(file)) {
    await manual.drop(wrong);
    await says(manual.report, words);
    expect(await manual.report.getByRole("button", { name: "Save" }).count(), wrong.name).toBe(0);
    expect(await manual.report.innerText()).not.toContain(secret());
    await manual.leave();
  }
  expect(await saved()).toEqual(before);
});

test("more than can be looked at, what is too large, what is no file, and names that deceive", async () => {
  const before = await saved();
  const small = (name: string) => ({ name, buffer: Buffer.from(file) });
  await manual.drop(...Array.from({ length: 17 }, (_, count) => small(`${count}.conf`)));
  await says(manual.report, "Those were 17 files. 16 at most are checked at a time.");
  await manual.leave();
  await manual.drop({ name: "large.conf", buffer: Buffer.alloc(5 * 1024 * 1024 + 1) });
  await says(manual.report, "large.conf is larger than 5 MiB, and no configuration is.");
  await manual.leave();
  await manual.drop();
  await says(manual.report, "That was no file.");
  await manual.leave();
  await manual.drop(small("<img src=x onerror=alert(1)>.conf"));
  await says(manual.report, /It can be used/);
  expect(await manual.report.locator("img").count()).toBe(0);
  await manual.leave();
  expect(await saved()).toEqual(before);
});

test("a saved configuration is connected in place of nothing, reaches what its owner may, and is left", async () => {
  await manual.choose("office");
  await manual.connect();
  await says(app.page.getByRole("main"), "Connected");
  await holds(() => provePrivateReach(demo.network));
  await manual.disconnect();
  await app.page.getByRole("button", { name: "Connect", exact: true }).waitFor();
});

test("editing checks as one types, keeps the secret unseen, and saves", async () => {
  await manual.choose("office");
  await manual.act("office", "Edit…");
  const dialog = app.page.getByRole("dialog", { name: "Edit office" });
  const text = dialog.getByRole("textbox", { name: "Text of the configuration" });
  await says(dialog, "(kept) stands for a secret");
  const before = await text.inputValue();
  expect(before).toContain("PrivateKey = (kept)");
  await text.fill(before.replace("[Peer]", "MTU = 99999\n\n[Peer]"));
  await says(dialog, "It cannot be used.");
  await text.fill(before.replace("[Peer]", "MTU = 1380\n\n[Peer]"));
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await says(message(app.page, "office"), "office is changed.");
  await says(app.page.getByRole("main"), "1380");
});

test("an export warns, and what is saved is the file with its key; a removal is undone", async () => {
  await manual.choose("office");
  await manual.act("office", "Export…");
  const dialog = app.page.getByRole("dialog", { name: "Export office" });
  await says(dialog, "It contains the private key");
  const download = app.page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save…" }).click();
  const path = await (await download).path();
  expect(await readFile(path, "utf8")).toContain(secret());
  await manual.act("office", "Remove");
  await message(app.page, "office is removed").getByRole("button", { name: "Undo" }).click();
  await says(app.page.getByRole("main"), "office");
});

test("a QR code that was exported is read again", async () => {
  using agent = await demo.network.agent();
  const profiles = await agent.call("listProfiles", {});
  const office = profiles.find(({ name }) => name === "office");
  const { bytes } = await agent.call("exportProfiles", { ids: [office?.id ?? ""], format: "qr" });
  await manual.addFiles({ name: "code.png", buffer: Buffer.from(bytes, "base64") });
  await says(manual.report, /It can be used/);
  await manual.saveAs("from a picture");
  await says(manual.saved, "from a picture");
});
