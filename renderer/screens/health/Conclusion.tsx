import type { ReactNode } from "react";
import CircleCheck from "lucide-react/icons/circle-check";
import CircleMinus from "lucide-react/icons/circle-minus";
import OctagonX from "lucide-react/icons/octagon-x";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import type { Verdict } from "./VerdictRow.tsx";
import styles from "./Conclusion.module.css";

const SYMBOLS = { good: CircleCheck, warning: TriangleAlert, bad: OctagonX, skipped: CircleMinus };

interface ConclusionProps {
  readonly verdict: Verdict;
  readonly title: string;
  readonly children?: ReactNode;
}

/** What all the checks together say, in one sentence. */
export function Conclusion({ verdict, title, children }: ConclusionProps) {
  const Symbol = SYMBOLS[verdict];
  return (
    <div className={[styles.conclusion, styles[verdict]].join(" ")}>
      <Symbol size={22} />
      <div>
        <p className={styles.title}>{title}</p>
        {children === undefined || children === null ? null : <div className={styles.text}>{children}</div>}
      </div>
    </div>
  );
}
