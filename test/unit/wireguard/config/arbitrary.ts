/** Arbitrary configurations and arbitrary damage to files, for property tests and the fuzzer. */
import fc from "fast-check";
import { formatAddress, parseAddress, type Address } from "../../../../src/wireguard/address.ts";
import { addressKind } from "../../../../src/wireguard/address-kind.ts";
import {
  parseEndpoint,
  parseHostName,
  type Endpoint,
  type HostName,
} from "../../../../src/wireguard/endpoint.ts";
import { parsePublicKey, SecretKey, type PublicKey } from "../../../../src/wireguard/keys.ts";
import {
  parseInterfaceAddress,
  parsePrefixMasking,
  type InterfaceAddress,
  type Prefix,
} from "../../../../src/wireguard/prefix.ts";
import type { Result } from "../../../../src/wireguard/result.ts";
import type { PeerConfig, TunnelConfig } from "../../../../src/wireguard/config/types.ts";

/** The values of texts that parse. */
function parsed<T>(texts: fc.Arbitrary<string>, parse: (text: string) => Result<T>): fc.Arbitrary<T> {
  return texts
    .map(parse)
    .filter((result) => result.ok)
    .map((result) => result.value);
}

const keyText = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString("base64"));
const secret: fc.Arbitrary<SecretKey> = parsed(keyText, (text) => SecretKey.parse(text));
const publicKey: fc.Arbitrary<PublicKey> = parsed(keyText, parsePublicKey);
const byte = fc.oneof(fc.constant(0), fc.nat(255));
const address: fc.Arbitrary<Address> = parsed(
  fc
    .oneof(fc.array(byte, { minLength: 4, maxLength: 4 }), fc.array(byte, { minLength: 16, maxLength: 16 }))
    .map(formatAddress),
  parseAddress,
);
const hostKinds = ["private", "shared", "link_local", "global", "documentation"];
const hostAddress = address.filter((text) => hostKinds.includes(addressKind(text)));
const lengthOf = (text: string, length: number) => (text.includes(":") ? length : length % 33);
const interfaceAddress: fc.Arbitrary<InterfaceAddress> = parsed(
  fc
    .tuple(hostAddress, fc.integer({ min: 1, max: 128 }))
    .map(([text, length]) => `${text}/${lengthOf(text, length) || 32}`),
  parseInterfaceAddress,
);
const prefix: fc.Arbitrary<Prefix> = parsed(
  fc.tuple(address, fc.nat(128)).map(([text, length]) => `${text}/${lengthOf(text, length)}`),
  parsePrefixMasking,
).map((masked) => masked.prefix);
const name: fc.Arbitrary<HostName> = parsed(fc.domain(), parseHostName);
const port = fc.integer({ min: 1, max: 65535 });
const endpoint: fc.Arbitrary<Endpoint> = parsed(
  fc
    .tuple(
      fc.oneof(
        hostAddress.map((text) => (text.includes(":") ? `[${text}]` : text)),
        name,
      ),
      port,
    )
    .map((parts) => parts.join(":")),
  parseEndpoint,
);

/** Any configuration that a file can have meant: peers distinct, no prefix of two peers. */
export const tunnelConfig: fc.Arbitrary<TunnelConfig> = fc
  .record({
    interface: fc.record({
      privateKey: secret,
      addresses: fc.uniqueArray(interfaceAddress, { maxLength: 6 }),
      dns: fc.uniqueArray(hostAddress, { maxLength: 4 }),
      searchDomains: fc.uniqueArray(name, { maxLength: 4 }),
      mtu: fc.option(fc.integer({ min: 576, max: 65535 })),
      listenPort: fc.option(port),
    }),
    peers: fc.uniqueArray(
      fc.record({
        publicKey,
        presharedKey: fc.option(secret),
        endpoint: fc.option(endpoint),
        allowedIps: fc.uniqueArray(prefix, { maxLength: 40 }),
        persistentKeepalive: fc.option(port),
      }),
      { maxLength: 6, selector: (peer) => peer.publicKey },
    ),
  })
  .map((config) => ({ interface: config.interface, peers: disjoint(config.peers) }))
  .filter(noOwnEndpoint);

function disjoint(peers: readonly PeerConfig[]): readonly PeerConfig[] {
  const taken = new Set<Prefix>();
  return peers.map((peer) => {
    const allowedIps = peer.allowedIps.filter((own) => !taken.has(own));
    for (const own of allowedIps) taken.add(own);
    return { ...peer, allowedIps };
  });
}

function noOwnEndpoint(config: TunnelConfig): boolean {
  const own = config.interface.addresses.map((text) => text.split("/")[0]);
  return config.peers.every(({ endpoint: at }) => at?.kind !== "address" || !own.includes(at.address));
}

/** Damages a file: bytes changed, cut out, doubled, put in, or parts of another file put in. */
export function damaged(files: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const one = fc.constantFrom(...files);
  const edit = fc.record({
    at: fc.nat(),
    cut: fc.nat(12),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc
        .constantFrom(
          "[",
          "]",
          "=",
          ",",
          "#",
          "\n",
          "\r\n",
          "\0",
          "[Peer]\n",
          "/0",
          "::",
          "%",
          " ",
          "\ufeff",
          "PostUp=id\n",
        )
        .map((text) => Buffer.from(text)),
      fc.tuple(one, fc.nat(), fc.nat(80)).map(([file, from, size]) => {
        const begin = from % (file.length + 1);
        return file.subarray(begin, begin + size);
      }),
    ),
  });
  return fc.tuple(one, fc.array(edit, { minLength: 1, maxLength: 4 })).map(([file, edits]) =>
    edits.reduce<Uint8Array>((bytes, { at, cut, put }) => {
      const begin = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, begin), put, bytes.subarray(begin + cut)]);
    }, file),
  );
}
