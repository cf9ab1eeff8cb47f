/** A text of at most `most` letters; one that is cut says so, and is cut in no letter's middle. */
export function shortened(text: string, most: number): string {
  const letters = Array.from(text);
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text;
}
