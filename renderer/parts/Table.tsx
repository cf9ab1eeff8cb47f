import type { ReactNode } from "react";
import styles from "./Table.module.css";

interface TableProps {
  /** What the table is of; a screen reader says it. */
  readonly label: string;
  /**
   * `thead` and `tbody`. Every cell names its column in `data-column`; every element has its role, which a browser
   * forgets where the table is drawn as a list.
   */
  readonly children: ReactNode;
}

/**
 * A table for reading. Where its place is too narrow for columns, each row becomes a list of its cells, each with its
 * column's name: nobody looks for anything sideways.
 */
export function Table({ label, children }: TableProps) {
  return (
    <div className={styles.place}>
      <table className={styles.table} aria-label={label} role="table">
        {children}
      </table>
    </div>
  );
}
