/** As much of a DNS message (RFC 1035, section 4) as a forwarder has to read. Pure. */

const HEADER_LENGTH = 12;
const LONGEST_NAME = 255;

/**
 * The name that a query asks for, in lower case without the trailing dot (the root is ""). Null for what is no
 * query with exactly one question.
 */
export function questionName(message: Uint8Array): string | null {
  if (message.length < HEADER_LENGTH) return null;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const isResponse = (view.getUint8(2) & 0x80) !== 0;
  if (isResponse || view.getUint16(4) !== 1) return null;
  const labels: string[] = [];
  let offset = HEADER_LENGTH;
  for (;;) {
    const length = message[offset];
    // Compression makes no sense in the first name of a message.
    if (length === undefined || length > 63 || offset - HEADER_LENGTH > LONGEST_NAME) return null;
    if (length === 0) break;
    const label = message.subarray(offset + 1, offset + 1 + length);
    if (label.length < length) return null;
    labels.push(Buffer.from(label).toString("latin1").toLowerCase());
    offset += 1 + length;
  }
  return offset + 5 <= message.length ? labels.join(".") : null;
}

/** Whether a name is one of the domains or below one of them. */
export function matches(name: string, domains: readonly string[]): boolean {
  return domains.some((domain) => name === domain || name.endsWith(`.${domain}`));
}

/** The query turned into an answer that says SERVFAIL: nobody answered, ask again. */
export function serverFailure(query: Uint8Array): Uint8Array {
  const answer = Uint8Array.from(query);
  answer[2] = (answer[2] ?? 0) | 0x80;
  answer[3] = ((answer[3] ?? 0) & 0xf0) | 0x82;
  return answer;
}
