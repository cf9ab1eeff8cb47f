import { useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import { givenFile } from "../../bridge/browser-requests.ts";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { TextArea } from "../../parts/TextField.tsx";
import { lookAt } from "./importing.ts";

interface PasteDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Takes a configuration as text. */
export function PasteDialog({ isOpen, onClose }: PasteDialogProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const close = (): void => {
    setText("");
    onClose();
  };
  const check = (): void => {
    const pasted = new File([text], t("manual.import.pastedName"));
    close();
    void givenFile(pasted).then((file) => lookAt([file]));
  };
  return (
    <Dialog
      title={t("manual.import.pasteTitle")}
      isOpen={isOpen}
      onClose={close}
      actions={
        <>
          <Button onPress={close}>{t("manual.import.cancel")}</Button>
          <Button look="primary" isDisabled={text.trim() === ""} onPress={check}>
            {t("manual.import.check")}
          </Button>
        </>
      }
    >
      <TextArea
        label={t("manual.import.pasteLabel")}
        description={t("manual.import.pasteText")}
        value={text}
        onChange={setText}
        rows={12}
        mono
        autoFocus
        placeholder={"[Interface]\nPrivateKey = …"}
      />
    </Dialog>
  );
}
