import type { ReactNode } from "react";
import { useTranslation } from "../texts/speech.ts";
import type { BridgeProblem } from "../../src/bridge/contract.ts";
import { reasonText } from "../texts/reason-words.ts";
import { problemWords } from "../texts/problem-words.ts";
import { Button } from "./Button.tsx";
import { ProblemCard } from "./ProblemCard.tsx";
import type { Tone } from "./tone.ts";

interface ProblemNoticeProps {
  readonly problem: BridgeProblem | undefined;
  /** What could not be done: "The profile was not renamed". Without it the problem's own sentence is the title. */
  readonly title?: string;
  readonly tone?: Tone;
  /** Tries again, or does something else about it. */
  readonly actions?: ReactNode;
  readonly onDismiss?: () => void;
}

/** Why a request was refused, in the window's language where it is known there; read out at once. */
export function ProblemNotice({ problem, title, tone = "stop", actions, onDismiss }: ProblemNoticeProps) {
  const { t } = useTranslation();
  if (problem === undefined) return null;
  const { message, remedy } = problemWords(problem, t);
  return (
    <ProblemCard
      tone={tone}
      announce
      title={title ?? message}
      actions={
        actions === undefined && onDismiss === undefined ? undefined : (
          <>
            {actions}
            {onDismiss === undefined ? null : <Button onPress={onDismiss}>{t("parts.dismiss")}</Button>}
          </>
        )
      }
    >
      {title === undefined ? null : <p>{message}</p>}
      {problem.errors?.map((error) => (
        <p key={`${error.pointer} ${error.code}`}>{reasonText(error, t)}</p>
      ))}
      {remedy === undefined ? null : <p>{remedy}</p>}
    </ProblemCard>
  );
}
