import { useEffect, useMemo } from "react";
import { useTranslation } from "../../texts/speech.ts";
import { useAgentReady, type Standing } from "../../state.ts";
import { useCurrentGateways } from "../../known-gateways.ts";
import { useRequest } from "../../parts/use-request.ts";
import { useLanguage } from "../../texts/use-language.ts";
import { PathDrawing } from "./PathDrawing.tsx";
import { pathDrawing } from "./path-drawing.ts";

/** The path drawn with what is known of it beside the snapshot: round trips, and the profile that is connected. */
export function LivePath({ snapshot }: { readonly snapshot: Standing }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const isLive = useAgentReady();
  const { rows } = useCurrentGateways();
  const { run: listProfiles, value: profiles } = useRequest("listProfiles");
  const profileId = snapshot.profile?.id;
  useEffect(() => {
    if (profileId !== undefined) void listProfiles({});
  }, [profileId, listProfiles]);
  const roundTrips = useMemo(
    () =>
      new Map(
        rows.flatMap(({ deviceId, roundTripMs }) =>
          roundTripMs === null ? [] : [[deviceId, roundTripMs] as const],
        ),
      ),
    [rows],
  );
  const profile = profiles?.find(({ id }) => id === profileId);
  return (
    <PathDrawing isLive={isLive} drawing={pathDrawing(snapshot, { roundTrips, profile }, language, t)} />
  );
}
