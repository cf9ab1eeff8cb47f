/** The tray's menu as a value: what it says and what each entry does, decided from the state alone. Pure. */
import { isAtRest } from "../../src/bridge/at-rest.ts";
import type { BridgeState, SigningIn } from "../../src/bridge/state.ts";
import type { Result, Snapshot } from "../../src/rpc/contract.ts";
import { headline, protectionOf, type Mode } from "../protection.ts";
import type { HostTexts } from "../texts/index.ts";

/** What an entry does when it is chosen. */
export type MenuAction =
  | { readonly do: "connect" }
  | { readonly do: "disconnect" }
  | { readonly do: "mode"; readonly mode: Mode }
  /** null = the platform chooses. */
  | { readonly do: "exit"; readonly egress: string | null }
  /** null = back to the network's own path. */
  | { readonly do: "profile"; readonly id: string | null }
  | { readonly do: "open" }
  | { readonly do: "quit" };

export type MenuEntry =
  | { readonly kind: "line" }
  | { readonly kind: "text"; readonly label: string }
  | { readonly kind: "action"; readonly label: string; readonly action: MenuAction }
  | {
      readonly kind: "choice";
      readonly label: string;
      readonly chosen: boolean;
      readonly enabled: boolean;
      readonly action: MenuAction;
    }
  | { readonly kind: "group"; readonly label: string; readonly entries: readonly MenuEntry[] };

export type MenuModel = readonly MenuEntry[];

/** What the agent answers and its snapshot does not hold. Empty where it was not asked, or could not say. */
export interface MenuFacts {
  readonly gateways: Result<"gateways">;
  readonly profiles: Result<"listProfiles">;
}

const LINE: MenuEntry = { kind: "line" };

/** The whole menu. It always opens the window and always quits. */
export function trayMenu(state: BridgeState, facts: MenuFacts, texts: HostTexts): MenuModel {
  const { agent, signingIn } = state;
  return [
    { kind: "text", label: headline(protectionOf(agent, signingIn), texts) },
    LINE,
    ...(agent.state === "ready" ? steering(agent.snapshot, signingIn, facts, texts) : []),
    { kind: "action", label: texts.menu.open, action: { do: "open" } },
    { kind: "action", label: texts.menu.quit, action: { do: "quit" } },
  ];
}

function steering(
  snapshot: Snapshot,
  signingIn: SigningIn | null,
  facts: MenuFacts,
  texts: HostTexts,
): readonly MenuEntry[] {
  const usable = snapshot.enrollment !== null || snapshot.profile !== null || signingIn !== null;
  return [
    ...(usable ? [switchEntry(snapshot, signingIn, texts)] : []),
    ...(snapshot.enrollment === null
      ? []
      : [modeGroup(snapshot, texts), exitGroup(snapshot, facts.gateways, texts)]),
    profileGroup(snapshot, facts.profiles, texts),
    LINE,
  ];
}

/** Connects what was connected before somebody disconnected to sign in. */
export function reconnecting({ profile }: SigningIn): MenuAction {
  return profile === null ? { do: "connect" } : { do: "profile", id: profile };
}

function switchEntry(snapshot: Snapshot, signingIn: SigningIn | null, { menu }: HostTexts): MenuEntry {
  const { tunnel } = snapshot;
  if (signingIn !== null && tunnel.state === "disconnected")
    return { kind: "action", label: menu.reconnect, action: reconnecting(signingIn) };
  if (isAtRest(snapshot) || tunnel.state === "disconnecting")
    return { kind: "action", label: menu.connect, action: { do: "connect" } };
  const label = tunnel.state === "connecting" && tunnel.reason === undefined ? menu.cancel : menu.disconnect;
  return { kind: "action", label, action: { do: "disconnect" } };
}

function modeGroup({ path }: Snapshot, { menu }: HostTexts): MenuEntry {
  return {
    kind: "group",
    label: menu.mode,
    entries: (["vpn_only", "full_tunnel"] as const).map((mode) => ({
      kind: "choice",
      label: menu[mode],
      chosen: path?.trafficMode.value === mode,
      enabled: true,
      action: { do: "mode", mode },
    })),
  };
}

function exitGroup({ path }: Snapshot, gateways: MenuFacts["gateways"], texts: HostTexts): MenuEntry {
  const selection = path?.selection.value;
  const pinned = selection?.routingMode === "manual" ? selection.egressDeviceId : null;
  const order = new Intl.Collator(texts.locale).compare;
  const exits = gateways
    .filter(({ ends }) => ends.some((one) => one.end === "egress" && !lacksRole(one)))
    .toSorted(
      (a, b) =>
        order(a.region, b.region) ||
        (a.roundTripMs ?? Infinity) - (b.roundTripMs ?? Infinity) ||
        order(a.name, b.name),
    );
  const several = (region: string): boolean => exits.filter((one) => one.region === region).length > 1;
  return {
    kind: "group",
    label: texts.menu.exit,
    entries: [
      {
        kind: "choice",
        label: texts.menu.automatic,
        chosen: pinned === null,
        enabled: true,
        action: { do: "exit", egress: null },
      },
      ...(exits.length === 0 ? [{ kind: "text", label: texts.menu.noGateways } as const] : []),
      ...exits.map((gateway): MenuEntry => {
        const place = several(gateway.region) ? `${gateway.region} · ${gateway.name}` : gateway.region;
        return {
          kind: "choice",
          label: gateway.roundTripMs === null ? place : `${place}  ${roundTrip(gateway.roundTripMs, texts)}`,
          chosen: gateway.deviceId === pinned,
          enabled: gateway.ends.some(({ end, eligible }) => end === "egress" && eligible),
          action: { do: "exit", egress: gateway.deviceId },
        };
      }),
    ],
  };
}

/** Of a gateway that is none for this end at all. */
function lacksRole({ reasons }: MenuFacts["gateways"][number]["ends"][number]): boolean {
  return reasons.some(({ code }) => code === "missing_role");
}

function roundTrip(milliseconds: number, { locale, menu }: HostTexts): string {
  const digits = milliseconds < 10 ? 1 : 0;
  return menu.milliseconds(
    new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(milliseconds),
  );
}

function profileGroup(
  { profile, enrollment }: Snapshot,
  profiles: MenuFacts["profiles"],
  { locale, menu }: HostTexts,
): MenuEntry {
  const order = new Intl.Collator(locale).compare;
  const managed: MenuEntry[] =
    enrollment === null || profile === null
      ? []
      : [
          {
            kind: "choice",
            label: menu.managed,
            chosen: false,
            enabled: true,
            action: { do: "profile", id: null },
          },
        ];
  const entries = profiles
    .toSorted((a, b) => order(a.name, b.name))
    .map(({ id, name }): MenuEntry => ({
      kind: "choice",
      label: name,
      chosen: profile?.id === id,
      enabled: true,
      action: { do: "profile", id },
    }));
  return {
    kind: "group",
    label: menu.manual,
    entries:
      entries.length === 0
        ? [{ kind: "action", label: menu.noProfiles, action: { do: "open" } }]
        : [...managed, ...entries],
  };
}
