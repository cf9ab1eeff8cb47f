import type { en } from "./en/index.ts";

/** What every language has to say: the keys of the English catalogue, each with a text. */
export type Texts = typeof en;
