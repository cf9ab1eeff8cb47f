import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Home } from "../screens/home/Home.tsx";
import { goTo, SCREENS, useWindow } from "../state.ts";

/** The whole window. */
export function App() {
  const { t } = useTranslation();
  const bridge = useWindow((window) => window.bridge);
  const screen = useWindow((window) => window.screen);
  if (bridge === undefined) return null;
  return (
    <>
      <nav aria-label={t("navigation.label")}>
        {SCREENS.map((name) => (
          <button key={name} aria-current={name === screen ? "page" : undefined} onClick={() => goTo(name)}>
            {t(`navigation.${name}`)}
          </button>
        ))}
      </nav>
      <Suspense>
        <Home />
      </Suspense>
    </>
  );
}
