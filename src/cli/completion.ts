/** Completion for shells: small scripts that ask `nanami __complete` for the words that may come next. */
import type { Command } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** Options whose argument is a gateway's name. */
const GATEWAY_OPTIONS = new Set(["--ingress", "--egress"]);

const SCRIPTS = {
  bash: `_nanami() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(nanami __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _nanami nanami
`,
  zsh: `_nanami() {
  local -a candidates
  candidates=("\${(@f)$(nanami __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a candidates
}
compdef _nanami nanami
`,
  fish: `complete -c nanami -f -a '(nanami __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
} as const satisfies Record<Shell, string>;

/** The script for a shell. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}

/**
 * The words that may stand where the last of `words` is being typed.
 *
 * @param words what follows `nanami`; the last is the beginning of the word to complete, perhaps empty
 * @param gateways asked only where a gateway is expected; when it fails there are no candidates
 */
export async function complete(
  program: Command,
  words: readonly string[],
  gateways: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const typed = words.slice(0, -1);
  const last = words.at(-1) ?? "";
  let command = program;
  for (const word of typed) command = command.commands.find((one) => one.name() === word) ?? command;

  const options = [...command.options, ...(command === program ? [] : program.options)];
  const before = options.find(({ long, required }) => required && long === typed.at(-1));
  const candidates =
    before === undefined
      ? [
          ...command.commands.filter((one) => !one.name().startsWith("__")).map((one) => one.name()),
          ...command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
          ...options.flatMap(({ long }) => (long === undefined || typed.includes(long) ? [] : [long])),
          "--help",
        ]
      : GATEWAY_OPTIONS.has(before.long ?? "")
        ? ["auto", ...(await gateways().catch(() => []))]
        : (before.argChoices ?? []);
  return candidates.filter(
    (word) =>
      word.startsWith(last) && (last.startsWith("-") || before !== undefined || !word.startsWith("-")),
  );
}
