/** `nanami config list`, `show`, `rename` and the like: small acts on profiles that the agent keeps. */
import type { Profile } from "../../rpc/profiles.ts";
import { EXIT, type ExitStatus } from "../environment.ts";
import { profileNamed } from "../profile-named.ts";
import { UsageError } from "../problem.ts";
import type { Session } from "../session.ts";
import { profilesView, profileView } from "../view/profiles.ts";

async function named(session: Session, text: string): Promise<Profile> {
  return profileNamed(text, await session.call("listProfiles", {}), session.nanami);
}

/** Shows all profiles that one may see, or one's own that can be restored. */
export async function listProfiles(
  session: Session,
  options: { readonly removed?: boolean },
): Promise<ExitStatus> {
  const profiles = await session.call(options.removed === true ? "removedProfiles" : "listProfiles", {});
  const { profile: active } = await session.call("status", {});
  const { columns, paint } = session.environment;
  session.answer(profiles, () =>
    profiles.length === 0
      ? options.removed === true
        ? "There is none that can be restored.\n"
        : `There is none. Import a file: ${session.nanami} config import <file>\n`
      : profilesView(profiles, active?.id ?? null, columns, paint),
  );
  return EXIT.ok;
}

/** Shows one profile without its secrets; with `text`, as the file that it is. */
export async function showProfile(
  session: Session,
  text: string,
  options: { readonly text?: boolean },
): Promise<ExitStatus> {
  const { id } = await named(session, text);
  const agent = await session.agent();
  const shown = await agent.call("showProfile", { id });
  const { columns, paint } = session.environment;
  // Written by the agent from typed values: printable ASCII and line ends alone.
  session.answer(shown, () =>
    options.text === true ? shown.text : profileView(session.safe(shown.profile), columns, paint),
  );
  return EXIT.ok;
}

export async function renameProfile(session: Session, text: string, name: string): Promise<ExitStatus> {
  const { id, name: before } = await named(session, text);
  const profile = await session.call("renameProfile", { id, name });
  session.answer(profile, () => `${before} is called ${profile.name} now.\n`);
  return EXIT.ok;
}

export async function duplicateProfile(
  session: Session,
  text: string,
  options: { readonly name?: string },
): Promise<ExitStatus> {
  const { id, name } = await named(session, text);
  const profile = await session.call("duplicateProfile", { id, ...options });
  session.answer(profile, () => `Copied ${name} to ${profile.name}.\n`);
  return EXIT.ok;
}

/** Steers less than the profile asks for, or with `all` again all of it. */
export async function narrowProfile(
  session: Session,
  text: string,
  prefixes: readonly string[],
  options: { readonly all?: boolean },
): Promise<ExitStatus> {
  if ((options.all === true) === prefixes.length > 0)
    throw new UsageError(
      "name the prefixes that shall be steered, or --all for all that the profile asks for",
    );
  const { id } = await named(session, text);
  const wanted = options.all === true ? null : [...prefixes];
  const profile = await session.call("narrowProfile", { id, prefixes: wanted });
  const { columns, paint } = session.environment;
  session.answer(profile, () => profileView(profile, columns, paint));
  return EXIT.ok;
}

/** Lets all users of this machine who may use the agent connect a profile, or stops that. */
export async function shareProfile(
  session: Session,
  text: string,
  options: { readonly stop?: boolean },
): Promise<ExitStatus> {
  const { id } = await named(session, text);
  const profile = await session.call("shareProfile", { id, shared: options.stop !== true });
  session.answer(profile, () =>
    profile.shared
      ? `All users who may use the agent can connect ${profile.name} now; its keys stay hidden.\n`
      : `${profile.name} is its owner's alone again.\n`,
  );
  return EXIT.ok;
}

/** Removes a profile; it can be restored for a while. */
export async function removeProfile(session: Session, text: string): Promise<ExitStatus> {
  const { id, name } = await named(session, text);
  const removed = await session.call("removeProfile", { id });
  session.answer({ id, ...removed }, () => `Removed ${name}.\n`);
  session.note(
    `Until ${removed.restorableUntil} it can be brought back: ${session.nanami} config restore ${id}`,
  );
  return EXIT.ok;
}

/** Brings back a removed profile: the one that is named, or the one that was removed last. */
export async function restoreProfile(session: Session, text: string | undefined): Promise<ExitStatus> {
  const removed = await session.call("removedProfiles", {});
  const [last] = removed;
  const { id } =
    text === undefined && last !== undefined ? last : profileNamed(text ?? "", removed, session.nanami);
  const profile = await session.call("restoreProfile", { id });
  session.answer(profile, () => `${profile.name} is back.\n`);
  return EXIT.ok;
}
