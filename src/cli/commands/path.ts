/** `nanami path` and `nanami path preview`. */
import { namesIn } from "../../routing/explain.ts";
import type { ResolvedPath } from "../../routing/types.ts";
import type { Snapshot } from "../../rpc/contract.ts";
import { EXIT, type ExitStatus } from "../environment.ts";
import { changesAnything, gatewayId, preferenceAfter, type PreferenceOptions } from "../preference.ts";
import { Refused, UsageError } from "../problem.ts";
import type { Session } from "../session.ts";
import { pathView, profileLine, type ConnectedProfile } from "../view/path.ts";
import { previewView } from "../view/preview.ts";

function exitOf(path: ResolvedPath): ExitStatus {
  return path.status === "ready" ? EXIT.ok : EXIT.no;
}

/** Names of all gateways that the agent can name, for the ids in `paths`. */
async function names(session: Session, ...paths: readonly ResolvedPath[]): Promise<(id: string) => string> {
  const inPaths = namesIn(...paths);
  // Names make the answer readable, no more: with the control plane away the ids have to do.
  const rows = await session.call("gateways", {}).catch(() => []);
  const byId = new Map(rows.map(({ deviceId, name }) => [deviceId, name]));
  return (id) => byId.get(id) ?? inPaths(id);
}

/** The profile that is connected in the managed path's place, with what it steers; null = none is. */
async function connectedProfile(session: Session, { profile }: Snapshot): Promise<ConnectedProfile | null> {
  if (profile === null) return null;
  // Another user's profile is not told about.
  const profiles = await session.call("listProfiles", {}).catch(() => []);
  const steers = profiles.find(({ id }) => id === profile.id)?.steers ?? null;
  return { id: profile.id, name: profile.name, steers };
}

/** Shows the resolved path with its reasons, and the profile that is connected in its place. Status 1 when there is neither. */
export async function showPath(session: Session): Promise<ExitStatus> {
  const snapshot = await session.call("status", {});
  const { path, enrollment } = snapshot;
  const profile = await connectedProfile(session, snapshot);
  const { columns, paint } = session.environment;
  const line = profile === null ? "" : profileLine(profile, path !== null, columns);
  if (path === null && profile !== null) {
    session.answer({ profile }, () => line);
    return EXIT.ok;
  }
  if (path === null)
    throw enrollment === null
      ? new Refused(
          "not_enrolled",
          "this device is not enrolled, so nothing is resolved for it",
          `Enrol it: ${session.nanami} enroll <link>`,
        )
      : new Refused(
          "unavailable",
          "the control plane has not sent a path yet",
          `See the state: ${session.nanami} status`,
        );
  const nameOf = session.json ? (id: string) => id : await names(session, path);
  const answer = profile === null ? path : { ...path, profile };
  session.answer(answer, () => `${line}${line === "" ? "" : "\n"}${pathView(path, nameOf, columns, paint)}`);
  return exitOf(path);
}

/** Shows what a change of one layer would make, and changes nothing. Status 1 when it would leave no path. */
export async function previewPath(
  session: Session,
  options: PreferenceOptions & { readonly layer: "device" | "user" },
): Promise<ExitStatus> {
  if (!changesAnything(options))
    throw new UsageError("say what to try: --mode, --ingress, --egress, --auto or --inherit");
  const stored = await session.call("getPreferences", {});
  const before = stored.find(({ layer }) => layer === options.layer)?.value ?? {};
  const gateways = (options.ingress ?? options.egress) ? await session.call("gateways", {}) : [];
  const after = preferenceAfter(before, options, (text) => gatewayId(text, gateways, session.nanami));
  const result = await session.call("previewPath", { layers: { [options.layer]: after } });
  const { columns, paint } = session.environment;
  const nameOf = session.json ? (id: string) => id : await names(session, result.proposed, result.current);
  session.answer(result, () => previewView(result.current, result.proposed, nameOf, columns, paint));
  return exitOf(result.proposed);
}
