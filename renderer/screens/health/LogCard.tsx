import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import Pause from "lucide-react/icons/pause";
import Play from "lucide-react/icons/play";
import { useTranslation } from "../../texts/speech.ts";
import { Button } from "../../parts/Button.tsx";
import { Card } from "../../parts/Card.tsx";
import { CopyButton } from "../../parts/CopyButton.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { SegmentedControl } from "../../parts/SegmentedControl.tsx";
import { TextField } from "../../parts/TextField.tsx";
import { whileSeen } from "../../parts/while-seen.ts";
import { follow, readLog, useLog } from "./log-feed.ts";
import { factsOf, matching, plainLine, windowOf } from "./log-lines.ts";
import type { LogLine } from "../../../src/rpc/diagnostics.ts";
import styles from "./LogCard.module.css";

/** Height of a row, in rem; the style sheet has the same. */
const ROW_REM = 1.375;

/** The agent's log as it comes. */
export function LogCard() {
  const { t } = useTranslation();
  const { lines, following, problem } = useLog();
  const [words, setWords] = useState("");
  const [problemsOnly, setProblemsOnly] = useState(false);
  useEffect(() => whileSeen(readLog), []);
  const shown = useMemo(() => matching(lines, { words, problemsOnly }), [lines, words, problemsOnly]);
  const forgotten = (lines[0]?.sequence ?? 1) > 1;
  return (
    <Card title={t("health.log.title")} lead={t("health.log.lead")}>
      <div className={styles.controls}>
        <div className={styles.filter}>
          <TextField
            label={t("health.log.filter")}
            value={words}
            onChange={setWords}
            placeholder={t("health.log.filterPlaceholder")}
          />
        </div>
        <SegmentedControl
          label={t("health.log.level")}
          showLabel
          value={problemsOnly ? "problems" : "all"}
          options={[
            { id: "all", label: t("health.log.all") },
            { id: "problems", label: t("health.log.problems") },
          ]}
          onChange={(value) => setProblemsOnly(value === "problems")}
        />
      </div>
      <ProblemNotice problem={problem} title={t("health.log.failed")} tone="warn" />
      <Lines lines={shown} following={following} />
      <div className={styles.foot}>
        <p className={styles.count}>
          {shown.length === lines.length
            ? t("health.log.lines", { count: lines.length })
            : t("health.log.shownOf", { shown: shown.length, count: lines.length })}
          {forgotten ? ` ${t("health.log.forgotten")}` : ""}
        </p>
        <Button icon={following ? Pause : Play} onPress={() => follow(!following)}>
          {t(following ? "health.log.pause" : "health.log.follow")}
        </Button>
        <CopyButton text={() => shown.map(plainLine).join("\n")} label={t("health.log.copyLog")} />
      </div>
    </Card>
  );
}

/** The rows that are seen, and no others: whatever comes, a few dozen elements. */
function Lines({ lines, following }: { readonly lines: readonly LogLine[]; readonly following: boolean }) {
  const { t, language } = useTranslation();
  const region = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [place, setPlace] = useState({ top: 0, height: 0 });
  const row = useMemo(() => ROW_REM * parseFloat(getComputedStyle(document.documentElement).fontSize), []);
  const time = useMemo(
    () => new Intl.DateTimeFormat(language, { timeStyle: "medium", hour12: false }),
    [language],
  );
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
  }, [lines, following]);
  useEffect(() => {
    const element = region.current;
    if (element === null) return;
    const observer = new ResizeObserver(() =>
      setPlace({ top: element.scrollTop, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const { from, to } = windowOf(lines.length, row, place.top, place.height);
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
      {lines.length === 0 ? <p className={styles.empty}>{t("health.log.noLines")}</p> : null}
      <div className={styles.all} style={{ height: lines.length * row }}>
        <div className={styles.seen} style={{ transform: `translateY(${from * row}px)` }}>
          {lines.slice(from, to).map((line) => (
            <div key={line.sequence} className={styles.row}>
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
