import { useEffect, useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import type { BridgeProblem } from "../../../src/bridge/contract.ts";
import type { Profile } from "../../../src/rpc/profiles.ts";
import { Button } from "../../parts/Button.tsx";
import { ConfirmDialog, Dialog } from "../../parts/Dialog.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { StatusText } from "../../parts/StatusText.tsx";
import { useRequest } from "../../parts/use-request.ts";
import { Steers, Verdict } from "./DocumentView.tsx";
import { saveEdit } from "./library.ts";
import { keepsSecrets } from "./report.ts";
import { SourceEditor } from "./SourceEditor.tsx";

/** Milliseconds without typing after which the text is checked. */
const QUIET_MS = 350;

interface EditDialogProps {
  readonly profile: Profile;
  readonly onClose: () => void;
}

/** Edits a configuration's text, with the checks of an import as one types. */
export function EditDialog({ profile, onClose }: EditDialogProps) {
  const { t } = useTranslation();
  const { id, name } = profile;
  const shown = useRequest("showProfile");
  const checked = useRequest("checkEdit");
  const [text, setText] = useState<string>();
  const [checkedText, setCheckedText] = useState<string>();
  const [refused, setRefused] = useState<BridgeProblem>();
  const [saving, setSaving] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const { run: show } = shown;
  const { run: check } = checked;
  useEffect(() => {
    void show({ id }).then((value) => setText((typed) => typed ?? value?.text));
  }, [show, id]);
  useEffect(() => {
    if (text === undefined) return;
    const timer = setTimeout(() => {
      void check({ id, text }).then((report) => {
        if (report !== undefined) setCheckedText(text);
      });
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [check, id, text]);

  const before = shown.value?.text;
  const isChanged = text !== undefined && text !== before;
  const document = checked.value?.documents[0];
  const isChecked = checkedText === text;
  const verdict = checked.value?.verdict;
  const save = async (): Promise<void> => {
    if (checked.value === undefined || text === undefined || before === undefined) return;
    setSaving(true);
    // What was kept can be put back; a secret that was replaced cannot, for it is shown to nobody.
    const problem = await saveEdit(
      profile,
      checked.value.digest,
      keepsSecrets(before, text) ? before : undefined,
    );
    setSaving(false);
    setRefused(problem);
    if (problem === undefined) onClose();
  };
  const close = (): void => (isChanged ? setLeaving(true) : onClose());
  const status = !isChanged
    ? t("manual.editing.unchanged")
    : isChecked && verdict !== undefined
      ? t(`manual.report.${verdict}`)
      : t("manual.editing.checking");
  return (
    <>
      <Dialog
        title={t("manual.editing.title", { name })}
        isOpen
        onClose={close}
        large
        actions={
          <>
            <Button onPress={close}>{t("parts.cancel")}</Button>
            <Button
              look="primary"
              onPress={() => void save()}
              isDisabled={!isChanged || !isChecked || verdict === "refused"}
              pending={saving && t("manual.editing.saving")}
            >
              {t("manual.editing.save")}
            </Button>
          </>
        }
      >
        <StatusText>{status}</StatusText>
        <ProblemNotice
          problem={refused ?? shown.problem ?? checked.problem}
          title={t("manual.failed.edit")}
        />
        {text === undefined ? (
          shown.problem === undefined ? (
            <p>{t("manual.editing.loading")}</p>
          ) : null
        ) : (
          <>
            {isChanged && isChecked && verdict !== undefined ? (
              <Verdict verdict={verdict} />
            ) : (
              <p>{status}</p>
            )}
            {document === undefined ? null : <Steers document={document} />}
            <SourceEditor
              label={t("manual.editing.text")}
              description={t("manual.editing.kept")}
              value={text}
              onChange={setText}
              findings={document?.findings ?? []}
            />
          </>
        )}
      </Dialog>
      <ConfirmDialog
        title={t("manual.editing.discard")}
        isOpen={leaving}
        onClose={() => setLeaving(false)}
        onConfirm={onClose}
        confirm={t("manual.editing.discardConfirm")}
        cancel={t("manual.editing.keepEditing")}
        danger
      >
        <p>{t("manual.editing.discardText")}</p>
      </ConfirmDialog>
    </>
  );
}
