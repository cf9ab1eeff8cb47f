import { Suspense, useEffect, useLayoutEffect } from "react";
import { useTranslation } from "../texts/speech.ts";
import { Beside } from "../parts/Beside.tsx";
import { fetched } from "../parts/fetched.tsx";
import { PagePlace } from "../parts/page-place.ts";
import { Toasts } from "../parts/Toasts.tsx";
import { AgentScreen } from "../screens/start/AgentScreen.tsx";
import { goTo, snapshotOf, useWindow } from "../state.ts";
import { Announcer } from "./Announcer.tsx";
import { AwayBanner } from "./AwayBanner.tsx";
import { Broken } from "./Broken.tsx";
import { Navigation } from "./Navigation.tsx";
import { BESIDE_FROM, screenBeside, SIDE_FROM } from "./places.ts";
import { Screen } from "./Screen.tsx";
import { SignedInBanner } from "./SignedInBanner.tsx";
import { screenFor } from "./shortcuts.ts";
import { useDrawn } from "./use-drawn.ts";
import { useAppearance, useChosenLanguage } from "./use-presentation.ts";
import { useWiderThan } from "./use-width.ts";
import styles from "./App.module.css";

const OfferDialog = fetched(async () => (await import("../screens/start/OfferDialog.tsx")).OfferDialog);
const FilesFromOutside = fetched(
  async () => (await import("../screens/manual/FilesFromOutside.tsx")).FilesFromOutside,
);

/** The whole window. */
export function App() {
  useAppearance();
  useChosenLanguage();
  useShortcuts();
  useOfferedFiles();
  const drawn = useDrawn();
  const agent = useWindow(({ bridge }) => bridge?.agent);
  const host = useWindow(({ bridge }) => bridge?.host);
  const spokeBefore = useWindow(({ bridge }) => snapshotOf(bridge) !== undefined);
  const offered = useWindow(({ bridge }) => bridge?.offers.some(({ kind }) => kind !== "files") ?? false);
  if (agent === undefined) return null;
  return (
    <>
      {agent.state === "ready" || spokeBefore ? <Places /> : <AgentScreen agent={agent} host={host} />}
      {offered ? (
        <Beside>
          <OfferDialog />
        </Beside>
      ) : null}
      {drawn ? (
        <Beside>
          <FilesFromOutside />
        </Beside>
      ) : null}
      <Toasts />
    </>
  );
}

/** The navigation and the screens that stand beside each other. */
function Places() {
  const { t } = useTranslation();
  const screen = useWindow((window) => window.screen);
  const hasPath = useWindow(({ bridge }) => (snapshotOf(bridge)?.path ?? null) !== null);
  const wide = useWiderThan(SIDE_FROM);
  const roomy = useWiderThan(BESIDE_FROM);
  const beside = roomy && hasPath ? screenBeside(screen) : undefined;
  return (
    <div className={[styles.window, wide ? styles.wide : ""].join(" ")}>
      <a className={styles.skip} href="#screen">
        {t("navigation.skip")}
      </a>
      <AwayBanner />
      <SignedInBanner />
      {wide ? <Navigation wide /> : null}
      <div className={styles.screens}>
        <Broken key={screen}>
          <Suspense fallback={<Waiting />}>
            <Screen name={screen} />
          </Suspense>
        </Broken>
        {beside === undefined ? null : (
          <PagePlace value="beside">
            <Broken key={beside}>
              <Suspense fallback={<Waiting />}>
                <Screen name={beside} />
              </Suspense>
            </Broken>
          </PagePlace>
        )}
      </div>
      {wide ? null : <Navigation wide={false} />}
      <Announcer />
    </div>
  );
}

/** While a screen's program is fetched from this same computer: so short that words would only flicker. */
function Waiting() {
  return <div aria-busy="true" />;
}

function useShortcuts(): void {
  // Before the first frame: what can be seen can be asked for by keyboard.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const screen = screenFor(event);
      // A question in front of the window comes first.
      if (screen === undefined || document.querySelector('[role="dialog"], [role="alertdialog"]') !== null)
        return;
      event.preventDefault();
      goTo(screen);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

/** Files that were opened with Nanami are shown where files are; nothing is done with them. */
function useOfferedFiles(): void {
  const id = useWindow(({ bridge }) => bridge?.offers.find(({ kind }) => kind === "files")?.id);
  useEffect(() => {
    if (id !== undefined) goTo("manual");
  }, [id]);
}
