import { useTranslation } from "../../texts/speech.ts";
import { Button } from "../../parts/Button.tsx";
import { Checkbox } from "../../parts/Checkbox.tsx";
import { Badge } from "../../parts/Badge.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { ProblemCard } from "../../parts/ProblemCard.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { StatusText } from "../../parts/StatusText.tsx";
import { TextField } from "../../parts/TextField.tsx";
import { DocumentView } from "./DocumentView.tsx";
import {
  changeCandidate,
  isUsable,
  save,
  showCandidate,
  stopImport,
  toBeSaved,
  useImporting,
  type Candidate,
} from "./importing.ts";
import styles from "./ImportDialog.module.css";

const TONES = { accepted: "ok", accepted_with_changes: "warn", refused: "stop" } as const;

/** What was handed in, checked and shown, before anything of it is saved. */
export function ImportDialog() {
  const { t } = useTranslation();
  const { isOpen, checking, candidates, problems, refusals, current, saving } = useImporting();
  const shown = candidates.find(({ key }) => key === current) ?? candidates[0];
  const wanted = toBeSaved(candidates);
  const done = checking === undefined;
  const progress = done ? "" : t("manual.import.checking", checking);
  return (
    <Dialog
      title={t("manual.import.title")}
      isOpen={isOpen}
      onClose={stopImport}
      large
      actions={
        <>
          <Button onPress={stopImport}>
            {t(done && candidates.length === 0 ? "manual.import.close" : "manual.import.cancel")}
          </Button>
          {done && candidates.every((one) => !isUsable(one)) ? null : (
            <Button
              look="primary"
              onPress={() => void save()}
              isDisabled={!done || wanted.length === 0}
              pending={saving && t("manual.import.saving")}
            >
              {t("manual.import.save", { count: Math.max(1, wanted.length) })}
            </Button>
          )}
        </>
      }
    >
      <StatusText>{progress}</StatusText>
      {done ? null : <p className={styles.progress}>{progress}</p>}
      {refusals.length === 0 ? null : (
        <ProblemCard tone="warn" title={t("manual.import.refusedTitle")}>
          {refusals.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </ProblemCard>
      )}
      {problems.map(({ title, problem }) => (
        <ProblemNotice key={title} problem={problem} title={title} />
      ))}
      {candidates.length > 1 ? <Candidates candidates={candidates} current={shown?.key} /> : null}
      {shown === undefined ? null : (
        <>
          {isUsable(shown) ? (
            <TextField
              label={t("manual.import.name")}
              value={shown.name}
              onChange={(name) => changeCandidate(shown.key, { name })}
              maxLength={64}
              error={shown.name.trim() === "" ? t("manual.names.empty") : undefined}
            />
          ) : null}
          <DocumentView document={shown.document} />
        </>
      )}
    </Dialog>
  );
}

function Candidates({
  candidates,
  current,
}: {
  readonly candidates: readonly Candidate[];
  readonly current: string | undefined;
}) {
  const { t } = useTranslation();
  return (
    <ul className={styles.candidates} aria-label={t("manual.import.documents")}>
      {candidates.map((one) => {
        const entry = one.document.name;
        const where = entry === null ? one.fileName : t("manual.import.entry", { entry, file: one.fileName });
        return (
          <li key={one.key} className={styles.candidate} aria-current={one.key === current}>
            <Checkbox
              label={t("manual.import.choose", { name: one.name })}
              showLabel={false}
              isSelected={one.chosen}
              isDisabled={!isUsable(one)}
              onChange={(chosen) => changeCandidate(one.key, { chosen })}
            />
            <button type="button" className={styles.which} onClick={() => showCandidate(one.key)}>
              <span className={styles.name}>{one.name}</span>
              <span className={styles.where}>{where}</span>
            </button>
            <Badge tone={TONES[one.document.verdict]}>
              {t(`manual.report.short.${one.document.verdict}`)}
            </Badge>
          </li>
        );
      })}
    </ul>
  );
}
