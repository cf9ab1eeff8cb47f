/**
 * Who may open the window: whoever has the one-time pass from the address that was printed. It is exchanged for a
 * cookie, so that it is worth nothing afterwards (histories and process lists keep addresses).
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const COOKIE = "nanami_window";

function same(given: string, known: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(known));
}

export class Pass {
  #once: string | null = randomBytes(32).toString("base64url");
  readonly #session = randomBytes(32).toString("base64url");
  readonly #cookie: string;

  /** Cookies are shared by all ports of a host (RFC 6265, 8.5), so the name carries ours. */
  constructor(port: number) {
    this.#cookie = `${COOKIE}_${port}`;
  }

  /** The pass that is still unused; null when it was exchanged. */
  get once(): string | null {
    return this.#once;
  }

  /** Takes the one-time pass and gives the value of `Set-Cookie` for it; undefined when it is wrong or was used. */
  exchange(given: string): string | undefined {
    if (this.#once === null || !same(given, this.#once)) return undefined;
    this.#once = null;
    return `${this.#cookie}=${this.#session}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Whether a request's `Cookie` header holds the session. */
  admits(header: string | undefined): boolean {
    return (header ?? "").split(/;\s*/).some((pair) => {
      const at = pair.indexOf("=");
      return at > 0 && pair.slice(0, at) === this.#cookie && same(pair.slice(at + 1), this.#session);
    });
  }
}
