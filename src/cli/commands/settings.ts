/** `nanami settings`. */
import type { Params, Result } from "../../rpc/contract.ts";
import { EXIT, type ExitStatus } from "../environment.ts";
import { UsageError } from "../problem.ts";
import type { Session } from "../session.ts";
import { settingsView } from "../view/settings.ts";

type Settings = Result<"getSettings">;
type Change = Params<"setSettings">;

/** The settings by the names that a person types, with the values that each takes. */
export const SETTINGS = {
  lockdown: { field: "lockdown", values: ["on", "off"] },
  "local-network": { field: "localNetwork", values: ["allow", "block"] },
  "connect-at-start": { field: "connectAtStart", values: ["on", "off"] },
  dns: { field: "dns", values: ["automatic", "off"] },
} as const satisfies Record<string, { field: keyof Settings; values: readonly string[] }>;
export type SettingName = keyof typeof SETTINGS;

/** Shows all settings, or the value of one. */
export async function getSettings(session: Session, name: SettingName | undefined): Promise<ExitStatus> {
  const settings = await session.call("getSettings", {});
  const { columns, paint } = session.environment;
  if (name === undefined) session.answer(settings, () => settingsView(settings, columns, paint));
  else {
    const value = settings[SETTINGS[name].field];
    session.answer(value, () => `${value}\n`);
  }
  return EXIT.ok;
}

/** Changes settings: names and values in turn. */
export async function setSettings(session: Session, words: readonly string[]): Promise<ExitStatus> {
  const settings = await session.call("setSettings", changeOf(words), true);
  const { columns, paint } = session.environment;
  session.answer(settings, () => settingsView(settings, columns, paint));
  return EXIT.ok;
}

function changeOf(words: readonly string[]): Change {
  if (words.length === 0 || words.length % 2 !== 0)
    throw new UsageError(`give names and values in turn; names: ${Object.keys(SETTINGS).join(", ")}`);
  const change: Record<string, string> = {};
  for (let index = 0; index < words.length; index += 2) {
    const [name = "", value = ""] = words.slice(index, index + 2);
    const setting = Object.entries(SETTINGS).find(([known]) => known === name)?.[1];
    if (setting === undefined)
      throw new UsageError(
        `there is no setting ${JSON.stringify(name)}; names: ${Object.keys(SETTINGS).join(", ")}`,
      );
    const values: readonly string[] = setting.values;
    if (!values.includes(value)) throw new UsageError(`${name} is one of: ${values.join(", ")}`);
    change[setting.field] = value;
  }

  return change;
}
