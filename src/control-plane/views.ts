/** Records as the API shows them. */
import type { z } from "zod";
import type { Device, ManualConfig, Network } from "../api/http.ts";
import type { ResolvedPath as WirePath } from "../routing/schema.ts";
import type { ResolvedPath } from "../routing/types.ts";
import type { ManualConfigRecord } from "./store/manual-configs.ts";
import type { DeviceRecord, NetworkRecord } from "./store/records.ts";

export function networkView(network: NetworkRecord): z.infer<typeof Network> {
  return {
    id: network.id,
    name: network.name,
    overlayPrefixes: [...network.overlayPrefixes],
    privatePrefixes: [...network.privatePrefixes],
    dns: network.dns,
    preferencesWritableBy: network.preferencesWritableBy,
    privateRouting: network.privateRouting,
    ...(network.mtu === null ? {} : { mtu: network.mtu }),
  };
}

export function deviceView(device: DeviceRecord): z.infer<typeof Device> {
  return {
    id: device.id,
    networkId: device.networkId,
    name: device.name,
    kind: device.kind,
    ownerId: device.ownerId,
    publicKey: device.publicKey,
    addresses: [...device.addresses],
    roles: [...device.roles],
    region: device.region,
    endpoint: device.endpoint,
    revoked: device.revoked,
  };
}

export function manualConfigView(config: ManualConfigRecord): z.infer<typeof ManualConfig> {
  return {
    id: config.id,
    networkId: config.networkId,
    ownerId: config.ownerId,
    name: config.name,
    publicKey: config.publicKey,
    addresses: [...config.addresses],
    trafficMode: config.trafficMode,
    gatewayDeviceId: config.gatewayId,
    createdAt: config.createdAt,
    revokedAt: config.revokedAt,
  };
}

/** The same value; only the list types differ, because the wire's are mutable. */
export function wirePath(path: ResolvedPath): z.infer<typeof WirePath> {
  return path as z.infer<typeof WirePath>;
}
