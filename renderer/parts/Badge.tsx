import type { ReactNode } from "react";
import type { Icon } from "./icon.ts";
import styles from "./Badge.module.css";

interface BadgeProps {
  readonly children: ReactNode;
  readonly tone?: "accent" | "ok" | "warn" | "stop" | "quiet";
  readonly icon?: Icon;
}

/** One or two words about the thing beside it. The words say it; the colour only repeats them. */
export function Badge({ children, tone = "accent", icon: Symbol }: BadgeProps) {
  return (
    <span className={[styles.badge, styles[tone]].join(" ")}>
      {Symbol === undefined ? null : <Symbol size={13} />}
      {children}
    </span>
  );
}
