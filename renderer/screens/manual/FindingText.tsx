import { useTranslation } from "react-i18next";
import { useFindingWords } from "./finding-words.ts";
import type { Finding } from "./report.ts";
import { SeverityMark } from "./Severity.tsx";
import styles from "./FindingText.module.css";

/** One finding: how much it matters, and what, why and what to do. */
export function FindingText({ finding }: { readonly finding: Finding }) {
  const { i18n } = useTranslation();
  const { what, more } = useFindingWords(i18n.language)(finding);
  return (
    <div className={styles.finding}>
      <SeverityMark severity={finding.severity} />
      <p>
        <b>{what}</b> {more}
      </p>
    </div>
  );
}
