/** Lists of prefixes as the control plane sends them. Pure. */
import { parsePrefix, type Prefix } from "../wireguard/prefix.ts";
import { failure, success, type Result } from "../wireguard/result.ts";

/** Parses every prefix strictly and asks `problem` about each; the first problem refuses all of them. */
export function parseAll<Code extends string>(
  texts: readonly string[],
  problem: (prefix: Prefix) => string | null,
  code: Code,
): Result<readonly Prefix[], Code> {
  const prefixes: Prefix[] = [];
  for (const text of texts) {
    const prefix = parsePrefix(text);
    if (!prefix.ok) return failure(code, `${text}: ${prefix.message}`);
    const why = problem(prefix.value);
    if (why !== null) return failure(code, why);
    prefixes.push(prefix.value);
  }
  return success(prefixes);
}
