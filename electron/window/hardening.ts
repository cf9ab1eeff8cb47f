/** Takes from every page what none of ours needs, whatever the page is and however it came to be. */
import { app, type Session, type WebContents } from "electron";
import { isOurPage } from "./page.ts";

/** Copying text at a click. Everything else that a page may ask a person for is refused. */
const ALLOWED = "clipboard-sanitized-write";

/** No permission, no device, no download, and no request to anywhere but our own files. */
export function hardenSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, decide) =>
    decide(permission === ALLOWED && isOurPage(contents.getURL())),
  );
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === ALLOWED && isOurPage(origin),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler(null);
  session.on("will-download", (event) => event.preventDefault());
  session.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !isAllowed(url) }));
}

/** What the policy allows besides our files stands for bytes that the page has already. */
function isAllowed(url: string): boolean {
  return isOurPage(url) || /^(data|blob|devtools):/.test(url);
}

/** No page goes anywhere, opens a window, or holds another page. */
export function hardenContents(contents: WebContents): void {
  const refuse = (event: { preventDefault(): void }): void => event.preventDefault();
  contents.on("will-navigate", refuse);
  contents.on("will-frame-navigate", refuse);
  contents.on("will-redirect", refuse);
  contents.on("will-attach-webview", refuse);
  contents.setWindowOpenHandler(() => ({ action: "deny" }));
}

/** Every page that this process will ever hold. */
export function hardenApp(): void {
  app.enableSandbox();
  app.on("web-contents-created", (_event, contents) => hardenContents(contents));
}
