import type { ApiClient } from "../../../src/api/client.ts";
import { bodyOf } from "../../../src/lab/seed.ts";

/** Puts something in place of what is stored now, as somebody does who has just looked at it (`seenAt`). */
export async function overwrite(
  client: ApiClient,
  path: string,
  body: unknown,
  seenAt: string = path,
): Promise<void> {
  const seen = await client.call({ method: "GET", path: seenAt, answer: null });
  bodyOf(seen);
  const ifMatch = seen.ok ? (seen.etag ?? undefined) : undefined;
  bodyOf(await client.call({ method: "PUT", path, body, ifMatch, answer: null }));
}
