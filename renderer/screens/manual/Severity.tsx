import Info from "lucide-react/icons/info";
import OctagonX from "lucide-react/icons/octagon-x";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import { useTranslation } from "../../texts/speech.ts";
import type { Severity } from "./report.ts";
import styles from "./Severity.module.css";

const SYMBOLS = { error: OctagonX, warning: TriangleAlert, info: Info };

/** How much a finding matters: by its sign, and in words unless they stand beside it anyway. */
export function SeverityMark({
  severity,
  words = true,
}: {
  readonly severity: Severity;
  readonly words?: boolean;
}) {
  const { t } = useTranslation();
  const Symbol = SYMBOLS[severity];
  return (
    <span className={[styles.mark, styles[severity]].join(" ")}>
      <Symbol size={16} />
      <span className={words ? "" : "visually-hidden"}>{t(`manual.report.severity.${severity}`)}</span>
    </span>
  );
}
