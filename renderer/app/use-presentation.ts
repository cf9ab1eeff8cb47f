/** Dresses the window as the person chose: light or dark, and the language. */
import { useEffect, useState } from "react";
import { useWindow } from "../state.ts";
import { languageFor, speak } from "../texts/start.ts";

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

/** Loads and speaks the language. Says whether one was spoken yet: before that nothing is worth drawing. */
export function useChosenLanguage(): boolean {
  const choice = useWindow(({ bridge }) => bridge?.presentation.language) ?? "system";
  const [spoken, setSpoken] = useState(false);
  useEffect(() => {
    const change = (): void => {
      void speak(languageFor(choice, navigator.languages)).then(() => setSpoken(true));
    };
    change();
    window.addEventListener("languagechange", change);
    return () => window.removeEventListener("languagechange", change);
  }, [choice]);
  return spoken;
}
