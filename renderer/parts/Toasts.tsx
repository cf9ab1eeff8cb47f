import { useEffect, useRef, useState } from "react";
import { useTranslation } from "../texts/speech.ts";
import Undo2 from "lucide-react/icons/undo-2";
import X from "lucide-react/icons/x";
import { Button } from "./Button.tsx";
import { IconButton } from "./IconButton.tsx";
import { dismissToast, TOAST_MS, useToasts, type Toast } from "./toasts.ts";
import styles from "./Toasts.module.css";

/** Where messages come up. Stands once in the window; time stops while the pointer or the focus is here. */
export function Toasts() {
  const { t } = useTranslation();
  const toasts = useToasts((state) => state.toasts);
  const [held, setHeld] = useState(false);
  const before = useRef<Element>(null);
  const dismiss = (id: number): void => {
    dismissToast(id);
    // A message that is gone is never left, so what was held by it goes on; the focus goes back where it came from.
    setHeld(false);
    const place =
      before.current?.isConnected === true ? before.current : document.querySelector("#screen h1");
    if (place instanceof HTMLElement) place.focus();
  };
  return (
    <section
      className={styles.region}
      aria-label={t("parts.messages")}
      aria-live="polite"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={({ currentTarget, relatedTarget }) => {
        setHeld(true);
        if (!currentTarget.contains(relatedTarget)) before.current = relatedTarget;
      }}
      onBlur={() => setHeld(false)}
    >
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} held={held} onDismiss={() => dismiss(toast.id)} />
      ))}
    </section>
  );
}

interface ToastCardProps {
  readonly toast: Toast;
  readonly held: boolean;
  readonly onDismiss: () => void;
}

function ToastCard({ toast, held, onDismiss }: ToastCardProps) {
  const { t } = useTranslation();
  const { id, text, undo } = toast;
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismissToast(id), TOAST_MS);
    return () => clearTimeout(timer);
  }, [held, id]);
  return (
    <div className={styles.toast}>
      <p className={styles.text}>{text}</p>
      {undo === undefined ? null : (
        <Button
          look="quiet"
          icon={Undo2}
          onPress={() => {
            onDismiss();
            void undo();
          }}
        >
          {t("parts.undo")}
        </Button>
      )}
      <IconButton label={t("parts.closeMessage")} icon={X} onPress={onDismiss} />
    </div>
  );
}
