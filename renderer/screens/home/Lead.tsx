import { useTranslation } from "../../texts/speech.ts";
import { useNow } from "../../parts/use-now.ts";
import type { Standing } from "../../state.ts";
import { formatDuration } from "../../texts/format.ts";
import { isAtRest } from "../../../src/bridge/at-rest.ts";
import { openNow } from "./facts.ts";

/** Under the headline: which network, for how long, and what is closed meanwhile. */
export function Lead({ snapshot, isLive }: { readonly snapshot: Standing; readonly isLive: boolean }) {
  const { t } = useTranslation();
  const { tunnel, enrollment, profile } = snapshot;
  if (tunnel.state === "connecting" && tunnel.reason === undefined)
    return t(tunnel.mode === "full_tunnel" ? "home.lead.closedMeanwhile" : "home.lead.privateMeanwhile");
  const network =
    profile !== null
      ? t("home.lead.profile")
      : enrollment === null
        ? undefined
        : t("home.lead.network", { workspace: enrollment.workspaceName, network: enrollment.networkName });
  // The headline says it where it is an alarm.
  const direct = tunnel.state === "disconnected" && openNow(snapshot) === null;
  const parts = [network, direct ? t("home.lead.direct") : undefined].filter((part) => part !== undefined);
  return (
    <>
      {parts.join(" · ")}
      {"since" in tunnel && isLive && !isAtRest(snapshot) ? (
        <>
          {parts.length > 0 ? " · " : null}
          <Since since={tunnel.since} />
        </>
      ) : null}
    </>
  );
}

/** A time that runs; a screen reader finds it where it stands and is not told each second. */
function Since({ since }: { readonly since: string }) {
  const now = useNow();
  return <time>{formatDuration((now - Date.parse(since)) / 1000)}</time>;
}
