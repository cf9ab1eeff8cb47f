import { useTranslation } from "../../texts/speech.ts";
import type { Preference } from "../../preference.ts";
import { Button } from "../../parts/Button.tsx";
import { ProblemCard } from "../../parts/ProblemCard.tsx";
import type { NameOf } from "../path/names.ts";
import { preferenceWords } from "./words.ts";
import styles from "./Preferences.module.css";

interface ConflictProps {
  readonly stored: Preference;
  readonly yours: Preference;
  readonly nameOf: NameOf;
  readonly onTakeStored: () => void;
  readonly onKeepYours: () => void;
}

/** Two values for one layer, since somebody else changed it meanwhile: both are shown, the person chooses. */
export function Conflict({ stored, yours, nameOf, onTakeStored, onKeepYours }: ConflictProps) {
  const { t } = useTranslation();
  return (
    <ProblemCard
      tone="warn"
      announce
      title={t("preferences.conflict.title")}
      actions={
        <>
          <Button onPress={onTakeStored}>{t("preferences.conflict.takeStored")}</Button>
          <Button onPress={onKeepYours}>{t("preferences.conflict.keepYours")}</Button>
        </>
      }
    >
      <p>{t("preferences.conflict.text")}</p>
      <dl className={styles.values}>
        <dt>{t("preferences.conflict.stored")}</dt>
        <dd>{preferenceWords(stored, nameOf, t)}</dd>
        <dt>{t("preferences.conflict.yours")}</dt>
        <dd>{preferenceWords(yours, nameOf, t)}</dd>
      </dl>
    </ProblemCard>
  );
}
