/** The app's window and a page with nothing but React, as the benchmarks of the app open them. */
import { join, resolve } from "node:path";
import { execa } from "execa";
import type { Browser, Page } from "playwright";
import type { BridgeHost } from "../../src/bridge-host/server.ts";
import type { Snapshot } from "../../src/rpc/contract.ts";
import { PATH } from "../unit/cli/values.ts";
import { SNAPSHOT } from "../unit/rpc/fixtures.ts";

/** Where our own page is built. */
export const BUILT = resolve(".nanami/app/renderer");

export const ENROLLED: Snapshot = {
  ...SNAPSHOT,
  enrollment: {
    controlPlane: "https://control.example",
    deviceId: PATH.deviceId,
    networkId: PATH.networkId,
    workspaceName: "acme",
    networkName: "corp",
    publicKey: `${"A".repeat(43)}=`,
  },
  path: PATH,
  controlPlane: { connected: true, problem: null, revoked: false },
};
export const CONNECTED: Snapshot["tunnel"] = {
  state: "connected",
  mode: "full_tunnel",
  since: "2026-11-23T12:00:00.000Z",
  verified: "traffic",
};

/** Traffic as an agent tells it, another with each number. */
export const traffic = (tick: number): NonNullable<Snapshot["traffic"]> => ({
  rxBytes: tick * 1e6,
  txBytes: tick * 1e5,
  rxRate: 1e7 + tick,
  txRate: 1e6 + tick,
  handshakeAge: 5,
  roundTripMs: 9 + (tick % 3),
});

/**
 * Builds both pages, for the same browser and with the same options: ours where it belongs, the one with nothing but
 * React in `bare`.
 */
export async function build(bare: string): Promise<void> {
  const vite = join("node_modules", "vite", "bin", "vite.js");
  await execa(process.execPath, [vite, "build", "--config", "renderer/vite.config.ts", "--logLevel=warn"]);
  const page = resolve("test/bench/bare-page");
  await execa(process.execPath, [
    vite,
    "build",
    page,
    `--outDir=${bare}`,
    "--emptyOutDir",
    "--logLevel=warn",
  ]);
}

export interface Opened {
  readonly page: Page;
  /** Milliseconds from the beginning of the navigation until something on the page could be pressed. */
  readonly usableAfter: number;
  /** The files that were there by then. */
  readonly loaded: readonly string[];
}

/** A page of a host of its own. `press`: its first control is pressed at the very moment that counts. */
export async function openPage(
  browser: Browser,
  host: BridgeHost,
  { press = false }: { readonly press?: boolean } = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 420, height: 680 } });
  const page = await context.newPage();
  await page.addInitScript(`
    globalThis.usable = new Promise((done) => {
      new MutationObserver((_, observer) => {
        const control = document.querySelector("main button:enabled, main input:enabled");
        if (control === null) return;
        observer.disconnect();
        requestAnimationFrame(() => {
          const usableAfter = performance.now();
          if (${press}) control.click();
          const entries = performance.getEntriesByType("resource");
          done({ usableAfter, loaded: entries.map(({ name }) => new URL(name).pathname) });
        });
      }).observe(document, { childList: true, subtree: true, attributeFilter: ["disabled"] });
    });
  `);
  await page.goto(host.address);
  // Not `waitForFunction`, whose second look the page's own content policy refuses.
  return { page, ...(await page.evaluate<Omit<Opened, "page">>("globalThis.usable")) };
}
