import { create } from "zustand";
import type { Remembered } from "./problem-cards.ts";

/** What the window remembers while it lives; nothing of it protects anything. */
export const useRemembered = create<Pick<Remembered, "closedAnnouncement">>(() => ({
  closedAnnouncement: null,
}));
