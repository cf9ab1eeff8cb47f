import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import { factsOf, layoutOf, windowOf } from "./log-lines.ts";
import type { LogLine } from "../../../src/rpc/diagnostics.ts";
import styles from "./LogLines.module.css";

/** Height of a row, in rem, and what is left free at its sides; the style sheet has the same. */
const ROW_REM = 1.375;
const SIDES_REM = 1.5;

interface LogLinesProps {
  readonly lines: readonly LogLine[];
  readonly following: boolean;
}

/** The lines that are seen, broken into rows as there is room, and no others: whatever comes, a few dozen elements. */
export function LogLines({ lines, following }: LogLinesProps) {
  const { t, language } = useTranslation();
  const region = useRef<HTMLDivElement>(null);
  const letter = useRef<HTMLSpanElement>(null);
  const atEnd = useRef(true);
  const [place, setPlace] = useState({ top: 0, height: 0 });
  const [columns, setColumns] = useState(80);
  const rem = useMemo(() => parseFloat(getComputedStyle(document.documentElement).fontSize), []);
  const row = ROW_REM * rem;
  const time = useMemo(
    () => new Intl.DateTimeFormat(language, { timeStyle: "medium", hour12: false }),
    [language],
  );
  const starts = useMemo(() => layoutOf(lines, columns), [lines, columns]);
  const rows = starts.at(-1) ?? 0;
  const measure = (): void => {
    const element = region.current;
    if (element === null) return;
    atEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - 2 * row;
    setPlace({ top: element.scrollTop, height: element.clientHeight });
  };
  useLayoutEffect(() => {
    const element = region.current;
    // Who scrolled up reads there; who stands at the end stays there.
    if (element !== null && following && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [starts, following]);
  useEffect(() => {
    const element = region.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      setPlace({ top: element.scrollTop, height: element.clientHeight });
      const width = (letter.current?.offsetWidth ?? 0) / LETTERS.length;
      if (width > 0) setColumns(Math.max(8, Math.floor((element.clientWidth - SIDES_REM * rem) / width)));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [rem]);
  const { from, to } = windowOf(starts, place.top / row, place.height / row);
  return (
    <div
      ref={region}
      className={styles.region}
      role="log"
      // A thousand lines a second are nothing to read out.
      aria-live="off"
      aria-label={t("health.log.region")}
      tabIndex={0}
      onScroll={measure}
    >
      <div className={styles.measure} aria-hidden="true">
        <span ref={letter}>{LETTERS}</span>
      </div>
      {lines.length === 0 ? <p className={styles.empty}>{t("health.log.noLines")}</p> : null}
      <div style={{ height: rows * row }}>
        <div style={{ transform: `translateY(${(starts[from] ?? 0) * row}px)` }}>
          {lines.slice(from, to).map((line, at) => (
            <div
              key={line.sequence}
              className={styles.line}
              style={{ height: ((starts[from + at + 1] ?? 0) - (starts[from + at] ?? 0)) * row }}
            >
              <time dateTime={line.at}>{time.format(new Date(line.at))}</time>{" "}
              {line.level === "info" ? null : (
                <b className={styles[line.level]}>{t(`health.log.levels.${line.level}`)} </b>
              )}
              <span>{line.message}</span> <span className={styles.facts}>{factsOf(line)}</span>
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

/** To measure one by; many, since a width is told in whole pixels. */
const LETTERS = "0".repeat(100);
