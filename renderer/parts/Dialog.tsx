import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components/Modal";
import { Button } from "./Button.tsx";
import styles from "./Dialog.module.css";

interface DialogProps {
  readonly title: ReactNode;
  readonly isOpen: boolean;
  /** By Escape, by pressing beside it, or by a button of its own. */
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** The buttons at its end, the one that does it last. */
  readonly actions?: ReactNode;
  /** Takes nearly the whole window: for editors and long reports. */
  readonly large?: boolean;
  /** `alertdialog` where something would be lost. */
  readonly role?: "dialog" | "alertdialog";
}

/** A question or a task in front of the window. */
export function Dialog({
  title,
  isOpen,
  onClose,
  children,
  actions,
  large = false,
  role = "dialog",
}: DialogProps) {
  return (
    <ModalOverlay
      className={styles.overlay ?? ""}
      isOpen={isOpen}
      isDismissable={role === "dialog"}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className={[styles.modal, large ? styles.large : ""].join(" ")}>
        <AriaDialog className={styles.dialog ?? ""} role={role}>
          <Heading slot="title" className={styles.title ?? ""}>
            {title}
          </Heading>
          <div className={styles.body}>{children}</div>
          {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

interface ConfirmDialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly children: ReactNode;
  /** What the button says: the act itself, never "OK". */
  readonly confirm: string;
  readonly cancel: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly danger?: boolean;
  /** Words of the button while it is done. */
  readonly pending?: string | false;
}

/** Asks before something that cannot be undone, or that loosens a protection. */
export function ConfirmDialog({
  title,
  isOpen,
  children,
  confirm,
  cancel,
  onConfirm,
  onClose,
  danger = false,
  pending = false,
}: ConfirmDialogProps) {
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      role="alertdialog"
      actions={
        <>
          <Button onPress={onClose} autoFocus>
            {cancel}
          </Button>
          <Button look={danger ? "danger" : "primary"} onPress={onConfirm} pending={pending}>
            {confirm}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}
