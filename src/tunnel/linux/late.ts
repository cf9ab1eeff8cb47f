/** Calls that may never return: one is given up after a while, and what it does after that is told. */

const listeners = new Set<() => void>();

/** Calls back whenever a call ended that was given up before: what it changed came last. Dispose to stop. */
export function onLateEnd(listener: () => void): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}

/**
 * What `start` answers with. After so many milliseconds it is given up: rejects with what `gaveUp` makes of that. It goes
 * on where it is, and whoever listens to `onLateEnd` is told of its end.
 */
export function withinTime<T>(
  start: (end: (error: unknown, value: T) => void) => void,
  milliseconds: number,
  gaveUp: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      reject(gaveUp());
    }, milliseconds);
    start((error, value) => {
      clearTimeout(limit);
      if (late) for (const listener of listeners) listener();
      else if (error == null) resolve(value);
      else reject(error instanceof Error ? error : new Error("it could not be called"));
    });
  });
}
