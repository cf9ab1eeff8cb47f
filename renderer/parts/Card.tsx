import { useId, type ReactNode } from "react";
import styles from "./Card.module.css";

interface CardProps {
  /** A heading inside; the card is then a region by this name. */
  readonly title?: ReactNode;
  /** One quiet line under the heading. */
  readonly lead?: ReactNode;
  /** At the end of the heading's line. */
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
  /** Without padding of its own: for rows and tables that go to the edge. */
  readonly flush?: boolean;
}

/** What belongs together, on one surface. */
export function Card({ title, lead, actions, children, flush = false }: CardProps) {
  const id = useId();
  if (title === undefined)
    return <div className={[styles.card, flush ? styles.flush : ""].join(" ")}>{children}</div>;
  return (
    <section className={[styles.card, flush ? styles.flush : ""].join(" ")} aria-labelledby={id}>
      <div className={styles.head}>
        <div className={styles.words}>
          <h2 id={id}>{title}</h2>
          {lead === undefined ? null : <p className={styles.lead}>{lead}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  );
}
