/** Completion for shells: small scripts that ask `nanami __complete` for the words that may come next. */
import type { Command } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** What the agent is asked for, only where it is expected. */
export interface Names {
  readonly gateways: () => Promise<readonly string[]>;
  readonly profiles: () => Promise<readonly string[]>;
  readonly removedProfiles: () => Promise<readonly string[]>;
}

/** Options whose argument is a name that the agent knows. */
const OPTION_NAMES: Readonly<Record<string, (names: Names) => Promise<readonly string[]>>> = {
  "--ingress": async (names) => ["auto", ...(await orNone(names.gateways))],
  "--egress": async (names) => ["auto", ...(await orNone(names.gateways))],
  "--profile": (names) => orNone(names.profiles),
};

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
 * @param names asked only where a name is expected; when that fails there are no candidates
 */
export async function complete(
  program: Command,
  words: readonly string[],
  names: Names,
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
          ...(last.startsWith("-") ? [] : await profileArguments(command, typed, names)),
          ...options.flatMap(({ long }) => (long === undefined || typed.includes(long) ? [] : [long])),
          "--help",
        ]
      : ((await OPTION_NAMES[before.long ?? ""]?.(names)) ?? before.argChoices ?? []);
  return candidates.filter(
    (word) =>
      word.startsWith(last) && (last.startsWith("-") || before !== undefined || !word.startsWith("-")),
  );
}

/** The names of profiles, where the next argument of the command is one. */
async function profileArguments(
  command: Command,
  typed: readonly string[],
  names: Names,
): Promise<readonly string[]> {
  const [argument] = command.registeredArguments;
  if (argument?.name() !== "profile") return [];
  const takesValue = (word: string | undefined) =>
    command.options.some(({ long, required }) => required && long === word);
  const given = typed
    .slice(typed.lastIndexOf(command.name()) + 1)
    .filter((word, index, all) => !word.startsWith("-") && !takesValue(all[index - 1]));
  if (given.length > 0 && !argument.variadic) return [];
  const known = await orNone(command.name() === "restore" ? names.removedProfiles : names.profiles);
  return known.filter((name) => !given.includes(name));
}

async function orNone(ask: () => Promise<readonly string[]>): Promise<readonly string[]> {
  return ask().catch(() => []);
}
