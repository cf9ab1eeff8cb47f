import { useTranslation } from "../../texts/speech.ts";
import { Card } from "../../parts/Card.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { SwitchRow } from "../../parts/Switch.tsx";
import { useWindow } from "../../state.ts";
import { changePresentation, switchedTo, useRefusal } from "./change.ts";
import styles from "./Settings.module.css";

/** What the app does by itself. Nothing of it concerns the protection. */
export function AppCard() {
  const { t } = useTranslation();
  const presentation = useWindow(({ bridge }) => bridge?.presentation);
  const host = useWindow(({ bridge }) => bridge?.host);
  const refusal = useRefusal((state) => state.app);
  if (presentation === undefined || host === undefined) return null;
  const change = (name: "startAtLogin" | "startHidden" | "openLinks" | "notifications", on: boolean): void =>
    void changePresentation(name, on, presentation[name], switchedTo(t(`settings.app.${name}`), on));
  return (
    <Card title={t("settings.app.title")} flush>
      <div>
        {host.canStartAtLogin ? (
          <SwitchRow
            label={t("settings.app.startAtLogin")}
            description={t("settings.app.startAtLoginText")}
            isSelected={presentation.startAtLogin}
            onChange={(on) => change("startAtLogin", on)}
          />
        ) : null}
        {host.kind === "electron" ? (
          <SwitchRow
            label={t("settings.app.startHidden")}
            description={t(host.tray ? "settings.app.startHiddenText" : "settings.app.startHiddenTextNoTray")}
            isSelected={presentation.startHidden}
            onChange={(on) => change("startHidden", on)}
          />
        ) : null}
        {host.canOpenLinks ? (
          <SwitchRow
            label={t("settings.app.openLinks")}
            description={t("settings.app.openLinksText")}
            isSelected={presentation.openLinks}
            onChange={(on) => change("openLinks", on)}
          />
        ) : null}
        <SwitchRow
          label={t("settings.app.notifications")}
          description={t("settings.app.notificationsText")}
          isSelected={presentation.notifications}
          onChange={(on) => change("notifications", on)}
        />
      </div>
      {refusal === undefined ? null : (
        <div className={styles.notice}>
          <ProblemNotice
            problem={refusal}
            title={t("settings.failed")}
            onDismiss={() => useRefusal.setState({ app: undefined })}
          />
        </div>
      )}
    </Card>
  );
}
