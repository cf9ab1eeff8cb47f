import type { Severity } from "./report.ts";
import { SeverityMark } from "./Severity.tsx";
import styles from "./LineButton.module.css";

interface LineButtonProps {
  readonly severity: Severity;
  readonly text: string;
  /** For who does not see where it stands; absent = the text with how much the finding matters. */
  readonly label?: string;
  readonly onPress: () => void;
}

/** Leads to the line of a text that a finding is about. */
export function LineButton({ severity, text, label, onPress }: LineButtonProps) {
  return (
    <button type="button" className={styles.button} onClick={onPress} aria-label={label}>
      <SeverityMark severity={severity} words={false} />
      {text}
    </button>
  );
}
