/** A lockdown that the machine will not make: what a person sees and is offered, before the real agent. */
import { expect, test } from "vitest";
import { LAPTOP } from "../../../src/lab/demo-places.ts";
import { withoutFirewall } from "../../../src/lab/no-firewall.ts";
import { proveClosed, proveDirectInternet } from "../../../src/lab/proof.ts";
import { holds } from "../../holds.ts";
import { says } from "./eventually.ts";
import { demoForAll, windowsForAll } from "./for-all-tests.ts";
import { Home } from "./pages/home.ts";
import { brokenInBothThemes, goTo } from "./pages/screen.ts";

const windows = windowsForAll();
const demo = demoForAll({ enrolled: true });

test("a lockdown that cannot be put in force says what is open, why and what to do, and closes by itself once it can", async () => {
  await demo.network.stop("agent");
  const giveBack = await withoutFirewall(demo.network.world.host(LAPTOP.host));
  await demo.network.startAgent();
  const app = await windows.open(demo.socket);
  const home = new Home(app.page);
  await says(home.headline, "Not connected");

  await goTo(app.page, "Settings");
  await app.page.getByText("Stay closed when disconnected", { exact: true }).click();
  await app.page.getByRole("alertdialog").getByRole("button", { name: "Turn lockdown on" }).click();
  await says(
    app.page.getByRole("main").getByRole("alert"),
    /Lockdown could not be put in force: .*nft.*It is tried again by itself\./,
  );

  await home.open();
  await says(home.headline, "Lockdown is not in force: all traffic goes directly");
  await says(home.card, /all traffic leaves this device as if lockdown was off.*The program nft is not inst/);
  expect(await home.card.getByRole("button").allInnerTexts()).toEqual(["Connect", "Lockdown in Settings"]);
  expect(await home.switch.isChecked()).toBe(false);
  expect(await app.page.getByRole("button", { name: "Cancel" }).count()).toBe(0);
  expect((await home.path()).join("\n")).toContain("Directly, unprotected");
  expect(await app.page.title()).toBe("Not protected – Nanami");
  await holds(() => proveDirectInternet(demo.network));
  expect(await brokenInBothThemes(app.page)).toEqual([]);

  await app.speakJapanese();
  await says(home.headline, "ロックダウンが効いていません：すべての通信が直接つながります");
  await says(
    app.page.getByRole("main").getByRole("alert"),
    /すべての通信はロックダウンがオフのときと同じように/,
  );
  await app.speak("en");

  await giveBack();
  await says(home.headline, "Not connected, and nothing leaves this device");
  await holds(() => proveClosed(demo.network));
});
