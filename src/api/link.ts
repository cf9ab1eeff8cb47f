/**
 * The enrolment link: `nanami://enroll/<host[:port]>?pin=<sha256 of the CA>#<key>`. The key stands in the
 * fragment so that no server log and no referrer ever sees it. HTTPS only; plain HTTP to loopback without a pin.
 */

/** An enrolment link, taken apart. */
export interface EnrollmentLink {
  /** `https://host[:port]`, or `http://…` for loopback without a pin. */
  readonly origin: string;
  /** `host[:port]` as the link has it; what a person is asked to confirm. */
  readonly host: string;
  /** SHA-256 of the CA certificate's DER, 64 lower-case hexadecimal digits; null = the system's own roots. */
  readonly pin: string | null;
  readonly key: string;
}

export type ParsedLink =
  | { readonly ok: true; readonly link: EnrollmentLink }
  | { readonly ok: false; readonly code: "not_an_enrollment_link"; readonly message: string };

const LINK =
  /^nanami:\/\/enroll\/(?<name>\[[0-9a-f:]{2,39}\]|[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::(?<port>[1-9][0-9]{0,4}))?\/?(?:\?pin=(?<pin>[0-9a-f]{64}))?#(?<key>[A-Za-z0-9_-]{16,128})$/;
const LOOPBACK = /^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])$/;

/** Reads a link; any other scheme, path, parameter or spelling is refused with what was expected. */
export function parseEnrollmentLink(text: string): ParsedLink {
  const groups = text.length > 512 ? undefined : LINK.exec(text.trim())?.groups;
  const name = groups?.["name"];
  const key = groups?.["key"];
  const port = groups?.["port"];
  if (name === undefined || key === undefined || Number(port ?? 443) > 65535 || !isHost(name)) {
    return {
      ok: false,
      code: "not_an_enrollment_link",
      message:
        "This is not an enrolment link. It looks like nanami://enroll/<host>?pin=<64 hexadecimal digits>#<key>; ask your operator for a new one and paste it whole.",
    };
  }
  const pin = groups?.["pin"] ?? null;
  const host = port === undefined ? name : `${name}:${port}`;
  const scheme = LOOPBACK.test(name) && pin === null ? "http" : "https";
  return { ok: true, link: { origin: `${scheme}://${host}`, host, pin, key } };
}

/** Writes the link that `parseEnrollmentLink` reads. */
export function formatEnrollmentLink(link: Pick<EnrollmentLink, "host" | "pin" | "key">): string {
  return `nanami://enroll/${link.host}${link.pin === null ? "" : `?pin=${link.pin}`}#${link.key}`;
}

/** A bracketed IPv6 address, an IPv4 address, or an RFC 1123 name (whose last label is not all digits). */
function isHost(name: string): boolean {
  if (name.startsWith("[")) return URL.canParse(`https://${name}/`);
  const labels = name.split(".");
  if (/^[0-9]+$/.test(labels.at(-1) ?? "")) {
    return (
      labels.length === 4 &&
      labels.every((label) => /^(0|[1-9][0-9]{0,2})$/.test(label) && Number(label) < 256)
    );
  }
  return labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
}
