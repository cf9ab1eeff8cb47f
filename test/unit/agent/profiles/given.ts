/** Profiles of three users over a store in a folder of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Peer } from "../../../../src/agent/authorization.ts";
import { ProfileStore } from "../../../../src/agent/profiles/profile-store.ts";
import { Profiles } from "../../../../src/agent/profiles/profiles.ts";
import type { MachineFacts } from "../../../../src/wireguard/config/check-meaning.ts";
import { checkConfig } from "../../../../src/wireguard/config/check.ts";
import type { TunnelConfig } from "../../../../src/wireguard/config/types.ts";

export const ALICE: Peer = { uid: 1000, gids: [1000] };
export const BOB: Peer = { uid: 1001, gids: [1001] };
export const ROOT: Peer = { uid: 0, gids: [0] };

export const PRIVATE_KEY = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
export const PRESHARED_KEY = "FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE=";
export const PEER_KEY = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
export const OTHER_PEER_KEY = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=";

/** A file with two peers, one of them with a preshared key. */
export function conf(change: { allowedIps?: string; endpoint?: string; more?: string } = {}): string {
  const { allowedIps = "10.7.0.0/24", endpoint = "203.0.113.7:51820", more = "" } = change;
  return `[Interface]
PrivateKey = ${PRIVATE_KEY}
Address = 10.7.0.2/32
${more}
[Peer]
PublicKey = ${PEER_KEY}
PresharedKey = ${PRESHARED_KEY}
AllowedIPs = ${allowedIps}
Endpoint = ${endpoint}

[Peer]
PublicKey = ${OTHER_PEER_KEY}
AllowedIPs = 10.8.0.0/24
Endpoint = 203.0.113.8:51820
`;
}

/** The typed value of a file that is acceptable. */
export function configOf(text: string): TunnelConfig {
  const { config, findings } = checkConfig(Buffer.from(text));
  if (config === null) throw new Error(JSON.stringify(findings));
  return config;
}

export const base64 = (text: string | Uint8Array) => Buffer.from(text).toString("base64");

export async function openProfiles(folder = mkdtempSync(join(tmpdir(), "nanami-profiles-"))) {
  const clock = { now: Date.parse("2026-11-23T12:00:00Z") };
  const facts: { value: MachineFacts } = { value: {} };
  const active: { id: string | null } = { id: null };
  const store = await ProfileStore.open(join(folder, "profiles"), () => clock.now);
  const profiles = new Profiles({
    store,
    facts: () => facts.value,
    active: () => active.id,
    onChange: () => undefined,
    now: () => clock.now,
  });
  const { handlers } = profiles;
  return {
    folder,
    store,
    handlers,
    clock,
    facts,
    active,
    /** Imports a text and returns its profile. */
    async add(peer: Peer, name: string, text = conf()) {
      const { digest } = await handlers.importBytes({ bytes: base64(text) }, peer);
      const [profile] = await handlers.confirmImport({ digest, choices: [{ index: 0, name }] }, peer);
      if (profile === undefined) throw new Error("nothing was imported");
      return profile;
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
