import type { ReactNode } from "react";
import ChevronRight from "lucide-react/icons/chevron-right";
import { pressOnce } from "./held-key.ts";
import styles from "./RowList.module.css";

/** A list of rows; `label` says of what. */
export function RowList({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <ul className={styles.list} aria-label={label}>
      {children}
    </ul>
  );
}

interface RowProps {
  readonly title: ReactNode;
  readonly detail?: ReactNode;
  /** Before the words: an icon. */
  readonly leading?: ReactNode;
  /** After the words: a badge, a figure, buttons. */
  readonly trailing?: ReactNode;
  /** Makes the words of the row a button that leads somewhere. */
  readonly onPress?: () => void;
  /** Of several: the one whose details are shown beside the list. */
  readonly isCurrent?: boolean;
}

/** One row: what it is, a quiet line about it, and what can be done. */
export function Row({ title, detail, leading, trailing, onPress, isCurrent = false }: RowProps) {
  const words = (
    <>
      {leading === undefined ? null : <span className={styles.leading}>{leading}</span>}
      <span className={styles.words}>
        <span className={styles.title}>{title}</span>
        {detail === undefined ? null : <span className={styles.detail}>{detail}</span>}
      </span>
    </>
  );
  return (
    <li className={styles.row} {...(isCurrent ? { "aria-current": "true" } : {})}>
      {onPress === undefined ? (
        <div className={styles.body}>{words}</div>
      ) : (
        <button
          type="button"
          className={[styles.body, styles.link].join(" ")}
          onKeyDown={pressOnce}
          onClick={() => onPress()}
        >
          {words}
          {trailing === undefined ? <ChevronRight size={18} className={styles.chevron ?? ""} /> : null}
        </button>
      )}
      {trailing === undefined ? null : <div className={styles.trailing}>{trailing}</div>}
    </li>
  );
}
