import type { Texts } from "../shape.ts";
import { home } from "./home.ts";
import { navigation } from "./navigation.ts";
import { parts } from "./parts.ts";
import { problems } from "./problems.ts";

export const ja: Texts = { home, navigation, parts, problems };
