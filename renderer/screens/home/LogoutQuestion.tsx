import { useTranslation } from "../../texts/speech.ts";
import { ConfirmDialog } from "../../parts/Dialog.tsx";

interface LogoutQuestionProps {
  readonly network: string;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}

/** Before the device leaves its network. */
export function LogoutQuestion({ network, onClose, onConfirm }: LogoutQuestionProps) {
  const { t } = useTranslation();
  return (
    <ConfirmDialog
      title={t("home.logoutAsk.title")}
      isOpen
      danger
      cancel={t("home.cancel")}
      confirm={t("home.logoutAsk.confirm")}
      onClose={onClose}
      onConfirm={onConfirm}
    >
      <p>{t("home.logoutAsk.text", { network })}</p>
    </ConfirmDialog>
  );
}
