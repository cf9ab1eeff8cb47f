import { useTranslation } from "../../texts/speech.ts";
import { SIDE_FROM } from "../../app/places.ts";
import { useWiderThan } from "../../app/use-width.ts";
import { goTo, useWindow } from "../../state.ts";
import styles from "./PathTabs.module.css";

/** In a narrow window the path and the preferences share a place of the bar: this leads from one to the other. */
export function PathTabs() {
  const { t } = useTranslation();
  const screen = useWindow((window) => window.screen);
  const wide = useWiderThan(SIDE_FROM);
  if (wide) return null;
  return (
    <nav className={styles.tabs} aria-label={t("navigation.pathParts")}>
      {(["path", "preferences"] as const).map((name) => (
        <button
          key={name}
          type="button"
          className={styles.tab}
          aria-current={name === screen ? "page" : undefined}
          onClick={() => goTo(name)}
        >
          {t(name === "path" ? "navigation.why" : "navigation.preferences")}
        </button>
      ))}
    </nav>
  );
}
