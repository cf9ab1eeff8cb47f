/** Profiles as they are stored: typed values, secrets included, in files that root alone may read. */
import { z } from "zod";
import { Id, Name } from "../../routing/schema.ts";
import { parseAddress } from "../../wireguard/address.ts";
import { formatEndpoint, parseEndpoint, parseHostName } from "../../wireguard/endpoint.ts";
import { parsePresharedKey, parsePrivateKey, parsePublicKey, type SecretKey } from "../../wireguard/keys.ts";
import { parseInterfaceAddress, parsePrefix, type Prefix } from "../../wireguard/prefix.ts";
import type { Result } from "../../wireguard/result.ts";
import type { TunnelConfig } from "../../wireguard/config/types.ts";

/** A text of the store as the typed value, by the same strict parsers as files. */
function typed<T>(parse: (text: string) => Result<T>, format: (value: T) => string) {
  return z.codec(z.string(), z.custom<T>(), {
    decode: (text, context) => {
      const result = parse(text);
      if (result.ok) return result.value;
      context.issues.push({ code: "custom", message: result.code, input: "(kept)" });
      return z.NEVER;
    },
    encode: format,
  });
}

const asText = (value: string): string => value;
const reveal = (key: SecretKey): string => key.reveal();

const Config = z.strictObject({
  interface: z.strictObject({
    privateKey: typed(parsePrivateKey, reveal),
    addresses: z.array(typed(parseInterfaceAddress, asText)),
    dns: z.array(typed(parseAddress, asText)),
    searchDomains: z.array(typed(parseHostName, asText)),
    mtu: z.number().int().min(576).max(65535).nullable(),
    listenPort: z.number().int().min(1).max(65535).nullable(),
  }),
  peers: z.array(
    z.strictObject({
      publicKey: typed(parsePublicKey, asText),
      presharedKey: typed(parsePresharedKey, reveal).nullable(),
      endpoint: typed(parseEndpoint, formatEndpoint).nullable(),
      allowedIps: z.array(typed(parsePrefix, asText)),
      persistentKeepalive: z.number().int().min(1).max(65535).nullable(),
    }),
  ),
}) satisfies z.ZodType<TunnelConfig>;

export const StoredProfile = z.strictObject({
  version: z.literal(1),
  id: Id,
  name: Name,
  /** Uid that imported it. */
  owner: z.number().int().min(0),
  shared: z.boolean(),
  createdAt: z.iso.datetime(),
  changedAt: z.iso.datetime(),
  /** When it was removed; null = it is there. */
  removedAt: z.iso.datetime().nullable(),
  /** Prefixes to which the user narrowed what is steered; null = all that the file asks for. */
  narrowed: z.array(typed(parsePrefix, asText)).nullable(),
  config: Config,
});

/** A profile in memory. Printing or serialising it shows no secret. */
export interface ProfileRecord {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  readonly owner: number;
  readonly shared: boolean;
  readonly createdAt: string;
  readonly changedAt: string;
  readonly removedAt: string | null;
  readonly narrowed: readonly Prefix[] | null;
  readonly config: TunnelConfig;
}
