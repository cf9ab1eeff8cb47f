/** From the store to a device's path: layers, candidates, resolution, and what the tunnel needs besides. */
import { probeAddress, probedHop } from "../routing/probe.ts";
import { resolve } from "../routing/resolve.ts";
import type { PolicyLayers, ResolvedPath, Resolution, RoutingPreference } from "../routing/types.ts";
import type { ActingUser } from "./actor.ts";
import { addressAt } from "./addresses.ts";
import { candidateOf, pinnedIn, type AccessTable } from "./candidates.ts";
import type { Live } from "./live.ts";
import {
  accessOf,
  findDevice,
  liveGateways,
  type DeviceRecord,
  type NetworkRecord,
  type PreferenceKey,
} from "./store/records.ts";
import type { Tx } from "./store/store.ts";

/** What all devices of a network have in common for resolution, read once. */
export interface NetworkView {
  readonly network: NetworkRecord;
  readonly gateways: readonly DeviceRecord[];
  readonly access: AccessTable;
  /** The written layers: the network's, and by user and device id. */
  readonly policy: RoutingPreference;
  readonly users: ReadonlyMap<string, RoutingPreference>;
  readonly devices: ReadonlyMap<string, RoutingPreference>;
}

/** Whose paths are wanted: all of the network's devices, those of one owner, or one. */
export type Scope = "all" | { readonly ownerId: string } | { readonly deviceId: string };

/** Reads what resolution needs; `subjects` limits the layers that are read (undefined = all of the network). */
export async function viewOf(
  tx: Tx,
  network: NetworkRecord,
  subjects?: readonly string[],
): Promise<NetworkView> {
  const gateways = await liveGateways(tx, network.id);
  const access = await accessOf(
    tx,
    gateways.map(({ id }) => id),
  );
  let query = tx.selectFrom("preferences").selectAll().where("network_id", "=", network.id);
  if (subjects !== undefined) query = query.where("subject_id", "in", [network.id, ...subjects]);
  const layers: Record<PreferenceKey["layer"], Map<string, RoutingPreference>> = {
    device: new Map(),
    user: new Map(),
    network: new Map(),
  };
  for (const row of await query.execute()) {
    layers[row.layer].set(row.subject_id, JSON.parse(row.value) as RoutingPreference);
  }
  const policy = layers.network.get(network.id) ?? {};
  return { network, gateways, access, policy, users: layers.user, devices: layers.device };
}

/** The stored layers of a device. */
export function layersOf(view: NetworkView, device: DeviceRecord): PolicyLayers {
  return {
    device: view.devices.get(device.id) ?? {},
    user: view.users.get(device.ownerId ?? "") ?? {},
    network: view.policy,
  };
}

/** A path before it is numbered: everything but the epoch. */
export type Unnumbered = Omit<ResolvedPath, "epoch">;

/**
 * Resolves one device's path on a view. `strangers` are pinned devices that are no gateways of this network, so
 * that the path can say what they are. `current` is the path in force, which a choice sticks to.
 */
export function pathOf(
  view: NetworkView,
  device: DeviceRecord,
  question: {
    readonly layers: PolicyLayers;
    readonly users: readonly ActingUser[];
    readonly strangers?: readonly DeviceRecord[];
    readonly current: Pick<ResolvedPath, "ingress" | "egress"> | undefined;
  },
  live: Live,
  now: Date,
): Unnumbered {
  const { network, gateways, access } = view;
  const candidates = [...gateways, ...(question.strangers ?? [])].map((gateway) =>
    candidateOf(gateway, network.id, question.users, access, live, device.id),
  );
  const resolution = resolve(question.layers, candidates, {
    ingressDeviceId: question.current?.ingress?.deviceId,
    egressDeviceId: question.current?.egress?.deviceId,
  });
  return envelope(view, device, resolution, now);
}

/** The path of a device that was revoked: nothing, and why. */
export function revokedPath(view: NetworkView, device: DeviceRecord, now: Date): Unnumbered {
  const resolution = resolve(layersOf(view, device), []);
  const message = "This device was revoked. Ask your operator for a new enrolment link.";
  return envelope(
    view,
    device,
    {
      status: "unavailable",
      reason: { code: "revoked", message },
      trafficMode: resolution.trafficMode,
      selection: resolution.selection,
      alternates: [],
      candidates: [],
    },
    now,
  );
}

function envelope(
  { network }: NetworkView,
  device: DeviceRecord,
  resolution: Resolution,
  now: Date,
): Unnumbered {
  const probed = probedHop(resolution.trafficMode.value, resolution);
  return {
    deviceId: device.id,
    networkId: network.id,
    issuedAt: now.toISOString(),
    ...resolution,
    tunnel: {
      addresses: device.addresses,
      privatePrefixes: network.privatePrefixes,
      dns: network.dns,
      probe: probed === undefined ? addressAt(network.overlayPrefixes[0] ?? "", 1) : probeAddress(probed),
      ...(network.mtu === null ? {} : { mtu: network.mtu }),
    },
  };
}

/** Pinned devices that are no live gateways of this network: for judging them, never for using them. */
export async function strangersIn(
  tx: Tx,
  view: NetworkView,
  preferences: readonly (RoutingPreference | undefined)[],
): Promise<DeviceRecord[]> {
  const ids = new Set(preferences.flatMap((preference) => pinnedIn(preference?.selection)));
  for (const { id } of view.gateways) ids.delete(id);
  const found: DeviceRecord[] = [];
  for (const id of ids) {
    const device = await findDevice(tx, id);
    if (device !== undefined && !device.revoked) found.push(device);
  }
  return found;
}
