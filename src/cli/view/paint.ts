/** Colours, or their absence, as functions that views apply. */
import { styleText } from "node:util";

export interface Paint {
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
}

const same = (text: string) => text;
/** Text as it is: for files, pipes and NO_COLOR. */
export const PLAIN: Paint = { strong: same, dim: same, good: same, warn: same, bad: same };

const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
  styleText(format, text, { validateStream: false });
/** For a terminal that shows colours. */
export const COLOURED: Paint = {
  strong: style("bold"),
  dim: style("dim"),
  good: style("green"),
  warn: style("yellow"),
  bad: style("red"),
};
