/** `Examples:` under a command's help: each command line, and below it what it is for. */
export function examples(nanami: string, lines: readonly (readonly [args: string, about: string])[]): string {
  return ["\nExamples:", ...lines.map(([args, about]) => `  ${nanami} ${args}\n      ${about}`)].join("\n");
}
