/** Checks an intent before anything is done with it: its words end up in rules and commands. */
import { z } from "zod";
import { parseAddress } from "../wireguard/address.ts";
import { checkEndpointAddress } from "../wireguard/endpoint.ts";
import { parsePresharedKey, parsePublicKey } from "../wireguard/keys.ts";
import { parsePrefix } from "../wireguard/prefix.ts";
import type { Result } from "../wireguard/result.ts";
import { OperationError } from "./operation-error.ts";
import type { Intent } from "./types.ts";

/** A string that one of the strict parsers takes, as its canonical text. */
function parsed(parse: (text: string) => Result<string>): z.ZodType<string, string> {
  return z.string().transform((text, context) => {
    const result = parse(text);
    if (result.ok) return result.value;
    context.addIssue({ code: "custom", message: result.message });
    return z.NEVER;
  });
}

const Prefix = parsed(parsePrefix);
const Address = parsed(parseAddress);
const EndpointAddress = parsed((text) => {
  const address = parseAddress(text);
  return address.ok ? checkEndpointAddress(address.value) : address;
});
const PublicKey = parsed(parsePublicKey);
const Port = z.number().int().min(1).max(65535);

export const IntentSchema = z
  .strictObject({
    mode: z.enum(["vpn_only", "full_tunnel"]),
    addresses: z.array(Prefix),
    peers: z.array(
      z.strictObject({
        name: z.string(),
        publicKey: PublicKey,
        presharedKey: z
          .string()
          .refine((text) => parsePresharedKey(text).ok, "not a preshared key")
          .optional(),
        endpoint: z.strictObject({ address: EndpointAddress, port: Port }),
        allowedIps: z.array(Prefix),
        keepalive: z.number().int().min(0).max(65535).optional(),
        via: PublicKey.optional(),
      }),
    ),
    privatePrefixes: z.array(Prefix),
    unserved: z.array(Prefix).optional(),
    dns: z.strictObject({ servers: z.array(Address), matchDomains: z.array(z.string()) }),
    probe: Address.optional(),
    mtu: z.number().int().min(576).max(65535).optional(),
    allowLocalNetwork: z.boolean(),
    control: z.array(z.strictObject({ protocol: z.enum(["tcp", "udp"]), address: Address, port: Port })),
  })
  .superRefine((intent, context) => {
    const keys = intent.peers.map((peer) => peer.publicKey);
    for (const [index, peer] of intent.peers.entries()) {
      const issue = (message: string): void =>
        context.addIssue({ code: "custom", path: ["peers", index], message });
      if (keys.indexOf(peer.publicKey) !== index) issue("two peers have the same public key");
      const carrier = intent.peers.find((other) => other.publicKey === peer.via);
      if (peer.via !== undefined && (carrier === undefined || carrier === peer))
        issue("it is reached through a peer that is not there");
      if (carrier?.via !== undefined) issue("only one level of nesting is possible");
    }
  });

/** The intent with every text in canonical form. Throws an `OperationError` (`bad_intent`) that names the place. */
export function checkIntent(intent: Intent): Intent {
  const result = IntentSchema.safeParse(intent);
  // The schema admits exactly what an intent is; only its optional fields are typed otherwise.
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new OperationError({
    code: "bad_intent",
    message: `This path cannot be used: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not understood"}.`,
    remedy: "The previous state stays. Correct the path or the configuration.",
  });
}
