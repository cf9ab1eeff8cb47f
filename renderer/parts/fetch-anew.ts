/** Parts of the window that are fetched when they are first wanted, and again when that could not be done. */
import { createElement, lazy, type ComponentType, type LazyExoticComponent } from "react";

/** What makes those that could not be fetched forget it. */
const failed = new Set<() => void>();

/**
 * A part that `load` fetches. React keeps a failure for as long as the window lives; this one keeps it until
 * `fetchAnew`, so that it can be told and then be tried again.
 */
export function fetchedWhenWanted<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  const begin = (): LazyExoticComponent<ComponentType<Props>> =>
    lazy(async () => {
      try {
        return { default: await load() };
      } catch (error) {
        failed.add(() => {
          part = begin();
        });
        throw error;
      }
    });
  let part = begin();
  return (props) => createElement<Props>(part, props);
}

/** Lets what could not be fetched be fetched when it is wanted next. For who has shown that it could not. */
export function fetchAnew(): void {
  for (const forget of failed) forget();
  failed.clear();
}
