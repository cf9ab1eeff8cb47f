/** How the double is held against `electron.d.ts`, so that it cannot drift from it. */

/**
 * What an object has to have in place of one of Electron's, for the members that are named: the same arguments
 * (of overloads the last), the same answer; where Electron answers itself (`on`), anything.
 */
export type Surface<T, K extends keyof T> = {
  readonly [P in K]: T[P] extends (...given: infer Given) => infer Answer
    ? (...given: Given) => T extends Answer ? unknown : Answer
    : T[P];
};
