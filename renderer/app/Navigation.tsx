import { useTranslation } from "../texts/speech.ts";
import Activity from "lucide-react/icons/activity";
import Ellipsis from "lucide-react/icons/ellipsis";
import FileText from "lucide-react/icons/file-text";
import House from "lucide-react/icons/house";
import Route from "lucide-react/icons/route";
import Settings from "lucide-react/icons/settings";
import SlidersHorizontal from "lucide-react/icons/sliders-horizontal";
import type { Icon } from "../parts/icon.ts";
import type { ScreenName } from "../screen-names.ts";
import { goTo, useWindow } from "../state.ts";
import { placeInBar } from "./places.ts";
import styles from "./Navigation.module.css";

const SYMBOLS: Record<ScreenName, Icon> = {
  home: House,
  path: Route,
  preferences: SlidersHorizontal,
  manual: FileText,
  health: Activity,
  settings: Settings,
  more: Ellipsis,
};

const BAR = ["home", "path", "manual", "more"] as const satisfies readonly ScreenName[];
const SIDE = [
  "home",
  "path",
  "preferences",
  "manual",
  "health",
  "settings",
] as const satisfies readonly ScreenName[];

/** Where one can go: four places at the bottom of a narrow window, all of them at the side of a wide one. */
export function Navigation({ wide }: { readonly wide: boolean }) {
  const { t } = useTranslation();
  const screen = useWindow((window) => window.screen);
  const current = wide ? screen : placeInBar(screen);
  return (
    <nav className={wide ? styles.side : styles.bar} aria-label={t("navigation.label")}>
      {(wide ? SIDE : BAR).map((name) => {
        const Symbol = SYMBOLS[name];
        return (
          <button
            key={name}
            type="button"
            className={styles.place}
            aria-current={name === current ? "page" : undefined}
            onClick={() => goTo(name)}
          >
            <Symbol size={20} />
            <span>{t(`navigation.${name}`)}</span>
          </button>
        );
      })}
    </nav>
  );
}
