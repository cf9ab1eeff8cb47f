/** The WireGuard file of a manual configuration, in the words of the same grammar that the agent reads. */
import type { z } from "zod";
import type { Dns } from "../api/http.ts";
import type { TrafficMode } from "../routing/types.ts";
import { parseAddress } from "../wireguard/address.ts";
import { writeConfig, writeKeylessConfig } from "../wireguard/config/writer.ts";
import { parseEndpoint, parseHostName } from "../wireguard/endpoint.ts";
import { parsePublicKey, type SecretKey } from "../wireguard/keys.ts";
import { parseInterfaceAddress, parsePrefix } from "../wireguard/prefix.ts";
import type { Result } from "../wireguard/result.ts";
import { conflict } from "./problem.ts";

/** Seconds: as a managed device keeps its way through a NAT open. */
const KEEPALIVE = 25;
const EVERYTHING = ["0.0.0.0/0", "::/0"];

export interface FileContent {
  readonly publicKey: string;
  /** Absent when the user keeps it. */
  readonly privateKey?: SecretKey | undefined;
  readonly addresses: readonly string[];
  readonly trafficMode: TrafficMode;
  readonly privatePrefixes: readonly string[];
  readonly dns: z.infer<typeof Dns>;
  readonly mtu: number | null;
  readonly gateway: {
    readonly publicKey: string;
    readonly endpoint: string;
    readonly addresses: readonly string[];
  };
}

/**
 * The text of the file. It asks for what a managed device steers in the same mode. Throws 409 `not_writable` where
 * the network holds something that no WireGuard file can.
 */
export function manualConfigFile(content: FileContent): string {
  const { gateway, dns, privateKey } = content;
  const wanted =
    content.trafficMode === "full_tunnel" ? EVERYTHING : [...content.privatePrefixes, ...gateway.addresses];
  const own = {
    addresses: content.addresses.map((text) => written(text, parseInterfaceAddress)),
    dns: dns.servers.map((text) => written(text, parseAddress)),
    searchDomains: dns.matchDomains.map((text) => written(text, parseHostName)),
    mtu: content.mtu,
    listenPort: null,
  };
  const peers = [
    {
      publicKey: written(gateway.publicKey, parsePublicKey),
      presharedKey: null,
      endpoint: written(gateway.endpoint, parseEndpoint),
      allowedIps: [...new Set(wanted.map((text) => written(text, parsePrefix)))],
      persistentKeepalive: KEEPALIVE,
    },
  ];
  return privateKey === undefined
    ? writeKeylessConfig({
        interface: { ...own, publicKey: written(content.publicKey, parsePublicKey) },
        peers,
      })
    : writeConfig({ interface: { ...own, privateKey }, peers });
}

function written<T>(text: string, parse: (text: string) => Result<T>): T {
  const parsed = parse(text);
  if (parsed.ok) return parsed.value;
  throw conflict(
    "not_writable",
    `The network's ${text} cannot be written into a WireGuard file: ${parsed.message} Ask an operator to correct it.`,
  );
}
