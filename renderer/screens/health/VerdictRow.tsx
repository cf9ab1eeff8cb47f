import type { ReactNode } from "react";
import CircleCheck from "lucide-react/icons/circle-check";
import CircleMinus from "lucide-react/icons/circle-minus";
import OctagonX from "lucide-react/icons/octagon-x";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import { useTranslation } from "../../texts/speech.ts";
import type { Check } from "../../../src/rpc/health.ts";
import type { z } from "zod";
import styles from "./VerdictRow.module.css";

export type Verdict = z.infer<typeof Check>["verdict"];

const SYMBOLS = { good: CircleCheck, warning: TriangleAlert, bad: OctagonX, skipped: CircleMinus };

interface VerdictRowProps {
  readonly verdict: Verdict;
  readonly title: string;
  readonly children: ReactNode;
}

/** One check: the verdict by sign and word, what was looked at, what was found. */
export function VerdictRow({ verdict, title, children }: VerdictRowProps) {
  const { t } = useTranslation();
  const Symbol = SYMBOLS[verdict];
  return (
    <li className={[styles.row, styles[verdict]].join(" ")}>
      <Symbol size={20} className={styles.symbol} />
      <div className={styles.words}>
        <p className={styles.head}>
          <span className={styles.title}>{title}</span>
          <span className={styles.verdict}>{t(`health.verdict.${verdict}`)}</span>
        </p>
        {children}
      </div>
    </li>
  );
}

/** A list of checks. */
export function VerdictList({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <ul className={styles.list} aria-label={label}>
      {children}
    </ul>
  );
}
