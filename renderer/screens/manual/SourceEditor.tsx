import { useId, useRef, useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import { FindingText } from "./FindingText.tsx";
import { LineButton } from "./LineButton.tsx";
import { inOrder, startOfLine, worstOf, type Finding } from "./report.ts";
import styles from "./SourceEditor.module.css";

interface SourceEditorProps {
  readonly label: string;
  readonly description: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly findings: readonly Finding[];
}

/** A text that is edited, with what was noticed marked at its lines and said beside them. */
export function SourceEditor({ label, description, value, onChange, findings }: SourceEditorProps) {
  const { t } = useTranslation();
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const marks = useRef<HTMLDivElement>(null);
  const [scrolled, setScrolled] = useState(0);
  const lines = value.split("\n");
  const goTo = (line: number): void => {
    const element = area.current;
    if (element === null) return;
    const start = startOfLine(value, line);
    const end = value.indexOf("\n", start);
    element.focus();
    element.setSelectionRange(start, end < 0 ? value.length : end);
    const mark = marks.current?.children.item(line - 1);
    if (mark instanceof HTMLElement)
      element.scrollTop = Math.max(0, mark.offsetTop - element.clientHeight / 3);
  };
  return (
    <div className={styles.editor}>
      <div className={styles.left}>
        <label htmlFor={id} className={styles.label}>
          {label}
        </label>
        <div className={styles.frame}>
          <div className={styles.marks} aria-hidden="true">
            <div ref={marks} style={{ transform: `translateY(${-scrolled}px)` }}>
              {lines.map((text, index) => {
                const worst = worstOf(findings.filter(({ line }) => line === index + 1));
                return (
                  <div key={index} className={styles.line}>
                    <span className={[styles.mark, worst === null ? "" : styles[worst]].join(" ")}>
                      {index + 1}
                    </span>
                    {/* Breaks as the text does, so that each number stands at its line. */}
                    <span className={styles.copy}>{text}</span>
                  </div>
                );
              })}
            </div>
          </div>
          <textarea
            id={id}
            ref={area}
            className={styles.area}
            value={value}
            onChange={({ currentTarget }) => onChange(currentTarget.value)}
            onScroll={({ currentTarget }) => setScrolled(currentTarget.scrollTop)}
            aria-describedby={`${id}-description`}
            spellCheck="false"
            autoComplete="off"
            autoCapitalize="off"
          />
        </div>
        <p id={`${id}-description`} className={styles.description}>
          {description}
        </p>
      </div>
      <section className={styles.right} aria-label={t("manual.report.findings")}>
        <h3>
          {findings.length === 0
            ? t("manual.report.noFindings")
            : t("manual.report.findingCount", { count: findings.length })}
        </h3>
        <ul className={styles.findings}>
          {inOrder(findings).map((finding) => (
            <li key={`${finding.line} ${finding.column} ${finding.code}`} className={styles.finding}>
              <FindingText finding={finding} />
              {finding.line < 1 || finding.line > lines.length ? null : (
                <LineButton
                  severity={finding.severity}
                  text={t("manual.report.goToLine", { line: finding.line })}
                  onPress={() => goTo(finding.line)}
                />
              )}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
