import { useTranslation } from "../../texts/speech.ts";
import { SHORTCUTS } from "../../app/shortcuts.ts";
import { Card } from "../../parts/Card.tsx";
import { useWindow } from "../../state.ts";
import styles from "./Settings.module.css";

/** The window's own keys. */
export function KeysCard() {
  const { t } = useTranslation();
  const mac = useWindow(({ bridge }) => bridge?.host.platform === "macos");
  return (
    <Card title={t("settings.keys.title")} lead={t("settings.keys.lead")}>
      <dl className={styles.keys}>
        {SHORTCUTS.map(({ key, screen }) => (
          <Keys key={key} keys={[t(mac ? "settings.keys.command" : "settings.keys.control"), key]}>
            {t(`navigation.${screen}`)}
          </Keys>
        ))}
      </dl>
    </Card>
  );
}

function Keys({ keys, children }: { readonly keys: readonly string[]; readonly children: string }) {
  return (
    <>
      <dt>
        {keys.map((key, place) => (
          <span key={key}>
            {place === 0 ? "" : " + "}
            <kbd>{key}</kbd>
          </span>
        ))}
      </dt>
      <dd>{children}</dd>
    </>
  );
}
