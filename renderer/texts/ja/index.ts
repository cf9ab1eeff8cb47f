import type { Texts } from "../shape.ts";
import { health } from "./health.ts";
import { home } from "./home.ts";
import { manual } from "./manual.ts";
import { navigation } from "./navigation.ts";
import { parts } from "./parts.ts";
import { path } from "./path.ts";
import { preferences } from "./preferences.ts";
import { problems } from "./problems.ts";
import { reasons } from "./reasons.ts";
import { said } from "./said.ts";
import { settings } from "./settings.ts";
import { start } from "./start.ts";

export const ja: Texts = {
  health,
  home,
  manual,
  navigation,
  parts,
  path,
  preferences,
  problems,
  reasons,
  said,
  settings,
  start,
};
