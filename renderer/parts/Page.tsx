import { useEffect, useId, useRef, type ReactNode } from "react";
import { takeHeadingFocus } from "../state.ts";
import { usePagePlace } from "./page-place.ts";
import styles from "./Page.module.css";

interface PageProps {
  /** The screen's heading. The focus goes there when the screen comes up. */
  readonly title: ReactNode;
  /** One quiet line under the heading. */
  readonly lead?: ReactNode;
  /** At the end of the heading's line: buttons for the whole screen. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** Over the heading: where this screen shares its place with another. */
  readonly above?: ReactNode;
  /** Uses all the width there is, for content that is laid out in columns by itself. */
  readonly wide?: boolean;
}

/** A screen: its heading and what belongs to it, scrolling by itself. Beside another one its heading is a lower one. */
export function Page({ title, lead, actions, children, above, wide = false }: PageProps) {
  const place = usePagePlace();
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (place === "main" && takeHeadingFocus()) heading.current?.focus({ preventScroll: true });
  }, [place]);
  const Frame = place === "main" ? "main" : "section";
  const Heading = place === "main" ? "h1" : "h2";
  return (
    <Frame className={styles.page} aria-labelledby={id} {...(place === "main" ? { id: "screen" } : {})}>
      <div className={[styles.column, wide ? styles.wide : ""].join(" ")}>
        {above}
        <div className={styles.head}>
          <div className={styles.words}>
            <Heading id={id} ref={heading} className={styles.title} tabIndex={-1}>
              {title}
            </Heading>
            {lead === undefined ? null : <p className={styles.lead}>{lead}</p>}
          </div>
          {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
        </div>
        {children}
      </div>
    </Frame>
  );
}
