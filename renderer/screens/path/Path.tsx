import { useTranslation } from "../../texts/speech.ts";
import { useCurrentGateways } from "../../known-gateways.ts";
import { Page } from "../../parts/Page.tsx";
import { ProblemCard } from "../../parts/ProblemCard.tsx";
import { useSnapshot } from "../../state.ts";
import { noPathReason, pathSentence } from "./difference.ts";
import { GatewayList } from "./GatewayList.tsx";
import { LayerTable } from "./LayerTable.tsx";
import { namesFrom } from "./names.ts";
import { PathTabs } from "./PathTabs.tsx";
import { TryChange } from "./TryChange.tsx";

/** Why the path is as it is: who said what, which gateways there are, and what a change would make. */
export function Path() {
  const { t } = useTranslation();
  const gateways = useCurrentGateways();
  const path = useSnapshot((snapshot) => snapshot.path) ?? null;
  const profile = useSnapshot((snapshot) => snapshot.profile?.name);
  const network = useSnapshot(({ enrollment }) => enrollment?.networkName) ?? "";
  if (path === null)
    return (
      <Page title={t("path.title")} above={<PathTabs />}>
        <p>{t("path.noPath")}</p>
      </Page>
    );
  const nameOf = namesFrom(gateways.rows, [path], t("path.unknownGateway"));
  return (
    <Page title={t("path.title")} lead={pathSentence(path, t)} above={<PathTabs />}>
      {profile === undefined ? null : (
        <ProblemCard tone="info" title={t("path.profileInstead", { profile })} />
      )}
      {path.status === "unavailable" ? (
        <ProblemCard tone="stop" title={t("path.unavailable", { reason: noPathReason(path, t) })} />
      ) : null}
      <LayerTable path={path} network={network} nameOf={nameOf} />
      <TryChange gateways={gateways.rows} nameOf={nameOf} />
      <GatewayList gateways={gateways} />
    </Page>
  );
}
