/** `nanami up` and `nanami down`. */
import type { Params, Snapshot } from "../../rpc/contract.ts";
import type { TrafficMode } from "../../routing/types.ts";
import { EXIT, type ExitStatus } from "../environment.ts";
import { Refused } from "../problem.ts";
import { profileNamed } from "../profile-named.ts";
import type { Session } from "../session.ts";
import { verdictOf, type Verdict } from "../waiting.ts";
import { headline } from "../view/headline.ts";
import { statusView } from "../view/status.ts";

type Ended = Exclude<Verdict, "waiting"> | "interrupted" | "timed_out";

/** Follows the state until it is what was asked for, or cannot become it, or nobody waits any more. */
async function follow(
  session: Session,
  wanted: Params<"connect">,
  seconds: number | undefined,
): Promise<{ ended: Ended; snapshot: Snapshot }> {
  const agent = await session.agent();
  const done = Promise.withResolvers<Ended>();
  let { snapshot } = await session.call("subscribe", {});
  let begun = false;
  let accepted = false;
  let said = "";
  const look = () => {
    if (!accepted) return;
    begun ||= snapshot.tunnel.state !== "disconnected";
    const verdict = verdictOf(snapshot, wanted.mode, begun);
    if (verdict !== "waiting") {
      done.resolve(verdict);
      return;
    }
    const { text } = headline(snapshot);
    if (text !== said && snapshot.tunnel.state !== "disconnected") session.note(text);
    said = text;
  };
  const stop = agent.onChanged(({ patch }) => {
    snapshot = { ...snapshot, ...session.safe(patch) } as Snapshot;
    look();
  });
  const interruption = session.environment.interruption();
  const interrupt = () => done.resolve("interrupted");
  interruption.addEventListener("abort", interrupt);
  const timer =
    seconds === undefined ? undefined : setTimeout(() => done.resolve("timed_out"), seconds * 1000);
  try {
    const answer = session.call("connect", wanted, true);
    answer.then((accepting) => {
      snapshot = accepting;
      accepted = true;
      look();
    }, done.reject);
    const ended = await Promise.race([done.promise, session.lost()]);
    return { ended, snapshot };
  } finally {
    stop();
    clearTimeout(timer);
    interruption.removeEventListener("abort", interrupt);
  }
}

/** Connects and waits until the state is real. */
export async function up(
  session: Session,
  options: { readonly mode?: TrafficMode; readonly profile?: string; readonly timeout?: number },
): Promise<ExitStatus> {
  const { mode, profile, timeout } = options;
  const id =
    profile === undefined
      ? undefined
      : profileNamed(profile, await session.call("listProfiles", {}), session.nanami).id;
  const wanted = {
    ...(mode === undefined ? {} : { mode }),
    ...(id === undefined ? {} : { profile: id }),
  };
  const { ended, snapshot } = await follow(session, wanted, timeout);
  const { nanami } = session;
  const { now, columns, paint } = session.environment;
  session.answer(snapshot, () => statusView(snapshot, now(), columns, paint));
  switch (ended) {
    case "connected":
      return EXIT.ok;
    case "blocked":
    case "disconnected":
      return EXIT.no;
    case "conflict":
      session.note(`Not in ${options.mode ?? "that mode"}. See what is stored: ${nanami} prefs get`);
      return EXIT.no;
    case "interrupted":
    case "timed_out":
      session.note(
        `${ended === "interrupted" ? "Stopped waiting" : "Not connected in time"}; ` +
          `the agent goes on connecting and keeps closed what has to be closed. ` +
          `See the state: ${nanami} status. Undo: ${nanami} down`,
      );
      return EXIT.no;
  }
}

/** Disconnects, the one command that unprotects, and waits until it is done. */
export async function down(session: Session): Promise<ExitStatus> {
  const snapshot = await session.call("disconnect", {}, true);
  session.answer(snapshot, () => `${headline(snapshot).text}.\n`);
  const { tunnel, settings } = snapshot;
  const locked = tunnel.state === "blocked" && tunnel.reason.code === "lockdown";
  if (locked && settings.lockdown === "on")
    session.note(`Lockdown stays. Open this device: ${session.nanami} settings set lockdown off`);
  else if (tunnel.state !== "disconnected")
    throw new Refused("refused", "the agent is still connected", `See the state: ${session.nanami} status`);
  return EXIT.ok;
}
