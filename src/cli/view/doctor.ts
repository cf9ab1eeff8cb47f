/** `nanami doctor` for people. */
import type { Result } from "../../rpc/contract.ts";
import type { Paint } from "./paint.ts";
import { paragraph } from "./width.ts";

type Check = Result<"checkHealth">["checks"][number];
type Leaks = Result<"testLeaks">;

const SIGNS = {
  good: ["✓", "good"],
  warning: ["!", "warn"],
  bad: ["✗", "bad"],
  skipped: ["-", "dim"],
} as const satisfies Record<Check["verdict"], readonly [string, keyof Paint]>;

/** One line or two for each check, then for each attempt of the self-test, and the verdict. */
export function doctorView(checks: readonly Check[], leaks: Leaks, columns: number, paint: Paint): string {
  const line = ({ verdict, title, message }: Pick<Check, "verdict" | "title" | "message">): string => {
    const [sign, tone] = SIGNS[verdict];
    return paragraph(`${title}: ${message}`, columns, `${paint[tone](sign)} `, "  ");
  };
  const attempts = leaks.checks.map((check) =>
    line(check.remedy === null ? check : { ...check, message: `${check.message} ${check.remedy}` }),
  );
  const promised = leaks.promise === "nothing" ? ["Not connected: nothing is promised.\n"] : attempts;
  const bad = [...checks, ...leaks.checks].filter(({ verdict }) => verdict === "bad").length;
  const end =
    bad === 0
      ? paint.good("Nothing is wrong.")
      : paint.bad(`Something is wrong: ${bad} ${bad === 1 ? "check" : "checks"}.`);
  return `${checks.map(line).join("")}\nLeak self-test\n${promised.join("")}\n${end}\n`;
}
