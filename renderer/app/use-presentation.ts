/** Dresses the window as the person chose: light or dark, and the language. */
import { useEffect } from "react";
import { useWindow } from "../state.ts";
import { languageFor } from "../../src/bridge/language.ts";
import { speak } from "../texts/speech.ts";

const DARK = "(prefers-color-scheme: dark)";

/** Sets the appearance on the root element, where the tokens are; follows the system live where that was chosen. */
export function useAppearance(): void {
  const choice = useWindow(({ bridge }) => bridge?.presentation.appearance) ?? "system";
  useEffect(() => {
    const query = window.matchMedia(DARK);
    const set = (): void => {
      const system = query.matches ? "dark" : "light";
      document.documentElement.dataset["appearance"] = choice === "system" ? system : choice;
    };
    set();
    query.addEventListener("change", set);
    return () => query.removeEventListener("change", set);
  }, [choice]);
}

/** Speaks the language that was chosen, as soon as another one is. The first is spoken before anything is drawn. */
export function useChosenLanguage(): void {
  const choice = useWindow(({ bridge }) => bridge?.presentation.language) ?? "system";
  useEffect(() => {
    const change = (): void => void speak(languageFor(choice, navigator.languages));
    change();
    window.addEventListener("languagechange", change);
    return () => window.removeEventListener("languagechange", change);
  }, [choice]);
}
