/** Milliseconds until the first call; each next one comes after twice as long, up to the longest. */
const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/** Calls at growing intervals, until it is disposed, because something that should have come has not. */
export function nudging(call: () => void): Disposable {
  let milliseconds = FIRST_MS;
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    timer = setTimeout(() => {
      milliseconds = Math.min(2 * milliseconds, LONGEST_MS);
      wait();
      call();
    }, milliseconds);
    timer.unref();
  };
  wait();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
