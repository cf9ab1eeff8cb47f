/** A program as a Linux desktop starts it: the `Exec` key of a desktop entry. Pure. */

/** The program and its words as the session will start it. */
export interface Start {
  readonly program: string;
  readonly words: readonly string[];
}

/**
 * The value of `Exec` (Desktop Entry Specification 1.5: words are quoted, then the string escaped, by its rules).
 * `field`: the code that stands for what is opened, such as `%U`.
 */
export function execValue({ program, words }: Start, field?: "%U"): string {
  const quoted = [program, ...words].map((word) => `"${word.replaceAll(/[\\"`$]/g, "\\$&")}"`);
  const command = quoted.join(" ").replaceAll("%", "%%").replaceAll("\\", "\\\\");
  return field === undefined ? command : `${command} ${field}`;
}
