import { useTranslation } from "../../texts/speech.ts";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import type { ResolvedPath } from "../../../src/routing/types.ts";
import { useLanguage } from "../../texts/use-language.ts";
import { differences, loosensTunnel, pathSentence } from "./difference.ts";
import type { NameOf } from "./names.ts";
import styles from "./TryForm.module.css";

interface PreviewProps {
  readonly current: ResolvedPath;
  readonly proposed: ResolvedPath;
  readonly nameOf: NameOf;
}

/** The path as it is, as it would be, and every difference in words. */
export function Preview({ current, proposed, nameOf }: PreviewProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const sentences = differences(current, proposed, nameOf, language, t);
  if (sentences.length === 0) return <p className={styles.preview}>{t("path.try.nothing")}</p>;
  return (
    <div className={styles.preview}>
      <dl className={styles.sides}>
        <div>
          <dt>{t("path.try.now")}</dt>
          <dd>{pathSentence(current, t)}</dd>
        </div>
        <div className={styles.then}>
          <dt>{t("path.try.then")}</dt>
          <dd>{pathSentence(proposed, t)}</dd>
        </div>
      </dl>
      {loosensTunnel(current, proposed) ? (
        <p className={styles.loosens}>
          <TriangleAlert size={16} />
          {t("path.try.loosens")}
        </p>
      ) : null}
      <h3 className={styles.quiet}>{t("path.try.differences")}</h3>
      <ul className={styles.list}>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </div>
  );
}
