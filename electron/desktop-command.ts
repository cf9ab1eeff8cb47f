/** A program as a Linux desktop starts it: the `Exec` key of a desktop entry. Pure. */

/** The program and its words as the session will start it. */
export interface Start {
  readonly program: string;
  readonly words: readonly string[];
}

/** The escapes of a desktop entry's string for what would end its line, and for what readers trim. */
const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * The value of `Exec` (Desktop Entry Specification 1.5: words are quoted, then the string escaped, by its rules).
 * `field`: the code that stands for what is opened, such as `%U`. Throws for a control character that the format
 * has no escape for.
 */
export function execValue({ program, words }: Start, field?: "%U"): string {
  const quoted = [program, ...words].map((word) => `"${word.replaceAll(/[\\"`$]/g, "\\$&")}"`);
  const command = quoted
    .join(" ")
    .replaceAll("%", "%%")
    .replaceAll("\\", "\\\\")
    .replaceAll(/\p{Cc}/gu, (character) => {
      const escape = ESCAPES[character];
      if (escape === undefined)
        throw new Error("The app lies in a folder whose name no desktop entry can hold. Move it to another.");
      return escape;
    });
  return field === undefined ? command : `${command} ${field}`;
}
