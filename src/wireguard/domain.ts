/** How much of the name space a domain takes. */
import type { HostName } from "./endpoint.ts";

/** Endings under which no public name is registered (RFC 2606, 6761, 6762, 8375, 9476, ICANN's `internal`, habit). */
const PRIVATE_ENDINGS = new Set(
  "internal local test example invalid localhost onion alt lan home corp mail intranet private localdomain".split(
    " ",
  ),
);
const PUBLIC_ENDINGS = new Set(
  "com net org edu gov mil int arpa info biz name pro mobi app dev cloud online site shop store tech xyz club top live blog page web".split(
    " ",
  ),
);
const SECOND_LEVEL = new Set("co com net org edu gov ac ne or go gob mil".split(" "));

/**
 * `private`: nobody else's names end so. `ending`: a whole public ending such as `com` or `co.uk`. `public`: a
 * domain in the public name space. An estimate without the public suffix list, for warnings.
 */
export function domainReach(domain: HostName): "private" | "ending" | "public" {
  const labels = domain.split(".");
  const last = labels.at(-1) ?? "";
  if (PRIVATE_ENDINGS.has(last) || domain === "home.arpa" || domain.endsWith(".home.arpa")) return "private";
  const isCountry = /^[a-z]{2}$/.test(last);
  if (labels.length === 1)
    return isCountry || PUBLIC_ENDINGS.has(last) || last.startsWith("xn--") ? "ending" : "private";
  if (labels.length === 2 && isCountry && SECOND_LEVEL.has(labels[0] ?? "")) return "ending";
  return domain.endsWith(".arpa") && labels.length === 2 ? "ending" : "public";
}
