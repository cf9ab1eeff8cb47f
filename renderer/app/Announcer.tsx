import { useEffect } from "react";
import { useTranslation } from "../texts/speech.ts";
import { StatusText } from "../parts/StatusText.tsx";
import { headline } from "../screens/home/headline.ts";
import { snapshotOf, useWindow } from "../state.ts";
import { documentTitle } from "./document-title.ts";

/** Says each change of the state, wherever in the window one is; keeps the window's title true. */
export function Announcer() {
  const { t } = useTranslation();
  const words = useWindow(({ bridge }) => {
    const snapshot = snapshotOf(bridge);
    return snapshot === undefined ? "" : headline(snapshot, bridge?.agent.state === "ready", t);
  });
  const title = useWindow(({ bridge }) => documentTitle(bridge?.agent, t));
  useEffect(() => {
    document.title = title;
  }, [title]);
  return <StatusText>{words}</StatusText>;
}
