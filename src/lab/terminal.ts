/** How the demo speaks: calm lines that fit 80 columns, colour only on a terminal (and never with NO_COLOR). */
import { styleText } from "node:util";

const out = process.stdout;
type Style = Parameters<typeof styleText>[0];
const style = (format: Style, text: string) => styleText(format, text, { stream: out });

const WIDTH = 78;
export const dim = (text: string): string => style("dim", text);
export const bold = (text: string): string => style("bold", text);

export function print(line = ""): void {
  out.write(`${line}\n`);
}

/** A heading with an empty line before it. */
export function heading(text: string): void {
  print(`\n${bold(text)}`);
}

/** Sentences, broken at words, indented by two (four where they go on). */
export function paragraph(text: string): void {
  let line = " ";
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > WIDTH && line.trim() !== "") {
      print(line);
      line = "   ";
    }
    line += ` ${word}`;
  }
  print(line);
}

/** A line that says whether something holds. */
export function verdict(held: boolean, text: string): void {
  print(`  ${held ? style("green", "✓") : style("red", "✗")} ${text}`);
}

/** Steps that take a moment: each is shown when it begins (on a terminal) and with its time when it is done. */
export class Steps {
  #current: { readonly text: string; readonly since: number } | undefined;

  begin(text: string): void {
    this.done();
    this.#current = { text, since: performance.now() };
    if (out.isTTY) out.write(`  ${dim("·")} ${text}…`);
  }

  /** Ends the current step well. `text` replaces what it said. */
  done(text?: string): void {
    if (this.#current === undefined) return;
    const seconds = `${((performance.now() - this.#current.since) / 1000).toFixed(1)} s`;
    if (out.isTTY) out.write("\r\u001b[K");
    verdict(true, `${(text ?? this.#current.text).padEnd(WIDTH - 12)}${dim(seconds.padStart(7))}`);
    this.#current = undefined;
  }

  /** Forgets the current step: somebody ended everything. */
  drop(): void {
    if (this.#current !== undefined && out.isTTY) out.write("\r\u001b[K");
    this.#current = undefined;
  }

  /** Ends the current step badly. */
  fail(): void {
    if (this.#current === undefined) return;
    if (out.isTTY) out.write("\r\u001b[K");
    verdict(false, this.#current.text);
    this.#current = undefined;
  }
}

/** One line at the bottom that is written over; nothing where there is no terminal. */
export function liveLine(text: string): void {
  if (out.isTTY) out.write(`\r\u001b[K  ${text.slice(0, WIDTH)}`);
}

/** Bits per second for people. */
export function bitRate(bytesPerSecond: number): string {
  const bits = bytesPerSecond * 8;
  if (bits >= 1e6) return `${(bits / 1e6).toFixed(bits >= 1e7 ? 0 : 1)} Mbit/s`;
  return `${(bits / 1e3).toFixed(0)} kbit/s`;
}
