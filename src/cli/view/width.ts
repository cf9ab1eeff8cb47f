/** How many columns text takes on a terminal. */

/** East Asian wide and fullwidth characters, and emoji, in the blocks where they live. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
/** Marks that join the character before them. */
const COMBINING = /\p{Mn}|\p{Me}|\u200d|\ufe0f/u;
/** What colours a terminal, as `paint.ts` writes it. */
// eslint-disable-next-line no-control-regex -- the escape character is what is looked for
const COLOUR = /\u001b\[[0-9;]*m/g;

/** Columns that `text` takes; colours take none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text.replace(COLOUR, ""))
    width += COMBINING.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/** `text` followed by as many spaces as make it `width` columns wide. */
export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** `text` as lines of at most `width` columns, broken at spaces; a single longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line === "") line = word;
    else if (widthOf(line) + 1 + widthOf(word) <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** `text` wrapped at `columns`, as lines that end with a newline: the first begins with `first`, the others with `rest`. */
export function paragraph(text: string, columns: number, first = "", rest = ""): string {
  return wrap(text, columns - Math.max(widthOf(first), widthOf(rest)))
    .map((line, index) => `${index === 0 ? first : rest}${line}\n`)
    .join("");
}
