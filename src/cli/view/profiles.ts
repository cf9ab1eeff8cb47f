/** Profiles for people. */
import type { Profile } from "../../rpc/profiles.ts";
import { configView } from "./config.ts";
import type { Paint } from "./paint.ts";
import { facts, table } from "./table.ts";

/** Longest list of prefixes that a row shows. */
const SHOWN_PREFIXES = 3;

/** What a profile steers, in a few words. */
export function steersText({ steers }: Pick<Profile, "steers">): string {
  const { mode, prefixes, narrowed } = steers;
  const more = prefixes.length - SHOWN_PREFIXES;
  const list = prefixes.slice(0, SHOWN_PREFIXES).join(", ") + (more > 0 ? ` and ${more} more` : "");
  const what = mode === "full_tunnel" ? "all traffic" : list === "" ? "nothing" : list;
  return narrowed ? `${what} (narrowed)` : what;
}

function ownerText({ own, shared }: Profile): string {
  if (own) return shared ? "you, shared" : "you";
  return shared ? "shared" : "another user";
}

/** One row each; `active` is the id of the one that is connected. */
export function profilesView(
  profiles: readonly Profile[],
  active: string | null,
  columns: number,
  paint: Paint,
): string {
  return table(
    ["NAME", "STEERS", "ENDPOINT", "OWNER"],
    profiles.map((profile) => [
      profile.id === active ? `${profile.name} *` : profile.name,
      steersText(profile),
      profile.config.peers.map(({ endpoint }) => endpoint ?? "none").join(", "),
      ownerText(profile),
    ]),
    columns,
    paint,
  );
}

/** One profile with everything but its secrets. */
export function profileView(profile: Profile, columns: number, paint: Paint): string {
  return (
    `${paint.strong(profile.name)}\n\n` +
    facts(
      [
        ["id", profile.id],
        ["owner", ownerText(profile)],
        ["steers", steersText(profile)],
        ["changed", profile.changedAt],
        ...profile.unused.map((sentence): readonly [string, string] => ["note", sentence]),
      ],
      columns,
      paint,
    ) +
    `\n${configView(profile.config, columns, paint)}`
  );
}
