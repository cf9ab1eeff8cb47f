import { createContext, useContext } from "react";

/** Where a page stands: alone or first in the window, or beside that one. */
export const PagePlace = createContext<"main" | "beside">("main");

export function usePagePlace(): "main" | "beside" {
  return useContext(PagePlace);
}
