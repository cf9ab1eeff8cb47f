import { useTranslation } from "../texts/speech.ts";
import { ProblemCard } from "../parts/ProblemCard.tsx";
import { Command } from "../screens/start/Command.tsx";
import { useWindow } from "../state.ts";
import styles from "./App.module.css";

/** Over a window that keeps its place while the agent is gone. */
export function AwayBanner() {
  const { t } = useTranslation();
  const away = useWindow(({ bridge }) => bridge?.agent.state === "away");
  const command = useWindow(({ bridge }) => bridge?.host.startCommand);
  if (!away || command === undefined) return null;
  return (
    <div className={styles.banner}>
      <ProblemCard tone="warn" announce title={t("navigation.agentAway.title")}>
        <p>{t("navigation.agentAway.text")}</p>
        <p>{t("navigation.agentAway.still")}</p>
        <Command text={command} />
      </ProblemCard>
    </div>
  );
}
