/** The window's page: the built interface under an origin of its own, and nothing else in the world. */
import { protocol, type Session } from "electron";
import { contentPolicy } from "../../src/bridge/content-policy.ts";
import type { PageFile } from "../../src/face/page-files.ts";

const SCHEME = "app";
const HOST = "nanami";
export const PAGE = `${SCHEME}://${HOST}/index.html`;

/** Before the app is ready: gives the scheme an origin, and the standing of a secure one. */
export function announcePage(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Whether an address is of our own page. Compared by its parts: `app://nanami.example/` begins the same. */
export function isOurPage(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.protocol === `${SCHEME}:` && url.host === HOST;
}

/** Serves the built files to the pages of a session. A request can only name a file that was there before. */
export function servePage(session: Session, files: () => Promise<ReadonlyMap<string, PageFile>>): void {
  session.protocol.handle(SCHEME, async ({ url, method }) => {
    const file = isOurPage(url) ? (await files()).get(new URL(url).pathname) : undefined;
    if (method !== "GET" || file === undefined) return new Response("Not found", { status: 404 });
    return new Response(new Uint8Array(file.body), {
      headers: {
        "Content-Type": file.type,
        "Content-Security-Policy": contentPolicy(),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
      },
    });
  });
}
