import { home } from "./home.ts";
import { navigation } from "./navigation.ts";
import { parts } from "./parts.ts";
import { problems } from "./problems.ts";

/** English: the catalogue that gives every other one its shape. One file for each screen or shared subject. */
export const en = { home, navigation, parts, problems };
