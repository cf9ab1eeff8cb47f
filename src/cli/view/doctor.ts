/** `nanami doctor` for people. */
import type { Result } from "../../rpc/contract.ts";
import type { Paint } from "./paint.ts";
import { paragraph } from "./width.ts";

type Health = Result<"checkHealth">;

const SIGNS = {
  good: ["✓", "good"],
  warning: ["!", "warn"],
  bad: ["✗", "bad"],
  skipped: ["-", "dim"],
} as const satisfies Record<Health["checks"][number]["verdict"], readonly [string, keyof Paint]>;

/** One line or two for each check, and the verdict. */
export function doctorView({ healthy, checks }: Health, columns: number, paint: Paint): string {
  const lines = checks.map(({ verdict, title, message }) => {
    const [sign, tone] = SIGNS[verdict];
    return paragraph(`${title}: ${message}`, columns, `${paint[tone](sign)} `, "  ");
  });
  const bad = checks.filter(({ verdict }) => verdict === "bad").length;
  const end = healthy
    ? paint.good("Nothing is wrong.")
    : paint.bad(`Something is wrong: ${bad} ${bad === 1 ? "check" : "checks"}.`);
  return `${lines.join("")}\n${end}\n`;
}
