import type { ReactNode } from "react";
import styles from "./Table.module.css";

interface TableProps {
  /** What the table is of; a screen reader says it. */
  readonly label: string;
  /** `thead` and `tbody`, as ever. `data-number` on a cell aligns figures. */
  readonly children: ReactNode;
}

/** A table for reading. Where it is wider than its place it scrolls by itself, also by keyboard. */
export function Table({ label, children }: TableProps) {
  return (
    <div className={styles.scroll} role="group" aria-label={label} tabIndex={0}>
      <table className={styles.table} aria-label={label}>
        {children}
      </table>
    </div>
  );
}
