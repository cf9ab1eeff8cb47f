import type { Texts } from "../shape.ts";
import { home } from "./home.ts";
import { navigation } from "./navigation.ts";

export const ja: Texts = { home, navigation };
