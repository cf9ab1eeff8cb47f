/** The double's session: a browser context in which every request goes through the app's own handlers, or nowhere. */
import { EventEmitter } from "node:events";
import type * as Electron from "electron";
import type { Browser, BrowserContext, Request as PageRequest, Route } from "playwright";
import type { Surface } from "./surface.ts";

/** Where a page of `app://nanami` lives in a browser that does not know the scheme. */
const STAND_IN = "https://nanami.app.test";
const SCHEME = "app://nanami";

/** The address as Electron would say it. */
export function asElectronSays(url: string): string {
  return url.startsWith(STAND_IN) ? SCHEME + url.slice(STAND_IN.length) : url;
}

/** The address as the browser knows it. */
export function asBrowserKnows(url: string): string {
  return url.startsWith(SCHEME) ? STAND_IN + url.slice(SCHEME.length) : url;
}

type ProtocolHandler = Parameters<Electron.Protocol["handle"]>[1];
type PermissionRequest = Parameters<Electron.Session["setPermissionRequestHandler"]>[0];
type PermissionCheck = Parameters<Electron.Session["setPermissionCheckHandler"]>[0];
type BeforeRequest = (
  details: Electron.OnBeforeRequestListenerDetails,
  decide: (response: Electron.CallbackResponse) => void,
) => void;

export class SessionDouble extends EventEmitter {
  readonly context: Promise<BrowserContext>;
  /** Every address that a page wanted and that is not the app's own. */
  readonly strayRequests: string[] = [];
  /** Set by a page's contents: judges a navigation that the page began. */
  onNavigation: (url: string, isMainFrame: boolean) => void = () => undefined;
  #handlers = new Map<string, ProtocolHandler>();
  #permission: PermissionRequest = null;
  #permissionCheck: PermissionCheck = null;
  #beforeRequest: BeforeRequest | null = null;
  /** Main-frame addresses that the app itself loads. */
  readonly loading = new Set<string>();

  constructor(browser: Browser, language: string) {
    super();
    this.context = browser
      .newContext({ locale: language, acceptDownloads: true, viewport: { width: 420, height: 680 } })
      .then(async (context) => {
        await context.route("**/*", (route) => this.#route(route));
        return context;
      });
  }

  readonly protocol = {
    handle: (scheme, handler) => void this.#handlers.set(scheme, handler),
  } satisfies Surface<Electron.Protocol, "handle">;

  readonly webRequest = {
    onBeforeRequest: (...given: unknown[]) => {
      this.#beforeRequest = given.at(-1) as BeforeRequest | null;
    },
  };

  setPermissionRequestHandler(handler: PermissionRequest): void {
    this.#permission = handler;
  }

  setPermissionCheckHandler(handler: PermissionCheck): void {
    this.#permissionCheck = handler;
  }

  setDevicePermissionHandler(): void {
    // No device is ever offered here; that it is set is what `hardening` promises.
  }

  setDisplayMediaRequestHandler(): void {
    // As above.
  }

  /** Asks for a permission as Chromium would for a page at `origin`; true when it is given. */
  async asks(permission: string, contents: Electron.WebContents): Promise<boolean> {
    const origin = new URL(contents.getURL()).origin;
    const details = { requestingUrl: contents.getURL(), isMainFrame: true };
    // The names are what is tested, also those that Electron's types do not list.
    const check = this.#permissionCheck as
      | ((contents: Electron.WebContents, permission: string, origin: string, details: object) => boolean)
      | null;
    const request = this.#permission as
      | ((
          contents: Electron.WebContents,
          permission: string,
          decide: (given: boolean) => void,
          details: object,
        ) => void)
      | null;
    const checked =
      check?.(contents, permission, origin === "null" ? contents.getURL() : origin, details) ?? true;
    const given = await new Promise<boolean>((resolve) =>
      request === null ? resolve(true) : request(contents, permission, resolve, details),
    );
    return checked && given;
  }

  async #route(route: Route): Promise<void> {
    const request = route.request();
    const url = asElectronSays(request.url());
    if (request.isNavigationRequest() && !this.loading.delete(url)) {
      const isMainFrame = isOfMainFrame(request);
      if (isMainFrame === undefined) await route.fulfill({ status: 200, body: "" });
      else {
        this.onNavigation(url, isMainFrame);
        // Without content the browser stays where it is, as it does when a navigation is prevented.
        await route.fulfill({ status: 204 });
      }
      return;
    }
    const cancelled = await this.#isCancelled(url);
    const handler = this.#handlers.get(new URL(url).protocol.slice(0, -1));
    if (cancelled || handler === undefined) {
      this.strayRequests.push(url);
      await route.abort("blockedbyclient");
      return;
    }
    // What the app is given is a `GlobalRequest` of the same standard.
    const response = await handler(new Request(url, { method: request.method() }));
    await route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    });
  }

  #isCancelled(url: string): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.#beforeRequest === null) resolve(false);
      else
        this.#beforeRequest({ url } as Electron.OnBeforeRequestListenerDetails, ({ cancel }) =>
          resolve(cancel === true),
        );
    });
  }
}

/** undefined: of a window that is not there yet, which is asked about by itself. */
function isOfMainFrame(request: PageRequest): boolean | undefined {
  try {
    return request.frame().parentFrame() === null;
  } catch {
    return undefined;
  }
}
