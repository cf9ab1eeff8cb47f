/** `nanami prefs get` and `nanami prefs set`. */
import { SYSTEM_DEFAULTS } from "../../routing/decide.ts";
import type { Layer } from "../../routing/types.ts";
import { EXIT, type ExitStatus } from "../environment.ts";
import { changesAnything, gatewayId, preferenceAfter, type PreferenceOptions } from "../preference.ts";
import { UsageError } from "../problem.ts";
import type { Session } from "../session.ts";
import { preferencesView } from "../view/preferences.ts";

/** Shows the layers, or one of them. */
export async function getPreferences(
  session: Session,
  options: { readonly layer?: Layer },
): Promise<ExitStatus> {
  const stored = await session.call("getPreferences", {});
  const wanted = <T extends { readonly layer: Layer }>(rows: readonly T[]) =>
    rows.filter(({ layer }) => options.layer === undefined || layer === options.layer);
  if (session.json) {
    session.answer(wanted(stored), () => "");
    return EXIT.ok;
  }
  const { path } = await session.call("status", {});
  const gateways = await session.call("gateways", {}).catch(() => []);
  const nameOf = (id: string) => gateways.find(({ deviceId }) => deviceId === id)?.name ?? id;
  const rows = wanted([...stored, { layer: "system" as const, value: SYSTEM_DEFAULTS }]);
  const { columns, paint } = session.environment;
  session.answer(stored, () => preferencesView(rows, path, nameOf, columns, paint));
  return EXIT.ok;
}

/** Changes what is named of one layer, unless somebody else changed the layer meanwhile. */
export async function setPreferences(
  session: Session,
  options: PreferenceOptions & { readonly layer: "device" | "user"; readonly clear?: boolean },
): Promise<ExitStatus> {
  const clear = options.clear === true;
  if (clear === changesAnything(options))
    throw new UsageError(
      clear
        ? "--clear unsets the whole layer and goes with no other option"
        : "say what to set: --mode, --ingress, --egress, --auto, --inherit or --clear",
    );
  const before = (await session.call("getPreferences", {})).find(({ layer }) => layer === options.layer);
  const gateways = (options.ingress ?? options.egress) ? await session.call("gateways", {}) : [];
  const value = clear
    ? {}
    : preferenceAfter(before?.value ?? {}, options, (text) => gatewayId(text, gateways, session.nanami));
  const result = await session.call("setPreference", {
    layer: options.layer,
    value,
    // Without the control plane there is no stored version to insist on.
    ...(before === undefined || before.etag === "" ? {} : { etag: before.etag }),
  });
  const nameOf = (id: string) => gateways.find(({ deviceId }) => deviceId === id)?.name ?? id;
  const { columns, paint } = session.environment;
  session.answer(result, () => preferencesView([result.stored], null, nameOf, columns, paint));
  if (!result.saved)
    session.note("In force on this device, and not saved yet: the control plane is away. It is saved later.");
  return EXIT.ok;
}
