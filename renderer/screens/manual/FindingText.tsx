import { useTranslation } from "../../texts/speech.ts";
import { useFindingWords } from "./finding-words.ts";
import type { Finding } from "./report.ts";
import { SeverityMark } from "./Severity.tsx";
import styles from "./FindingText.module.css";

/** One finding: how much it matters, and what, why and what to do. */
export function FindingText({ finding }: { readonly finding: Finding }) {
  const { language } = useTranslation();
  const { what, more } = useFindingWords(language)(finding);
  return (
    <div className={styles.finding}>
      <SeverityMark severity={finding.severity} />
      <p>
        <b>{what}</b> {more}
      </p>
    </div>
  );
}
