import type { ComponentType } from "react";
import { fetchedWhenWanted } from "./fetch-anew.ts";

/**
 * A part of the window that is fetched when it is first wanted. react-aria comes with such parts alone, so this is
 * also where it is told which language the window speaks: what is there from the beginning does without it.
 */
export function fetched<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  return fetchedWhenWanted(async () => {
    const [Part, { AriaLanguage }] = await Promise.all([load(), import("./AriaLanguage.tsx")]);
    return (props: Props) => (
      <AriaLanguage>
        <Part {...props} />
      </AriaLanguage>
    );
  });
}
