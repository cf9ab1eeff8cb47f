/** Ways past everything that opens on a screen, for tests that look at each thing in one respect. */
import type { Page } from "playwright";
import { CONF } from "../../unit/wireguard/container/given.ts";
import { says } from "./eventually.ts";
import { Health } from "./pages/health.ts";
import { Manual } from "./pages/manual.ts";
import { Path } from "./pages/path.ts";
import { DIALOG, leaveDialog } from "./pages/screen.ts";

/** Looks at what stands there now, or at a part of it, and notes what is wrong with it under this name. */
export type Look = (what: string, within?: string) => Promise<void>;

/** Tries a change with a gateway that is not allowed. */
export async function tryForbiddenPin(page: Page): Promise<void> {
  const path = new Path(page);
  await path.open();
  const change = await path.tryChange();
  await change.gateways("By hand");
  await change.pin("Exit gateway", "Osaka");
  await says(change.within, "osaka is no exit gateway.");
}

/** Has Health tell everything that it can: the checks, the leak test, where a name goes, the diagnostics. */
export async function fillHealth(page: Page): Promise<void> {
  const health = new Health(page);
  await health.open();
  await health.press("Health checks", "Check now");
  await health.card("Health checks").getByRole("list").waitFor();
  await health.press("Leak self-test", "Test now");
  await health.card("Leak self-test").getByRole("button", { name: "Test again" }).waitFor();
  await health.ask("intranet.corp.test");
  await health.card("Where does this go?").getByText("Decided by").waitFor();
  await health.press("Diagnostics", "Preview");
  await says(health.card("Diagnostics"), "Part");
}

/** A configuration that is pasted, reported, kept as `name`, changed, let out. */
export async function tourOfConfiguration(page: Page, name: string, look: Look): Promise<void> {
  const manual = new Manual(page);
  await manual.open();
  await page.getByRole("button", { name: "Paste text…" }).click();
  await page.locator(DIALOG).waitFor();
  await look("Paste", DIALOG);
  await leaveDialog(page);
  await manual.paste(CONF.replace("[Peer]", "PostUp = true\n\n[Peer]"));
  await says(manual.report, "some lines are left out");
  await look("Report", DIALOG);
  await manual.saveAs(name);
  await look("A configuration and a message");
  for (const act of ["Edit…", "Rename…", "Steer less…", "Export…"]) {
    await manual.act(name, act);
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    if (act === "Export…") {
      await dialog.getByText("QR code", { exact: true }).click();
      await dialog.getByRole("button", { name: "Show the QR code" }).click();
      await dialog.getByRole("img").waitFor();
    }
    await look(act, DIALOG);
    await leaveDialog(page);
  }
}
