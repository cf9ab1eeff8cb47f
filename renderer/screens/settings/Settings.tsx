import { useTranslation } from "../../texts/speech.ts";
import { Page } from "../../parts/Page.tsx";
import { About } from "./About.tsx";
import { AppearanceCard } from "./AppearanceCard.tsx";
import { AppCard } from "./AppCard.tsx";
import { ConnectionCard } from "./ConnectionCard.tsx";
import { DeviceCard } from "./DeviceCard.tsx";
import { KeysCard } from "./KeysCard.tsx";
import styles from "./Settings.module.css";

/** What the agent and the app remember. In force as soon as it is changed, each with a way back. */
export function Settings() {
  const { t } = useTranslation();
  return (
    <Page title={t("settings.title")} wide>
      <div className={styles.columns}>
        <div className={styles.column}>
          <ConnectionCard />
          <AppearanceCard />
          <AppCard />
        </div>
        <div className={styles.column}>
          <DeviceCard />
          <KeysCard />
          <About />
        </div>
      </div>
    </Page>
  );
}
