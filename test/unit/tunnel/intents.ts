import { derivePublicKey, generatePrivateKey } from "../../../src/wireguard/keys.ts";
import type { Intent, IntentPeer } from "../../../src/tunnel/types.ts";

export const KEY_A = derivePublicKey(generatePrivateKey());
export const KEY_B = derivePublicKey(generatePrivateKey());
export const KEY_C = derivePublicKey(generatePrivateKey());

export function peer(publicKey: string, address: string, allowedIps: string[], via?: string): IntentPeer {
  return {
    name: "gateway",
    publicKey,
    endpoint: { address, port: 51820 },
    allowedIps,
    keepalive: 25,
    ...(via === undefined ? {} : { via }),
  };
}

const base: Intent = {
  mode: "vpn_only",
  addresses: ["10.90.0.2/32", "fd00:90::2/128"],
  peers: [],
  privatePrefixes: ["10.20.0.0/16"],
  dns: { servers: ["10.20.0.53"], matchDomains: ["corp.example"] },
  probe: "10.90.0.1",
  allowLocalNetwork: false,
  control: [{ protocol: "tcp", address: "203.0.113.5", port: 443 }],
};

export function privateIntent(change: Partial<Intent> = {}): Intent {
  return { ...base, peers: [peer(KEY_A, "203.0.113.17", ["10.20.0.0/16", "10.90.0.1/32"])], ...change };
}

export function fullIntent(change: Partial<Intent> = {}): Intent {
  return {
    ...base,
    mode: "full_tunnel",
    peers: [peer(KEY_A, "203.0.113.17", ["0.0.0.0/0", "::/0"])],
    ...change,
  };
}

/** Through A to B. */
export function nestedIntent(change: Partial<Intent> = {}): Intent {
  return {
    ...base,
    mode: "full_tunnel",
    peers: [
      peer(KEY_A, "203.0.113.17", ["10.20.0.0/16", "10.90.0.1/32"]),
      peer(KEY_B, "203.0.113.33", ["0.0.0.0/0", "::/0"], KEY_A),
    ],
    ...change,
  };
}
