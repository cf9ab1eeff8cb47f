/** Files that the tests of containers hand in. */
import type { Document, Opened } from "../../../../src/wireguard/container/types.ts";

export const PRIVATE_KEY = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
export const CONF = `[Interface]
PrivateKey = ${PRIVATE_KEY}
Address = 10.7.0.2/32

[Peer]
PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
AllowedIPs = 10.7.0.0/24
Endpoint = 203.0.113.7:51820
`;

/** Name and code, or name and text, of each document. */
export function summary({ documents }: Opened): (readonly [string | null, string])[] {
  return documents.map((document) => [document.name, codeOf(document)]);
}

function codeOf({ content }: Document): string {
  return content.kind === "finding" ? content.finding.code : Buffer.from(content.bytes).toString();
}
