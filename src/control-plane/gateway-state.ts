/**
 * What a gateway must look like. Every device whose owner may use a gateway is a peer of it, whatever its path is
 * at the moment, and so is every manual configuration, whichever gateway its file names: a switch of mode or gateway then never waits for a gateway, and grants follow entitlement.
 */
import type { GatewayState } from "../api/events.ts";
import { mayUse, type AccessTable } from "./candidates.ts";
import type { DeviceRecord, NetworkRecord, PeerRecord } from "./store/records.ts";

/** Port that a gateway listens on: the one of its endpoint. */
function listenPortOf(gateway: DeviceRecord): number {
  return Number(gateway.endpoint?.slice(gateway.endpoint.lastIndexOf(":") + 1));
}

/**
 * The state of `gateway` without its version. `gateways` and `holders` (devices and manual configurations) are the
 * live ones of the network; their order does not matter.
 */
export function gatewayState(
  network: NetworkRecord,
  gateway: DeviceRecord,
  gateways: readonly DeviceRecord[],
  holders: readonly PeerRecord[],
  access: AccessTable,
): Omit<GatewayState, "version"> {
  const isIngress = gateway.roles.includes("ingress_gateway");
  const isExit = gateway.roles.includes("exit_gateway");
  const exits = gateways.filter(
    (other) => other.id !== gateway.id && other.roles.includes("exit_gateway") && other.endpoint !== null,
  );
  const peers = holders.flatMap((holder): GatewayState["peers"] => {
    if (holder.ownerId === null || gateway.roles.length === 0) return [];
    const owner = { kind: "user", workspaceId: holder.workspaceId, userId: holder.ownerId } as const;
    if (!mayUse(owner, gateway, access)) return [];
    return [
      {
        deviceId: holder.id,
        workspaceId: holder.workspaceId,
        networkId: holder.networkId,
        name: holder.name,
        publicKey: holder.publicKey,
        addresses: [...holder.addresses],
        grants: {
          privatePrefixes: isIngress ? [...network.privatePrefixes] : [],
          internet: isExit,
          relays: isIngress
            ? exits
                .filter((exit) => mayUse(owner, exit, access))
                .map((exit) => ({ deviceId: exit.id, endpoint: exit.endpoint ?? "" }))
            : [],
        },
      },
    ];
  });
  const byId = (a: { deviceId: string }, b: { deviceId: string }): number =>
    a.deviceId < b.deviceId ? -1 : 1;
  return {
    workspaceId: network.workspaceId,
    networkId: network.id,
    deviceId: gateway.id,
    addresses: [...gateway.addresses],
    overlayPrefixes: [...network.overlayPrefixes],
    listenPort: listenPortOf(gateway),
    ...(network.mtu === null ? {} : { mtu: network.mtu }),
    privatePrefixes: [...network.privatePrefixes],
    privateRouting: network.privateRouting,
    peers: peers.sort(byId),
  };
}
