import { useTranslation } from "../../texts/speech.ts";
import { useCurrentGateways } from "../../known-gateways.ts";
import { useCurrentPreferences } from "../../known-preferences.ts";
import { Card } from "../../parts/Card.tsx";
import { Page } from "../../parts/Page.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { useSnapshot } from "../../state.ts";
import { PathTabs } from "../path/PathTabs.tsx";
import { namesFrom } from "../path/names.ts";
import { LayerEditor } from "./LayerEditor.tsx";
import { preferenceWords } from "./words.ts";
import styles from "./Preferences.module.css";

/** What this person set, for this device and for all of theirs; and what stands below it. */
export function Preferences() {
  const { t } = useTranslation();
  const { rows } = useCurrentGateways();
  const { layers, problem } = useCurrentPreferences();
  const path = useSnapshot((snapshot) => snapshot.path) ?? null;
  const networkName = useSnapshot(({ enrollment }) => enrollment?.networkName) ?? "";
  const nameOf = namesFrom(rows, path === null ? [] : [path], t("path.unknownGateway"));
  const network = layers?.find(({ layer }) => layer === "network");
  const writable = (["device", "user"] as const).flatMap((layer) => {
    const stored = layers?.find((one) => one.layer === layer);
    return stored === undefined ? [] : [{ layer, stored }];
  });
  return (
    <Page title={t("preferences.title")} lead={t("preferences.lead")} above={<PathTabs />} wide>
      {path === null ? <p className={styles.hint}>{t("path.noPath")}</p> : null}
      <ProblemNotice problem={problem} title={t("preferences.notRead")} />
      {layers === undefined && problem === undefined && path !== null ? (
        <p className={styles.hint}>{t("preferences.reading")}</p>
      ) : null}
      <div className={styles.layers}>
        {writable.map(({ layer, stored }) => (
          <LayerEditor key={layer} layer={layer} stored={stored} gateways={rows} nameOf={nameOf} />
        ))}
      </div>
      {network === undefined ? null : (
        <Card title={t("preferences.network", { name: networkName })} lead={t("preferences.networkLead")}>
          <p>{preferenceWords(network.value, nameOf, t)}</p>
        </Card>
      )}
      <p className={styles.hint}>{t("preferences.about")}</p>
    </Page>
  );
}
