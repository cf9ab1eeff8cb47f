import ExternalLink from "lucide-react/icons/external-link";
import { useTranslation } from "../../texts/speech.ts";
import { Button } from "../../parts/Button.tsx";
import { Card } from "../../parts/Card.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { useRequest } from "../../parts/use-request.ts";
import { useSnapshot, useWindow } from "../../state.ts";
import styles from "./Settings.module.css";

const LICENCE = "Apache 2.0";
const PLACES = ["licence", "wireguard"] as const;

/** Both versions, the licence, and where there is more. */
export function About() {
  const { t } = useTranslation();
  const app = useWindow(({ bridge }) => bridge?.host.appVersion);
  const service = useSnapshot((snapshot) => snapshot.agentVersion);
  const { problem, run } = useRequest("openPlace");
  return (
    <Card title={t("settings.about.title")}>
      <dl className={styles.facts}>
        <dt>{t("settings.about.app")}</dt>
        <dd>{app}</dd>
        <dt>{t("settings.about.service")}</dt>
        <dd>{service ?? t("settings.about.unknown")}</dd>
        <dt>{t("settings.about.licence")}</dt>
        <dd>{t("settings.about.licenceText", { name: LICENCE })}</dd>
      </dl>
      <ProblemNotice problem={problem} title={t("settings.about.failed")} tone="warn" />
      <div className={styles.buttons}>
        {PLACES.map((place) => (
          <Button key={place} icon={ExternalLink} onPress={() => void run({ place })}>
            {t(`settings.about.places.${place}`)}
          </Button>
        ))}
      </div>
    </Card>
  );
}
