import { useId, type ReactNode } from "react";
import Info from "lucide-react/icons/info";
import OctagonX from "lucide-react/icons/octagon-x";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import type { Tone } from "./tone.ts";
import styles from "./ProblemCard.module.css";

const SYMBOLS = { stop: OctagonX, warn: TriangleAlert, info: Info };

interface ProblemCardProps {
  readonly tone: Tone;
  /** What is so. */
  readonly title: ReactNode;
  /** Why, and what happens by itself. */
  readonly children?: ReactNode;
  /** Buttons that do something about it. */
  readonly actions?: ReactNode;
  /** Read out at once when it comes up. Leave it for what was there from the beginning. */
  readonly announce?: boolean;
}

/** Something that a person should know or decide: what, why, what to do. */
export function ProblemCard({ tone, title, children, actions, announce = false }: ProblemCardProps) {
  const id = useId();
  const Symbol = SYMBOLS[tone];
  return (
    <section
      className={[styles.card, styles[tone]].join(" ")}
      aria-labelledby={id}
      {...(announce ? { role: "alert" } : {})}
    >
      <Symbol size={20} className={styles.symbol} />
      <div className={styles.body}>
        <h2 id={id}>{title}</h2>
        {children === undefined ? null : <div className={styles.text}>{children}</div>}
        {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
      </div>
    </section>
  );
}
