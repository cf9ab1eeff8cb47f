import { useId, useRef } from "react";
import { useTranslation } from "../../texts/speech.ts";
import { annotate, worstOf, type Finding } from "./report.ts";
import { FindingText } from "./FindingText.tsx";
import { LineButton } from "./LineButton.tsx";
import styles from "./SourceView.module.css";

interface SourceViewProps {
  readonly source: readonly string[] | null;
  readonly findings: readonly Finding[];
  readonly findingCount: number;
}

/** A text line by line, with what was noticed at a line beside it, or under it where there is no room. */
export function SourceView({ source, findings, findingCount }: SourceViewProps) {
  const { t } = useTranslation();
  const id = useId();
  const list = useRef<HTMLOListElement>(null);
  const { lines, loose } = annotate(source ?? [], findings);
  const goTo = (line: number): void => {
    const element = list.current?.children[line - 1];
    if (!(element instanceof HTMLElement)) return;
    element.scrollIntoView({ block: "center" });
    element.focus({ preventScroll: true });
  };
  const marked = lines.flatMap(({ number, findings: here }) => {
    const severity = worstOf(here);
    return severity === null ? [] : [{ line: number, severity }];
  });
  return (
    <div className={styles.view}>
      <div className={styles.summary}>
        <h3 id={`${id}-findings`}>
          {findingCount === 0
            ? t("manual.report.noFindings")
            : t("manual.report.findingCount", { count: findingCount })}
        </h3>
        {marked.length === 0 ? null : (
          <ul className={styles.jumps} aria-labelledby={`${id}-findings`}>
            {marked.map(({ line, severity }) => (
              <li key={line}>
                <LineButton
                  severity={severity}
                  text={t("manual.report.line", { line })}
                  label={`${t(`manual.report.severity.${severity}`)}: ${t("manual.report.goToLine", { line })}`}
                  onPress={() => goTo(line)}
                />
              </li>
            ))}
          </ul>
        )}
        {findingCount > findings.length ? (
          <p className={styles.quiet}>
            {t("manual.report.moreFindings", { shown: findings.length, count: findingCount })}
          </p>
        ) : null}
      </div>
      {loose.length === 0 ? null : (
        <ul className={styles.loose}>
          {loose.map((finding) => (
            <li key={`${finding.line} ${finding.column} ${finding.code}`}>
              <FindingText finding={finding} />
            </li>
          ))}
        </ul>
      )}
      {source === null ? (
        <p className={styles.quiet}>{t("manual.report.noSource")}</p>
      ) : (
        <>
          <h3 id={`${id}-source`}>{t("manual.report.source")}</h3>
          <ol className={styles.lines} ref={list} aria-labelledby={`${id}-source`}>
            {lines.map(({ number, text, findings: here }) => {
              const worst = worstOf(here);
              return (
                <li
                  key={number}
                  tabIndex={-1}
                  className={[styles.line, worst === null ? "" : styles[worst]].join(" ")}
                >
                  <span className={styles.number}>
                    <span className="visually-hidden">{t("manual.report.line", { line: number })}</span>
                    <span aria-hidden="true">{number}</span>
                  </span>
                  <code className={styles.code}>{text === "" ? " " : text}</code>
                  {here.length === 0 ? null : (
                    <div className={styles.notes}>
                      {here.map((finding) => (
                        <FindingText key={`${finding.column} ${finding.code}`} finding={finding} />
                      ))}
                    </div>
                  )}
                </li>
              );
            })}
          </ol>
        </>
      )}
    </div>
  );
}
