import { useTranslation } from "../../texts/speech.ts";
import { Page } from "../../parts/Page.tsx";
import { BundleCard } from "./BundleCard.tsx";
import { ChecksCard } from "./ChecksCard.tsx";
import { LeakCard } from "./LeakCard.tsx";
import { LogCard } from "./LogCard.tsx";
import { RouteCard } from "./RouteCard.tsx";
import styles from "./Health.module.css";

/** Whether the promise holds, where traffic goes, what happened, and what to hand to somebody who helps. */
export function Health() {
  const { t } = useTranslation();
  return (
    <Page title={t("health.title")} lead={t("health.lead")} wide>
      <div className={styles.columns}>
        <div className={styles.column}>
          <LeakCard />
          <ChecksCard />
        </div>
        <div className={styles.column}>
          <RouteCard />
          <LogCard />
          <BundleCard />
        </div>
      </div>
    </Page>
  );
}
