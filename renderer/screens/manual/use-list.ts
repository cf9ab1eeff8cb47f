import { useTranslation } from "react-i18next";

/** Joins things as the window's language does: "a, b and c". The first so many, then how many more. */
export function useList(most = 8): (items: readonly string[]) => string {
  const { i18n } = useTranslation();
  return (items) => {
    const shown = items.length > most ? [...items.slice(0, most), `+ ${items.length - most}`] : items;
    return new Intl.ListFormat(i18n.language, { style: "narrow", type: "unit" }).format(shown);
  };
}
