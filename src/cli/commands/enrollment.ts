/** `nanami enroll` and `nanami logout`. */
import { EXIT, type ExitStatus } from "../environment.ts";
import { UsageError } from "../problem.ts";
import type { Session } from "../session.ts";

/** The host that a link names, enough to ask a person about it; the agent checks the link itself. */
function hostOf(link: string): string {
  const host = /^nanami:\/\/enroll\/([^/?#\s]+)(?:\?[^#\s]*)?#\S+$/.exec(link)?.[1];
  if (host === undefined)
    throw new UsageError("that is no enrolment link; one looks like nanami://enroll/<host>?pin=<…>#<key>");
  return host;
}

/** Makes this machine a device of a network. A link of `-` is read from standard input, so that no history keeps it. */
export async function enroll(
  session: Session,
  given: string,
  options: { readonly name?: string; readonly yes?: boolean },
): Promise<ExitStatus> {
  const link = given === "-" ? (await session.environment.readInput()).trim() : given;
  const host = hostOf(link);
  const agreed = await session.confirm(
    `${host} will decide where the traffic of this machine goes. Enrol with it?`,
    options.yes === true,
  );
  if (!agreed) {
    session.note("Not enrolled; nothing was changed.");
    return EXIT.no;
  }
  const enrollment = await session.call(
    "enroll",
    { link, ...(options.name === undefined ? {} : { name: options.name }) },
    true,
  );
  session.answer(
    enrollment,
    () =>
      `Enrolled in the network ${enrollment.networkName} of ${enrollment.workspaceName} as ${enrollment.deviceId}.\n`,
  );
  session.note(`Connect: ${session.nanami} up`);
  return EXIT.ok;
}

/** Takes this machine out of its network. */
export async function logout(session: Session, options: { readonly yes?: boolean }): Promise<ExitStatus> {
  const agreed = await session.confirm(
    "This device leaves its network and disconnects; coming back needs a new enrolment link. Leave?",
    options.yes === true,
  );
  if (!agreed) {
    session.note("Still enrolled; nothing was changed.");
    return EXIT.no;
  }
  const result = await session.call("logout", {}, true);
  session.answer(result, () => "Not enrolled any more.\n");
  return EXIT.ok;
}
