import { useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import type { Profile } from "../../../src/rpc/profiles.ts";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { TextField } from "../../parts/TextField.tsx";
import { rename } from "./library.ts";
import styles from "./RenameDialog.module.css";

interface RenameDialogProps {
  readonly profile: Profile;
  readonly onClose: () => void;
}

export function RenameDialog({ profile, onClose }: RenameDialogProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(profile.name);
  const wanted = name.trim();
  const isEmpty = wanted === "";
  const submit = (): void => {
    if (isEmpty) return;
    if (wanted !== profile.name) void rename(profile, wanted);
    onClose();
  };
  return (
    <Dialog title={t("manual.names.title", { name: profile.name })} isOpen onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField
          label={t("manual.names.label")}
          value={name}
          onChange={setName}
          maxLength={64}
          autoFocus
          error={isEmpty ? t("manual.names.empty") : undefined}
        />
        <div className={styles.buttons}>
          <Button onPress={onClose}>{t("parts.cancel")}</Button>
          <Button look="primary" type="submit" isDisabled={isEmpty}>
            {t("manual.names.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
